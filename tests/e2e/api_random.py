#!/usr/bin/env python3
"""Random calls: any operation, any path, members of any name with any value.

Whatever comes, each call gets one answer below 500, AWS errors are well-formed,
and no process dies.  The seed is fixed; PAWL_SEED and PAWL_CALLS give others.
"""

import json
import os
import random
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pawld import Pawld, Tap  # noqa: E402

SEED = int(os.environ.get("PAWL_SEED", "1"))
CALLS = int(os.environ.get("PAWL_CALLS", "6000"))

STATES = """CreateStateMachine UpdateStateMachine DescribeStateMachine
DescribeStateMachineForExecution ListStateMachines DeleteStateMachine ListExecutions
StopExecution StartExecution StartSyncExecution DescribeExecution GetExecutionHistory
SendTaskSuccess SendTaskFailure SendTaskHeartbeat ValidateStateMachineDefinition
TagResource UntagResource ListTagsForResource ListStateMachineVersions
ListStateMachineAliases""".split()
SQS = """CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes ListQueues DeleteQueue
PurgeQueue SendMessage SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch
ChangeMessageVisibility ChangeMessageVisibilityBatch""".split()

PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
SM = "arn:aws:states:us-east-1:111111111111:stateMachine:"
EX = "arn:aws:states:us-east-1:111111111111:execution:"
ROLE = "arn:aws:iam::111111111111:role/x"

MEMBERS = """name definition roleArn type loggingConfiguration tracingConfiguration
encryptionConfiguration tags publish versionDescription stateMachineArn executionArn
includedData maxResults nextToken reverseOrder includeExecutionData statusFilter mapRunArn
redriveFilter error cause input traceHeader taskToken output resourceArn tagKeys severity
QueueName Attributes QueueUrl AttributeNames QueueNamePrefix MaxResults NextToken MessageBody
DelaySeconds MessageAttributes MaxNumberOfMessages VisibilityTimeout MessageAttributeNames
ReceiptHandle Entries waitSeconds op url timeoutSeconds body attributes maxMessages
receiptHandle decision defaultRoleArn messageId""".split()
VALUES = [
    None, True, False, 0, -1, 1, 5, 1000, 1001, 10**18, -10**18, 1.5, "", "a", "x" * 300, "ü€😀",
    "\x7f", PASS, "{}", "[", "not", SM + "m", SM + "none", SM + "m:1", EX + "m:e", EX + "m:none",
    "arn:", "arn:a:b:c:d:e:f", [], [1], ["All"], [None], {}, {"a": 1},
    {"level": "ALL", "destinations": 5}, {"level": "OFF", "destinations": [1]}, {"enabled": "x"},
    {"type": "AWS_OWNED_KEY"}, [{"key": "k", "value": "v"}], [{"key": 1}], ["k"], "STANDARD",
    "EXPRESS", "RUNNING", "q", "http://h/1/q", {"VisibilityTimeout": "1"},
    {"VisibilityTimeout": 5}, {"DataType": "String"},
    {"n": {"DataType": "String", "StringValue": "v"}}, {"n": 5},
    [{"Id": "a", "MessageBody": "b"}], [{"Id": "a", "ReceiptHandle": "1.x.y"}],
    [{"Id": "a", "MessageBody": "b", "MessageAttributes": {"n": {"DataType": "S"}}}],
    ROLE, "FollowExecution", "GetStatus", "approve", "http://x"]
GOOD = {"stateMachineArn": SM + "m", "executionArn": EX + "m:e", "name": "n", "definition": PASS,
        "roleArn": ROLE, "QueueUrl": "q", "QueueName": "q", "resourceArn": SM + "m",
        "MessageBody": "b", "input": "{}"}
NAMES = ["m", "m:e", "q", "none", "x", "%00", "%zz", "a%2Fb", "m:none", "arn:x", "n"]
QUERIES = ["", "?limit=1", "?limit=-1", "?nextToken=x", "?follow=true", "?wait=0", "?wait=x",
           "?reverse=true", "?machine=m&status=RUNNING", "?status=x", "?%zz=1", "?a&&=b"]


def one(s, rng, paths):
    """(what was sent, status, fault or None) of a random call."""
    params = dict(GOOD) if rng.random() < 0.8 else {}
    for k in rng.sample(MEMBERS, rng.randint(0, 6)):
        params[k] = rng.choice(VALUES)
    if rng.random() < 0.4:
        method, path = rng.choice(paths)
        path = re.sub(r"\{\w+\}", lambda m: rng.choice(NAMES), path) + rng.choice(QUERIES)
        status, _, _ = s.rest(method, path, params, {
            "Accept": rng.choice(["*/*", "text/html", "application/json"])})
        return (method, path, params), status, None
    service, prefix, names = rng.choice([("states", "AWSStepFunctions.", STATES),
                                         ("sqs", "AmazonSQS.", SQS)])
    target = prefix + rng.choice(names)
    status, _, text = s.aws_raw(target, json.dumps(params).encode(), service)
    try:
        body = json.loads(text)
        good = status == 200 or ("__type" in body and isinstance(body["message"], str))
    except ValueError:
        good = False
    return (target, params), status, None if good else text


def main():
    tap = Tap()
    rng = random.Random(SEED)
    with Pawld(processes=2) as s:
        s.machine("m", PASS)
        s.start_execution(SM + "m", {}, "e")
        s.sqs("CreateQueue", {"QueueName": "q"})
        doc = json.loads(s.http("GET", "/openapi.json")[2])
        paths = [(m.upper(), p) for p, ms in sorted(doc["paths"].items()) for m in sorted(ms)]
        faults, seen = [], set()
        for _ in range(CALLS):
            sent, status, fault = one(s, rng, paths)
            seen.add(status)
            if status >= 500 or fault is not None:
                faults.append((sent, status, fault))
        tap.ok(not faults, "%d random calls (seed %d) are answered" % (CALLS, SEED), *faults[:5])
        tap.ok({200, 201, 204, 400, 404} <= seen, "some of them succeed", sorted(seen))
        tap.ok(s.stop() == 0, "a clean stop")
        died = [line for line in s.log().splitlines() if "ended" in line or " error " in line]
        tap.ok(not died, "no process died and no error was logged", *died)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
