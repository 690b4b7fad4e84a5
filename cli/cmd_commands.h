/*
 * cli/cmd_commands.h - every command, by the file it stands in.
 */

#ifndef PAWL_CMD_COMMANDS_H
#define PAWL_CMD_COMMANDS_H

#include "cmd.h"

extern const struct cmd	 cmd_approve, cmd_reject;
extern const struct cmd	 cmd_functions_ls, cmd_functions_rm,
			 cmd_functions_set, cmd_functions_show;
extern const struct cmd	 cmd_help;
extern const struct cmd	 cmd_history;
extern const struct cmd	 cmd_ls;
extern const struct cmd	 cmd_machine_create, cmd_machine_ls, cmd_machine_rm,
			 cmd_machine_show, cmd_machine_update;
extern const struct cmd	 cmd_queues_ack, cmd_queues_create, cmd_queues_ls,
			 cmd_queues_receive, cmd_queues_rm, cmd_queues_send,
			 cmd_queues_show;
extern const struct cmd	 cmd_show;
extern const struct cmd	 cmd_start;
extern const struct cmd	 cmd_status;
extern const struct cmd	 cmd_stop;
extern const struct cmd	 cmd_test_state;
extern const struct cmd	 cmd_validate;
extern const struct cmd	 cmd_version;

#endif
