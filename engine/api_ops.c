/*
 * engine/api_ops.c - the table of operations.
 */

#include "op.h"

extern const struct api_op op_change_visibility, op_change_visibility_batch,
    op_create_machine, op_create_queue, op_delete_function, op_delete_machine,
    op_delete_message, op_delete_message_batch, op_delete_queue,
    op_describe_execution, op_describe_machine, op_describe_machine_for_execution,
    op_describe_task, op_execution_history, op_follow, op_get_function,
    op_get_queue_attributes, op_get_queue_url, op_list_aliases,
    op_list_executions, op_list_functions, op_list_machines, op_list_queues,
    op_list_tags, op_list_versions, op_purge_queue, op_put_function,
    op_put_machine, op_receive_message, op_rest_delete_message,
    op_rest_delete_queue, op_rest_get_queue, op_rest_list_queues,
    op_rest_put_queue, op_rest_receive, op_rest_send, op_send_message,
    op_send_message_batch, op_send_task_failure, op_send_task_heartbeat,
    op_send_task_success, op_set_queue_attributes, op_start_execution,
    op_start_sync_execution, op_status, op_stop_execution, op_tag, op_untag,
    op_update_machine, op_validate;

const struct api_op *const api_ops[] = {
	/* the hot ones first: they are found by a walk */
	&op_start_execution,
	&op_describe_execution,
	&op_execution_history,
	&op_send_task_success,
	&op_send_task_failure,
	&op_send_task_heartbeat,
	&op_send_message,
	&op_receive_message,
	&op_delete_message,

	&op_create_machine,
	&op_update_machine,
	&op_describe_machine,
	&op_describe_machine_for_execution,
	&op_list_machines,
	&op_delete_machine,
	&op_list_executions,
	&op_stop_execution,
	&op_start_sync_execution,
	&op_validate,
	&op_tag,
	&op_untag,
	&op_list_tags,
	&op_list_versions,
	&op_list_aliases,

	&op_create_queue,
	&op_get_queue_url,
	&op_get_queue_attributes,
	&op_set_queue_attributes,
	&op_list_queues,
	&op_delete_queue,
	&op_purge_queue,
	&op_send_message_batch,
	&op_delete_message_batch,
	&op_change_visibility,
	&op_change_visibility_batch,

	&op_put_machine,
	&op_describe_task,
	&op_follow,
	&op_put_function,
	&op_get_function,
	&op_delete_function,
	&op_list_functions,
	&op_rest_put_queue,
	&op_rest_get_queue,
	&op_rest_list_queues,
	&op_rest_delete_queue,
	&op_rest_send,
	&op_rest_receive,
	&op_rest_delete_message,
	&op_status,
	NULL
};
