#!/usr/bin/env python3
"""Tasks that call pawl itself: nested executions, aws-sdk:sfn, aws-sdk:sqs.

Shapes follow recordings services/test_aws_sdk_task_service,
services/test_sfn_task_service, callback/test_callback (test_start_execution_sync,
test_sqs_wait_for_task_token) and local_mocking/test_base_callbacks.
"""

import json
import os
import re
import signal
import sys

from pawld import AwsError, Pawld, Tap, wait_for

ISO = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z$")


def task(resource, parameters, **more):
    return {"StartAt": "T", "States": {"T": dict(
        {"Type": "Task", "Resource": "arn:aws:states:::" + resource,
         "Parameters": parameters, "End": True}, **more)}}


def types(events):
    return [e["type"] for e in events]


class Test:
    def __init__(self, server, tap):
        self.server, self.tap, self.n = server, tap, 0

    def machine(self, definition):
        self.n += 1
        return self.server.machine("m%d" % self.n, definition)

    def run(self, definition, value=None):
        """(description, events) of one execution."""
        arn = self.server.start_execution(self.machine(definition), value)
        return self.server.ended(arn), self.server.history(arn)

    def nested(self):
        tap, server = self.tap, self.server
        child = self.machine({"StartAt": "P", "States": {"P": {
            "Type": "Pass", "Result": {"done": 1}, "End": True}}})
        d, events = self.run(task("states:startExecution.sync:2", {
            "StateMachineArn": child, "Input": {"a": [1, None]}, "Name": "first"}))
        out = json.loads(d["output"])
        tap.same(types(events), [
            "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted",
            "TaskSubmitted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"],
            "startExecution.sync:2 is submitted, then succeeds")
        tap.same((out["Status"], out["Input"], out["Output"], out["Name"]),
                 ("SUCCEEDED", {"a": [1, None]}, {"done": 1}, "first"),
                 "its result is the description, Input and Output as JSON")
        d, _ = self.run(task("states:startExecution.sync", {"StateMachineArn": child}))
        out = json.loads(d["output"])
        tap.same((out["Input"], out["Output"]), ("{}", '{"done":1}'),
                 "startExecution.sync gives them as text")
        d, events = self.run(task("states:startExecution", {
            "StateMachineArn": child, "Name": "second"}))
        out = json.loads(d["output"])
        tap.ok(sorted(out) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata",
                               "StartDate"] and out["ExecutionArn"].endswith(":second"),
               "startExecution answers when it is started", out)
        tap.same(server.ended(out["ExecutionArn"])["status"], "SUCCEEDED",
                 "the execution runs by itself")
        d, _ = self.run(task("aws-sdk:sfn:startExecution", {
            "StateMachineArn": child, "Input": {"key": "value"}}))
        out = json.loads(d["output"])
        tap.ok(sorted(out) == ["ExecutionArn", "StartDate"] and ISO.match(out["StartDate"]),
               "aws-sdk:sfn:startExecution gives its ARN and time", out)
        tap.same(server.ended(out["ExecutionArn"])["input"], '{"key":"value"}',
                 "Input that is JSON is sent as its text")

    def nested_failures(self):
        tap = self.tap
        bad = self.machine({"StartAt": "F", "States": {"F": {
            "Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}})
        d, events = self.run(task("states:startExecution.sync", {"StateMachineArn": bad}))
        cause = json.loads(d["cause"])
        tap.same((d["status"], d["error"], cause["Status"], cause["Error"], cause["Cause"]),
                 ("FAILED", "States.TaskFailed", "FAILED", "Broken", "on purpose"),
                 "a child that fails fails the task, its description is the cause")
        tap.same(types(events)[-2:], ["TaskFailed", "ExecutionFailed"],
                 "as TaskFailed, after TaskSubmitted")
        gone = bad + "-gone"
        d, events = self.run(task("states:startExecution.sync", {"StateMachineArn": gone}))
        tap.same((d["error"], types(events)[-2]),
                 ("StepFunctions.StateMachineDoesNotExistException", "TaskSubmitFailed"),
                 "a machine that is not there: TaskSubmitFailed")
        d, events = self.run(task("aws-sdk:sfn:startExecution", {"StateMachineArn": gone}))
        tap.ok(d["error"] == "Sfn.StateMachineDoesNotExistException" and re.match(
            r"State Machine Does Not Exist: '.*-gone' \(Service: Sfn, Status Code: 400, "
            r"Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: 1\)$", d["cause"]),
            "the same through the SDK, in its words", d.get("error"), d.get("cause"))
        d, _ = self.run(task("aws-sdk:sfn:sendTaskSuccess", {
            "Output": "no JSON", "TaskToken": "NoSuchTaskToken"}))
        tap.ok(d["error"] == "Sfn.InvalidTokenException" and
               d["cause"].startswith("Invalid Token: 'Invalid token' (Service: Sfn, "),
               "a token of nobody", d.get("error"), d.get("cause"))
        d, _ = self.run(task("aws-sdk:sfn:paintItBlue", {}))
        tap.ok(d["error"].startswith("Sfn.UnknownOperation"),
               "an operation that is not there", d.get("error"), d.get("cause"))

    def nested_timeout(self):
        slow = self.machine({"StartAt": "W", "States": {"W": {
            "Type": "Wait", "Seconds": 600, "End": True}}})
        d, events = self.run(task("states:startExecution.sync", {
            "StateMachineArn": slow, "Name": "slow"}, TimeoutSeconds=1))
        self.tap.same((d["status"], d["error"], types(events)[-2]),
                      ("FAILED", "States.Timeout", "TaskTimedOut"),
                      "TimeoutSeconds ends the waiting")
        queue = self.server.sqs("CreateQueue", {"QueueName": "empty"})["QueueUrl"]
        d, events = self.run(task("aws-sdk:sqs:receiveMessage", {
            "QueueUrl": queue, "WaitTimeSeconds": 20}, TimeoutSeconds=1))
        self.tap.same((d["error"], types(events)[-2]), ("States.Timeout", "TaskTimedOut"),
                      "and cuts off a call that is under way")

    def queues(self):
        tap, server = self.tap, self.server
        url = server.sqs("CreateQueue", {"QueueName": "work"})["QueueUrl"]
        d, _ = self.run(task("aws-sdk:sqs:sendMessage", {
            "QueueUrl": url, "MessageBody": {"order": 7},
            "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "x"}}}))
        out = json.loads(d["output"])
        tap.same(sorted(out), ["Md5OfMessageAttributes", "Md5OfMessageBody", "MessageId"],
                 "aws-sdk:sqs:sendMessage tells what the SDK tells")
        d, _ = self.run(task("aws-sdk:sqs:receiveMessage", {
            "QueueUrl": url, "MessageAttributeNames": ["All"]}))
        message = json.loads(d["output"])["Messages"][0]
        tap.same((message["Body"], message["MessageAttributes"]["kind"]["StringValue"]),
                 ('{"order":7}', "x"), "receiveMessage gives what was sent")
        d, _ = self.run(task("aws-sdk:sqs:deleteMessage", {
            "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}))
        tap.same(d.get("output"), "{}", "deleteMessage takes it out")
        d, _ = self.run(task("aws-sdk:sqs:receiveMessage", {"QueueUrl": url}))
        tap.same(json.loads(d["output"]), {}, "an empty queue has no Messages")
        d, _ = self.run(task("aws-sdk:sqs:receiveMessage", {"QueueUrl": url + "-gone"}))
        tap.same(d["error"], "Sqs.QueueDoesNotExistException", "a queue that is not there")

    def callback(self):
        """A workflow that answers another's task token."""
        server = self.server
        url = server.sqs("CreateQueue", {"QueueName": "tokens"})["QueueUrl"]
        asks = server.start_execution(self.machine(task("sqs:sendMessage.waitForTaskToken", {
            "QueueUrl": url, "MessageBody": {"Token.$": "$$.Task.Token"}},
            HeartbeatSeconds=60)))
        body = json.loads(wait_for(lambda: server.sqs("ReceiveMessage", {
            "QueueUrl": url, "WaitTimeSeconds": 2}).get("Messages"), 20)[0]["Body"])
        answers = {"StartAt": "H", "States": {
            "H": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskHeartbeat",
                  "Parameters": {"TaskToken.$": "$.Token"}, "ResultPath": None, "Next": "S"},
            "S": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
                  "Parameters": {"TaskToken.$": "$.Token", "Output": {"yes": True}},
                  "End": True}}}
        d, _ = self.run(answers, body)
        self.tap.same((d["status"], d.get("output")), ("SUCCEEDED", "{}"),
                      "a workflow sends heartbeat and success")
        self.tap.same(server.ended(asks)["output"], '{"yes":true}',
                      "and the other one goes on with it")

    def crash(self):
        """Killed while a child runs: the parent finds it again, and starts no other."""
        tap, server = self.tap, self.server
        child = self.machine({"StartAt": "W", "States": {"W": {
            "Type": "Wait", "Seconds": 3, "End": True}}})
        parent = server.start_execution(self.machine(task(
            "states:startExecution.sync", {"StateMachineArn": child})))
        wait_for(lambda: "TaskSubmitted" in types(server.history(parent)), 20)
        for pid in server.children():
            try:
                with open("/proc/%d/cmdline" % pid) as f:
                    if "postgres" not in f.read():
                        os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

        def end():
            try:
                return server.ended(parent, 1)
            except (AwsError, OSError):
                return None
        d = wait_for(end, 60, 0.2)
        tap.same(d and d["status"], "SUCCEEDED", "a parent outlives a crash of its process")
        tap.same(types(server.history(parent)).count("TaskSubmitted"), 1,
                 "it was submitted once")
        listed = server.aws("ListExecutions", {"stateMachineArn": child})["executions"]
        tap.same(len(listed), 1, "one child was started")


def main():
    tap = Tap()
    with Pawld() as server:
        test = Test(server, tap)
        test.nested()
        test.nested_failures()
        test.nested_timeout()
        test.queues()
        test.callback()
        test.crash()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
