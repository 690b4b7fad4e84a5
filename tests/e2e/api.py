#!/usr/bin/env python3
"""The API from outside: every operation in both protocols, callbacks, bad input.

Runs against a pawld of its own with several processes, so that calls are
forwarded; each request is on a new connection, which any process may take.
"""

import datetime
import hashlib
import http.client
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pawld import AwsError, Functions, Pawld, Tap, sign, wait_for  # noqa: E402

ROLE = "arn:aws:iam::111111111111:role/test"
SM = "arn:aws:states:us-east-1:111111111111:stateMachine:"
EX = "arn:aws:states:us-east-1:111111111111:execution:"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x": 1}, "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
ECHO = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
CHAIN = {"StartAt": "S0", "States": dict(
    [("S%d" % i, {"Type": "Pass", "Next": "S%d" % (i + 1)}) for i in range(119)],
    S119={"Type": "Pass", "End": True})}

tap = Tap()
ok, same = tap.ok, tap.same


def approval(queue_url, **state):
    return {"StartAt": "Ask", "States": {"Ask": dict({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue_url,
                       "MessageBody": {"token.$": "$$.Task.Token",
                                       "url.$": "$$.Task.CallbackUrl",
                                       "what.$": "$.what"}},
        "End": True}, **state)}}


def refused(call, code, message, name, status=400):
    """The call must fail so; message may be a regular expression after '~'."""
    try:
        got = call()
    except AwsError as e:
        good = e.code == code and e.status == status and (
            re.search(message[1:], e.message) is not None if message.startswith("~")
            else e.message == message)
        return ok(good, name, "got  %s %d: %s" % (e.code, e.status, e.message),
                  "want %s %d: %s" % (code, status, message))
    return ok(False, name, "it succeeded: %r" % (got,))


def rest_refused(server, method, path, body, status, error, name, **how):
    got, _, value = server.rest(method, path, body, **how)
    return ok(got == status and isinstance(value, dict) and value.get("error") == error
              and value.get("message"), name, "got %d %r, want %d %s"
              % (got, value, status, error))


# ---- who may call ----


def test_doors(s):
    body = b"{}"
    json_headers = {"Content-Type": "application/x-amz-json-1.0",
                    "X-Amz-Target": "AWSStepFunctions.ListStateMachines"}

    def code(answer):
        return answer[0], json.loads(answer[2]).get("__type")
    target = "AWSStepFunctions.ListStateMachines"
    same(code(s.http("POST", "/", body, json_headers)),
         (403, "MissingAuthenticationTokenException"), "no signature")
    same(code(s.http("POST", "/", body, dict(json_headers, Authorization="Basic eDp5"))),
         (403, "IncompleteSignatureException"), "another kind of Authorization")
    same(code(s.aws_raw(target, body, key_id="AKIDNOBODY")),
         (403, "UnrecognizedClientException"), "unknown access key")
    same(code(s.aws_raw(target, body, secret="wrong")),
         (403, "InvalidSignatureException"), "wrong secret")
    same(code(s.aws_raw(target, body, signed_for="sqs")),
         (403, "InvalidSignatureException"), "signed for another service")
    now = datetime.datetime.now(datetime.timezone.utc)
    for minutes, want in ((-20, 403), (20, 403), (-10, 200), (10, 200)):
        got = s.aws_raw(target, body, now=now + datetime.timedelta(minutes=minutes))
        same(got[0], want, "a clock that is %+d minutes off" % minutes)
    headers = sign("POST", "127.0.0.1:%d" % s.port, "/", "", json_headers, body,
                   "states", s.key_id, s.secret)
    same(code(s.http("POST", "/", b'{"maxResults":1}', headers)),
         (403, "InvalidSignatureException"), "a body other than the signed one")
    same(s.aws_raw(target, body, headers={"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"},
                   payload_hash="UNSIGNED-PAYLOAD")[0], 200, "an unsigned payload")
    same(code(s.aws_raw(target, body, headers={"X-Amz-Content-Sha256": "0" * 64})),
         (403, "InvalidSignatureException"), "a false payload hash")

    for path in ("/v1/machines", "/v1/status", "/v1/nothing"):
        for auth in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "},
                     {"Authorization": s.api_key}):
            got = s.http("GET", path, None, auth)
            if got[0] != 401 or json.loads(got[2])["error"] != "Unauthorized":
                ok(False, "closed door", path, auth, got)
                break
        else:
            ok(True, "GET %s is closed without the key" % path)
    same(s.http("POST", "/internal/forget?kind=machine&name=x", b"")[0], 404,
         "the internal path is not on the public port")
    same(s.http("GET", "/healthz")[2], b"ok\n", "/healthz is open")
    got = s.http("GET", "/openapi.json")
    same(json.loads(got[2])["openapi"], "3.1.0", "/openapi.json is open")
    same(s.http("DELETE", "/healthz")[0], 405, "/healthz takes no DELETE")
    same(s.http("HEAD", "/healthz")[0], 200, "/healthz takes HEAD")
    same(s.http("GET", "/")[0], 404, "GET / says where things are")


# ---- state machines ----


def test_machines(s):
    arn = s.machine("crud", PASS, tags=[{"key": "a", "value": "1"}])
    same(arn, SM + "crud", "CreateStateMachine answers the ARN")
    d = s.aws("DescribeStateMachine", {"stateMachineArn": arn})
    same((d["name"], d["type"], d["status"], json.loads(d["definition"]), d["roleArn"]),
         ("crud", "STANDARD", "ACTIVE", PASS, ROLE), "DescribeStateMachine")
    same((d["loggingConfiguration"], d["tracingConfiguration"], "revisionId" in d),
         ({"level": "OFF", "includeExecutionData": False}, {"enabled": False}, False),
         "defaults of a new machine")
    ok(isinstance(d["creationDate"], float), "dates are numbers of seconds")
    same(s.machine("crud", PASS, roleArn="arn:aws:iam::111111111111:role/other"), arn,
         "creating it again with another role is the same answer")
    refused(lambda: s.machine("crud", ECHO), "StateMachineAlreadyExists",
            "State Machine Already Exists: '%s'" % arn, "creating another of its name")
    u = s.aws("UpdateStateMachine", {"stateMachineArn": arn, "definition": json.dumps(ECHO)})
    d = s.aws("DescribeStateMachine", {"stateMachineArn": arn})
    same((json.loads(d["definition"]), d["revisionId"]), (ECHO, u["revisionId"]),
         "UpdateStateMachine makes a revision")
    u2 = s.aws("UpdateStateMachine", {"stateMachineArn": arn, "definition": json.dumps(ECHO),
                                      "roleArn": ROLE})
    same(u2["revisionId"], u["revisionId"], "an update that changes nothing does not")
    u3 = s.aws("UpdateStateMachine", {"stateMachineArn": arn,
                                      "tracingConfiguration": {"enabled": True}})
    ok(u3["revisionId"] != u["revisionId"], "tracing makes one")
    refused(lambda: s.aws("UpdateStateMachine", {"stateMachineArn": arn}),
            "MissingRequiredParameter", "Either the definition, the role ARN, the "
            "LoggingConfiguration, or the TracingConfiguration must be specified",
            "an update of nothing")
    s.aws("TagResource", {"resourceArn": arn, "tags": [{"key": "b", "value": "2"},
                                                       {"key": "a", "value": "3"}]})
    s.aws("UntagResource", {"resourceArn": arn, "tagKeys": ["b", "zzz"]})
    same(s.aws("ListTagsForResource", {"resourceArn": arn})["tags"],
         [{"key": "a", "value": "3"}], "tags")
    same(s.aws("DescribeStateMachine", {"stateMachineArn": arn})["revisionId"],
         u3["revisionId"], "tags make no revision that clients see")
    refused(lambda: s.aws("TagResource", {"resourceArn": arn + ":1", "tags": []}),
            "ResourceNotFound", "Resource not found: '%s:1'" % arn, "tags of a version")
    same(s.aws("ListStateMachineVersions", {"stateMachineArn": arn}),
         {"stateMachineVersions": []}, "ListStateMachineVersions")
    same(s.aws("ListStateMachineAliases", {"stateMachineArn": arn}),
         {"stateMachineAliases": []}, "ListStateMachineAliases")
    for n in range(7):
        s.machine("page_%d" % n, PASS)
    names, token, pages = [], None, 0
    while True:
        page = s.aws("ListStateMachines", dict({"maxResults": 3},
                                               **({"nextToken": token} if token else {})))
        names += [m["name"] for m in page["stateMachines"]]
        pages += 1
        token = page.get("nextToken")
        if not token:
            break
    same((names, pages), (["crud"] + ["page_%d" % n for n in range(7)], 3),
         "ListStateMachines pages by name")
    same(s.aws("DeleteStateMachine", {"stateMachineArn": arn}), {}, "DeleteStateMachine")
    same(s.aws("DeleteStateMachine", {"stateMachineArn": arn}), {}, "once more is no error")
    refused(lambda: s.aws("DescribeStateMachine", {"stateMachineArn": arn}),
            "StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'" % arn,
            "it is gone")
    refused(lambda: s.start_execution(arn), "StateMachineDoesNotExist",
            "State Machine Does Not Exist: '%s'" % arn, "and cannot be started")

    logging = {"level": "ALL", "includeExecutionData": True, "destinations": [
        {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:1:log-group:g:*"}}]}
    arn = s.machine("logged", PASS, loggingConfiguration=logging)
    same(s.aws("DescribeStateMachine", {"stateMachineArn": arn})["loggingConfiguration"],
         logging, "logging is echoed")
    text = "Invalid Logging Configuration: Must specify exactly one Log Destination."
    refused(lambda: s.machine("l2", PASS, loggingConfiguration={"level": "ALL"}),
            "InvalidLoggingConfiguration", text, "logging without a destination")
    refused(lambda: s.machine("l2", PASS, loggingConfiguration=dict(
        logging, destinations=logging["destinations"] * 2)),
        "InvalidLoggingConfiguration", text, "logging with two")
    arn = s.machine("express", PASS, type="EXPRESS")
    same(s.aws("DescribeStateMachine", {"stateMachineArn": arn})["type"], "EXPRESS",
         "EXPRESS machines are stored")
    refused(lambda: s.start_execution(arn), "StateMachineTypeNotSupported", "~not",
            "and refused clearly")
    refused(lambda: s.aws("StartSyncExecution", {"stateMachineArn": s.machine("std", PASS)}),
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
            "StartSyncExecution of a STANDARD machine")


def test_definitions(s):
    refused(lambda: s.machine("bad", {"States": {"A": {"Type": "Pass", "End": True}}}),
            "InvalidDefinition", "Invalid State Machine Definition: "
            "'SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /'",
            "a definition without StartAt")
    refused(lambda: s.machine("bad", "{nope"), "InvalidDefinition",
            "~^Invalid State Machine Definition: ", "a definition that is no JSON")
    refused(lambda: s.machine("bad", "[" * 10000 + "]" * 10000), "InvalidDefinition",
            "~^Invalid State Machine Definition: ", "a definition 10,000 deep")
    refused(lambda: s.machine("bad", {"StartAt": "A", "States": {"A": {"Type": "Nope"}}}),
            "InvalidDefinition", "~at /States/A/Type", "an unknown state type")
    refused(lambda: s.machine("bad", {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"}}}), "InvalidDefinition", "~B", "a missing Next")
    refused(lambda: s.machine("bad", approval("u"), type="EXPRESS"), "InvalidDefinition",
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state "
            "machine does not support '.waitForTaskToken' service integration  at "
            "/States/Ask/Resource'", "an EXPRESS machine that waits")
    v = s.aws("ValidateStateMachineDefinition", {"definition": json.dumps(PASS)})
    same(v, {"result": "OK", "diagnostics": [], "truncated": False},
         "ValidateStateMachineDefinition: OK")
    v = s.aws("ValidateStateMachineDefinition", {"definition": '{"States":{}}'})
    same((v["result"], v["diagnostics"][0]["code"], sorted(v["diagnostics"][0])),
         ("FAIL", "SCHEMA_VALIDATION_FAILED", ["code", "location", "message", "severity"]),
         "ValidateStateMachineDefinition: FAIL")


# ---- executions ----


def test_executions(s):
    arn = s.machine("run", PASS)
    e = s.start_execution(arn, {"a": 1}, "first")
    same(e, EX + "run:first", "StartExecution answers the ARN")
    d = s.ended(e)
    same((d["status"], d["input"], d["output"], d["inputDetails"], d["outputDetails"],
          d["redriveCount"], d["redriveStatus"], d["redriveStatusReason"],
          d["stateMachineArn"], d["name"]),
         ("SUCCEEDED", '{"a": 1}', '{"x":1}', {"included": True}, {"included": True}, 0,
          "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven", arn, "first"),
         "DescribeExecution")
    ok(d["stopDate"] >= d["startDate"], "it has both dates")
    d = s.aws("DescribeExecution", {"executionArn": e, "includedData": "METADATA_ONLY"})
    ok("input" not in d and "output" not in d, "metadata only")
    refused(lambda: s.start_execution(arn, {"a": 1}, "first"), "ExecutionAlreadyExists",
            "Execution Already Exists: '%s'" % e, "the name of an ended execution")
    d = s.aws("DescribeStateMachineForExecution", {"executionArn": e})
    same((json.loads(d["definition"]), d["stateMachineArn"], "updateDate" in d),
         (PASS, arn, True), "DescribeStateMachineForExecution")
    fail = s.machine("failing", {"StartAt": "F", "States": {
        "F": {"Type": "Fail", "Error": "E", "Cause": "because"}}})
    d = s.ended(s.start_execution(fail))
    same((d["status"], d["error"], d["cause"], d["redriveStatus"]),
         ("FAILED", "E", "because", "REDRIVABLE"), "a failed execution")

    waiting = s.machine("waiting", WAIT)
    one = s.aws("StartExecution", {"stateMachineArn": waiting, "name": "w", "input": "{}"})
    two = s.aws("StartExecution", {"stateMachineArn": waiting, "name": "w", "input": "{}"})
    same(two, one, "starting the same name and input again is the same answer")
    refused(lambda: s.start_execution(waiting, {"other": 1}, "w"), "ExecutionAlreadyExists",
            "Execution Already Exists: '%s'" % (EX + "waiting:w"), "with another input it is not")
    d = s.aws("DescribeExecution", {"executionArn": one["executionArn"]})
    same((d["status"], "stopDate" in d, "output" in d), ("RUNNING", False, False),
         "a running execution")
    stop = s.aws("StopExecution", {"executionArn": one["executionArn"], "error": "Err",
                                   "cause": "told to"})
    d = s.aws("DescribeExecution", {"executionArn": one["executionArn"]})
    same((d["status"], d["error"], d["cause"], d["stopDate"]),
         ("ABORTED", "Err", "told to", stop["stopDate"]), "StopExecution")
    same(s.aws("StopExecution", {"executionArn": one["executionArn"]}), stop,
         "stopping it again tells when it ended")
    missing = EX + "waiting:none"
    for op in ("DescribeExecution", "GetExecutionHistory", "StopExecution",
               "DescribeStateMachineForExecution"):
        refused(lambda: s.aws(op, {"executionArn": missing}), "ExecutionDoesNotExist",
                "Execution Does Not Exist: '%s'" % missing, op + " of no execution")
        refused(lambda: s.aws(op, {"executionArn": "nonsense"}), "InvalidArn",
                "Invalid Arn: 'Invalid ARN prefix: nonsense'", op + " of no ARN")
        refused(lambda: s.aws(op, {"executionArn": EX.replace(":execution:", ":express:")
                                   + "a:b:c"}), "InvalidArn",
                "Invalid Arn: 'Resource type not valid in this context: express'",
                op + " of an express execution")

    for text, why in (("not json", "Unrecognized token 'not': was expecting (JSON String, "
                       "Number, Array, Object or token 'null', 'true' or 'false')"),
                      ("{'a': 1", "Unexpected character (''' (code 39)): was expecting "
                       "double-quote to start field name"),
                      ("", "Invalid execution input.")):
        refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn, "input": text}),
                "InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'" % why,
                "input %r" % text)
    refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn,
                                             "input": "[" * 10000 + "]" * 10000}),
            "InvalidExecutionInput", "~.", "an input 10,000 deep")
    refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn, "input": '"\\u0000"'}),
            "InvalidExecutionInput", "~.", "an input with a NUL")
    refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn, "input": '"\\ud800"'}),
            "InvalidExecutionInput", "~.", "an input with a lone surrogate")
    refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn,
                                             "input": '"%s"' % ("x" * 262143)}),
            "ValidationException", "~262144$", "an input of 262,145 bytes")
    e = s.aws("StartExecution", {"stateMachineArn": arn, "input": '"%s"' % ("x" * 262142)})
    same(s.ended(e["executionArn"])["status"], "SUCCEEDED", "one of 262,144 bytes is fine")
    for name in ("a/b", "a b", "a:b", "a*", "a\x7f", "\u0085"):
        refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn, "name": name}),
                "InvalidName", "Invalid Name: '%s'" % name, "execution name %r" % name)
        refused(lambda: s.machine(name, PASS), "InvalidName", "Invalid Name: '%s'" % name,
                "machine name %r" % name)
    refused(lambda: s.aws("StartExecution", {"stateMachineArn": arn, "name": "n" * 81}),
            "ValidationException", "1 validation error detected: Value '%s' at 'name' failed "
            "to satisfy constraint: Member must have length less than or equal to 80"
            % ("n" * 81), "a name of 81 characters")
    e = s.start_execution(arn, {"ü": "€"}, "Grüße-✓")
    same(s.ended(e)["name"], "Grüße-✓", "names and payloads in UTF-8")


def test_lists(s):
    arn = s.machine("many", PASS)
    for n in range(13):
        s.ended(s.start_execution(arn, {}, "e%02d" % n))
    names, token = [], None
    while True:
        page = s.aws("ListExecutions", dict({"stateMachineArn": arn, "maxResults": 5},
                                            **({"nextToken": token} if token else {})))
        names += [x["name"] for x in page["executions"]]
        token = page.get("nextToken")
        if not token:
            break
    same(names, ["e%02d" % n for n in reversed(range(13))], "ListExecutions pages, newest first")
    page = s.aws("ListExecutions", {"stateMachineArn": arn, "maxResults": 5})
    for what, params in (("of another list", {"stateMachineArn": arn, "statusFilter": "FAILED"}),
                         ("of another machine", {"stateMachineArn": s.machine("other", PASS)})):
        refused(lambda: s.aws("ListExecutions", dict(params, nextToken=page["nextToken"])),
                "InvalidToken", "Invalid Token: 'Invalid token'", "a page token " + what)
    for token in ("x", "AAAA", page["nextToken"][:-2], page["nextToken"] + "AA", "é"):
        refused(lambda: s.aws("ListExecutions", {"stateMachineArn": arn, "nextToken": token}),
                "InvalidToken", "Invalid Token: 'Invalid token'", "page token %.12r" % token)
    refused(lambda: s.aws("ListStateMachines", {"nextToken": page["nextToken"]}), "InvalidToken",
            "Invalid Token: 'Invalid token'", "a page token of another operation")
    same(len(s.aws("ListExecutions", {"stateMachineArn": arn, "maxResults": 0})["executions"]),
         13, "maxResults 0 means the default")
    same([len(s.aws("ListExecutions", {"stateMachineArn": arn, "statusFilter": f})["executions"])
          for f in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE")], [13, 0, 0], "statusFilter")
    refused(lambda: s.aws("ListExecutions", {"stateMachineArn": arn, "statusFilter": "done"}),
            "ValidationException", "1 validation error detected: Value 'done' at 'statusFilter' "
            "failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, "
            "TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]", "another statusFilter")
    for n, what in ((1001, "less than or equal to 1000"), (-1, "greater than or equal to 0")):
        refused(lambda: s.aws("ListStateMachines", {"maxResults": n}), "ValidationException",
                "1 validation error detected: Value '%d' at 'maxResults' failed to satisfy "
                "constraint: Member must have value %s" % (n, what), "maxResults %d" % n)
    refused(lambda: s.aws("ListExecutions", {"stateMachineArn": SM + "none"}),
            "StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'" % (SM + "none"),
            "executions of no machine")
    refused(lambda: s.aws("ListExecutions", {"stateMachineArn": s.machine("x1", PASS,
                                                                          type="EXPRESS")}),
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
            "executions of an EXPRESS machine")


def test_history(s):
    arn = s.machine("chain", CHAIN)
    e = s.start_execution(arn, {"v": 1}, "h")
    s.ended(e)
    whole = s.history(e)
    same([x["id"] for x in whole], list(range(1, 243)), "the history is dense")
    same((whole[0]["type"], whole[0]["executionStartedEventDetails"]["input"],
          whole[-1]["type"]), ("ExecutionStarted", '{"v": 1}', "ExecutionSucceeded"),
         "from its first to its last event")
    for reverse in (False, True):
        events, token, sizes = [], None, []
        while True:
            page = s.aws("GetExecutionHistory", dict(
                {"executionArn": e, "maxResults": 50, "reverseOrder": reverse},
                **({"nextToken": token} if token else {})))
            events += page["events"]
            sizes.append(len(page["events"]))
            token = page.get("nextToken")
            if not token:
                break
        same((events, sizes), (whole[::-1] if reverse else whole, [50, 50, 50, 50, 42]),
             "pages of the history" + (", reversed" if reverse else ""))
    page = s.aws("GetExecutionHistory", {"executionArn": e, "maxResults": 50})
    same(len(s.aws("GetExecutionHistory", {"executionArn": e})["events"]), 100,
         "a page has 100 events unless told")
    refused(lambda: s.aws("GetExecutionHistory", {"executionArn": e, "reverseOrder": True,
                                                  "nextToken": page["nextToken"]}),
            "InvalidToken", "Invalid Token: 'Invalid token'", "a token of the other order")
    bare = s.aws("GetExecutionHistory", {"executionArn": e, "includeExecutionData": False,
                                         "maxResults": 3})["events"]
    ok("input" not in bare[0]["executionStartedEventDetails"], "without data", bare[0])


# ---- tasks that wait, and callbacks ----


def ask(s, machine, url, what, name=None):
    """(execution ARN, what was asked) of a new approval."""
    e = s.start_execution(machine, {"what": what}, name)
    got = s.sqs("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 20})["Messages"][0]
    s.sqs("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": got["ReceiptHandle"]})
    return e, json.loads(got["Body"])


def test_tokens(s, url):
    arn = s.machine("tokens", approval(url))
    e, asked = ask(s, arn, url, "x")
    token = asked["token"]
    same(s.aws("SendTaskHeartbeat", {"taskToken": token}), {}, "SendTaskHeartbeat")
    refused(lambda: s.aws("SendTaskSuccess", {"taskToken": token, "output": "nope"}),
            "InvalidOutput", "~^Invalid Output: 'Unrecognized token 'nope'",
            "an output that is no JSON")
    same(s.aws("SendTaskSuccess", {"taskToken": token, "output": '{"ok": true}'}), {},
         "SendTaskSuccess")
    same(s.ended(e)["output"], '{"ok": true}', "its output is the execution's")
    for op, more in (("SendTaskSuccess", {"output": "{}"}), ("SendTaskFailure", {}),
                     ("SendTaskHeartbeat", {})):
        refused(lambda: s.aws(op, dict({"taskToken": token}, **more)), "TaskTimedOut",
                "Task Timed Out: 'Provided task does not exist anymore'", op + " a second time")
        for bad in ("x", token[:-4] + "AAAA", token[4:], "A" * len(token)):
            refused(lambda: s.aws(op, dict({"taskToken": bad}, **more)), "InvalidToken",
                    "Invalid Token: 'Invalid token'", op + " with token %.10s..." % bad)
    e, asked = ask(s, arn, url, "y")
    s.aws("SendTaskFailure", {"taskToken": asked["token"], "error": "No", "cause": "why"})
    d = s.ended(e)
    same((d["status"], d["error"], d["cause"]), ("FAILED", "No", "why"), "SendTaskFailure")

    e, asked = ask(s, arn, url, {"n": 1.50})
    path = "/v1/tasks/" + asked["token"]
    got = s.rest("GET", path)
    same((got[0], got[2]["state"], got[2]["open"], got[2]["executionArn"],
          got[2]["parameters"]["MessageBody"]["what"]), (200, "Ask", True, e, {"n": 1.5}),
         "GET /v1/tasks/{token}")
    same(s.rest("POST", path + "/heartbeat")[0], 200, "REST heartbeat")
    same(s.rest("POST", path + "/success", b'{"output": {"exact": 1.50}}')[0], 200,
         "REST success")
    same(s.ended(e)["output"], '{"exact": 1.50}', "its text is kept as it was sent")
    rest_refused(s, "POST", path + "/success", {"output": 1}, 410, "TaskTimedOut",
                 "REST success a second time")
    rest_refused(s, "POST", path + "/success", {}, 400, "ValidationException",
                 "REST success without an output")
    rest_refused(s, "GET", "/v1/tasks/nonsense", None, 400, "InvalidToken",
                 "a token that is none")
    same(s.rest("GET", path)[2]["open"], False, "the task is closed")
    e, asked = ask(s, arn, url, "z")
    same(s.rest("POST", "/v1/tasks/%s/failure" % asked["token"], {"error": "R"})[0], 200,
         "REST failure")
    same(s.ended(e)["error"], "R", "its error is the execution's")


HTML = {"Accept": "text/html,application/xhtml+xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_callbacks(s, url):
    arn = s.machine("approve", approval(url, TimeoutSeconds=600))
    e, asked = ask(s, arn, url, "<script>alert('x')</script>&\"")
    path = urllib.parse.urlsplit(asked["url"]).path
    ok(asked["url"].startswith(s.url + "/callback/"), "$$.Task.CallbackUrl", asked["url"])
    status, headers, page = s.http("GET", path, None, HTML)
    page = page.decode()
    same(status, 200, "the page opens without a key")
    ok("<script" not in page and "&lt;script&gt;" in page, "what is asked is escaped")
    ok("approve" in page and e.rsplit(":", 1)[1] in page and "Answer until" in page,
       "it names machine, execution and time")
    ok(asked["token"] not in page, "the token is not printed")
    ok("&quot;MessageBody&quot;: {\n    &quot;" in page, "arguments are indented")
    same((headers["Content-Security-Policy"].split(";")[0], headers["Referrer-Policy"],
          headers["Cache-Control"], headers["X-Content-Type-Options"]),
         ("default-src 'none'", "no-referrer", "no-store", "nosniff"), "security headers")
    ok("frame-ancestors 'none'" in headers["Content-Security-Policy"] and
       "form-action 'self'" in headers["Content-Security-Policy"], "no frames")
    ok(not re.search(r'(src|href)=', page), "nothing comes from elsewhere")
    for n in range(3):
        s.http("GET", path, None, HTML)
    same(s.http("HEAD", path)[0], 200, "HEAD")
    same(s.aws("DescribeExecution", {"executionArn": e})["status"], "RUNNING",
         "looking at it changes nothing")
    got = json.loads(s.http("GET", path, None, {"Accept": "application/json"})[2])
    same((got["state"], got["open"], "dueDate" in got), ("Ask", True, True), "as JSON")
    for body, headers in ((b"decision=maybe", FORM), (b"", FORM), (b"reason=x", FORM),
                          (b"decision=approve&output=%7B", FORM), (b"{", {}),
                          (b"[]", {"Content-Type": "application/json"}),
                          (b'{"decision":5}', {"Content-Type": "application/json"})):
        got = s.http("POST", path, body, headers)
        ok(got[0] in (400, 415) and "message" in json.loads(got[2]),
           "refused: %r" % body, got)
    same(s.http("PUT", path, b"")[0], 405, "PUT")
    got = s.http("POST", path, b"decision=approve&reason=", dict(FORM, **HTML))
    ok(got[0] == 200 and b"Approved" in got[2], "approve by form", got)
    same(json.loads(s.ended(e)["output"]), {"decision": "approved"}, "its output")
    got = s.http("POST", path, b"decision=reject", FORM)
    same((got[0], json.loads(got[2])["error"]), (409, "Conflict"), "a token works once")
    got = s.http("GET", path, None, HTML)
    ok(got[0] == 409 and b"Already answered" in got[2], "and says that it is spent")

    def decide(what, body, headers=None):
        execution, got = ask(s, arn, url, what)
        where = urllib.parse.urlsplit(got["url"]).path
        return execution, where, s.http("POST", where, body, headers or {
            "Content-Type": "application/json"})
    e, _, got = decide(1, json.dumps({"decision": "approve", "comment": 'go "on"'}).encode())
    same((got[0], json.loads(got[2])), (200, {"decision": "approved"}), "approve by JSON")
    same(json.loads(s.ended(e)["output"]), {"decision": "approved", "comment": 'go "on"'},
         "with a comment")
    e, _, got = decide(2, b'{"decision":"approve","output":{"n": 1.10}}')
    same(s.ended(e)["output"], '{"n": 1.10}', "with an output of its own")
    e, _, got = decide(3, b'{"output": null}')
    same(s.ended(e)["output"], "null", "an output alone, even null")
    e, _, got = decide(4, "decision=reject&reason=too+dear+%E2%82%AC".encode(), FORM)
    d = s.ended(e)
    same((d["status"], d["error"], d["cause"]), ("FAILED", "Rejected", "too dear €"), "reject")

    for bad in ("/callback/", "/callback/x", path[:-3] + "AAA", path + "x", "/callback/%00",
                "/callback/" + "A" * 5000):
        got = s.http("GET", bad, None, HTML)
        ok(got[0] == 404 and b"Unknown link" in got[2], "unknown: %.30s" % bad, got[0])
        got = s.http("POST", bad, b"decision=approve", FORM)
        ok(got[0] == 404, "nor can it decide", got)
    e, asked = ask(s, arn, url, "stop")
    where = urllib.parse.urlsplit(asked["url"]).path
    s.aws("StopExecution", {"executionArn": e})
    same((s.http("GET", where)[0], s.http("POST", where, b"decision=approve", FORM)[0]),
         (410, 410), "after the end of the execution")
    arn = s.machine("late", approval(url, TimeoutSeconds=1))
    e, asked = ask(s, arn, url, "late")
    where = urllib.parse.urlsplit(asked["url"]).path
    s.ended(e)
    got = s.http("GET", where, None, HTML)
    ok(got[0] == 410 and b"Too late" in got[2], "after the timeout", got)
    same(s.http("POST", where, b"decision=approve", FORM)[0], 410, "nor can it decide")

    e, asked = ask(s, s.machine("race", approval(url)), url, "race")
    where = urllib.parse.urlsplit(asked["url"]).path
    results = []

    def vote():
        results.append(s.http("POST", where, b"decision=approve", FORM)[0])
    threads = [threading.Thread(target=vote) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(sorted(results), [200] + [409] * 7, "of eight at once, one decides")


# ---- REST ----


def test_rest_machines(s):
    got = s.rest("POST", "/v1/machines", {"name": "r1", "definition": PASS})
    same((got[0], got[2]["stateMachineArn"], got[2]["name"]), (201, SM + "r1", "r1"),
         "POST /v1/machines")
    ok(re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", got[2]["creationDate"]),
       "dates are ISO-8601", got[2])
    got = s.rest("POST", "/v1/machines", {"name": "r1", "definition": PASS})
    same(got[0], 200, "again: it was there")
    rest_refused(s, "POST", "/v1/machines", {"name": "r1", "definition": ECHO}, 409,
                 "StateMachineAlreadyExists", "another of its name")
    text = '{"name":"r2","definition":{"StartAt":"A", "States":{"A":{"Type":"Pass",' \
        '"Result":{"n":1.10},"End":true}}}}'
    s.rest("POST", "/v1/machines", text.encode())
    same(s.aws("DescribeStateMachine", {"stateMachineArn": SM + "r2"})["definition"],
         text[len('{"name":"r2","definition":'):-1], "a definition's text is kept")
    same(s.rest("POST", "/v1/machines", {"name": "r3", "definition": json.dumps(PASS)})[0],
         201, "a definition as a string")
    rest_refused(s, "POST", "/v1/machines", {"name": "r4"}, 400, "ValidationException",
                 "no definition")
    rest_refused(s, "POST", "/v1/machines", {"name": "r4", "definition": {"States": {}}}, 400,
                 "InvalidDefinition", "a faulty definition")
    rest_refused(s, "POST", "/v1/machines", {"name": "a/b", "definition": PASS}, 400,
                 "InvalidName", "a name with a slash")
    got = s.rest("GET", "/v1/machines/r2")
    same((got[0], got[2]["definition"]["States"]["A"]["Result"], got[2]["status"],
          "revisionId" in got[2]), (200, {"n": 1.1}, "ACTIVE", True), "GET /v1/machines/{name}")
    same(s.rest("GET", "/v1/machines/" + urllib.parse.quote(SM + "r2", safe=""))[2]["name"],
         "r2", "by ARN")
    rest_refused(s, "GET", "/v1/machines/none", None, 404, "StateMachineDoesNotExist", "no such")
    rest_refused(s, "GET", "/v1/machines/a%2Fb", None, 400, "InvalidName", "an encoded slash")
    got = s.rest("PUT", "/v1/machines/r5", {"definition": PASS})
    same(got[0], 201, "PUT creates")
    got = s.rest("PUT", "/v1/machines/r5", {"definition": ECHO})
    same((got[0], got[2]["name"], "updateDate" in got[2]), (200, "r5", True), "PUT changes")
    same(s.rest("GET", "/v1/machines/r5")[2]["definition"], ECHO, "it did")
    rest_refused(s, "PUT", "/v1/machines/r5", {}, 400, "MissingRequiredParameter", "PUT of nothing")
    rest_refused(s, "PUT", "/v1/machines/r6", {}, 400, "ValidationException",
                 "PUT of a new one without a definition")
    got = s.rest("GET", "/v1/machines?limit=2")
    ok(got[0] == 200 and len(got[2]["items"]) == 2 and got[2]["nextToken"], "a page", got)
    got2 = s.rest("GET", "/v1/machines?limit=2&nextToken=" + got[2]["nextToken"])
    ok(got2[0] == 200 and got2[2]["items"][0]["name"] > got[2]["items"][1]["name"], "the next")
    for limit in ("0", "-1", "1001", "x", "", "99999999999999999999"):
        rest_refused(s, "GET", "/v1/machines?limit=" + limit, None, 400, "ValidationException",
                     "limit=" + limit)
    rest_refused(s, "GET", "/v1/machines?nextToken=zzz", None, 400, "InvalidToken", "a false token")
    got = s.rest("DELETE", "/v1/machines/r5")
    same((got[0], got[2]), (204, b""), "DELETE")
    rest_refused(s, "GET", "/v1/machines/r5", None, 404, "StateMachineDoesNotExist", "it is gone")
    got = s.rest("POST", "/v1/validate", {"definition": {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"}}}})
    same((got[0], got[2]["result"], got[2]["diagnostics"][0]["line"] > 0), (200, "FAIL", True),
         "POST /v1/validate")


def test_rest_executions(s):
    s.machine("re", ECHO)
    got = s.rest("POST", "/v1/machines/re/executions", b'{"name":"x", "input": {"n": 1.50} }')
    same((got[0], got[2]["executionArn"], got[2]["name"]), (201, EX + "re:x", "x"), "start")
    got = s.rest("GET", "/v1/executions/re:x?wait=20")
    same((got[0], got[2]["status"], got[2]["input"]), (200, "SUCCEEDED", {"n": 1.5}), "wait=20")
    same(s.aws("DescribeExecution", {"executionArn": EX + "re:x"})["output"], '{"n": 1.50}',
         "an input's text is kept")
    same(s.rest("GET", "/v1/executions/" + urllib.parse.quote(EX + "re:x", safe=""))[2]["name"],
         "x", "by ARN")
    got = s.rest("POST", "/v1/machines/re/executions")
    same((got[0], s.rest("GET", "/v1/executions/re:%s?wait=9" % got[2]["name"])[2]["output"]),
         (201, {}), "start without a body")
    for n in (5, "five", None, [1, 2], True, {"deep": [[[]]]}):
        name = s.rest("POST", "/v1/machines/re/executions", {"input": n})[2]["name"]
        got = s.rest("GET", "/v1/executions/re:%s?wait=9" % name)[2]
        same((got["input"], got["output"]), (n, n), "input %r" % (n,))
    rest_refused(s, "POST", "/v1/machines/re/executions", {"name": "x", "input": {"n": 2}}, 409,
                 "ExecutionAlreadyExists", "the same name")
    rest_refused(s, "POST", "/v1/machines/none/executions", {}, 404, "StateMachineDoesNotExist",
                 "of no machine")
    rest_refused(s, "GET", "/v1/executions/re:none", None, 404, "ExecutionDoesNotExist", "no such")
    for bad in ("re", "re:", ":x", "a:b:c"):
        rest_refused(s, "GET", "/v1/executions/" + bad, None, 400, "InvalidArn", "id " + bad)
    for wait in ("-1", "61", "x", ""):
        rest_refused(s, "GET", "/v1/executions/re:x?wait=" + wait, None, 400,
                     "ValidationException", "wait=" + wait)
    s.machine("rw", WAIT)
    s.rest("POST", "/v1/machines/rw/executions", {"name": "w"})
    began = time.monotonic()
    got = s.rest("GET", "/v1/executions/rw:w?wait=1")
    ok(got[2]["status"] == "RUNNING" and 0.9 < time.monotonic() - began < 5, "wait that is over")
    got = s.rest("GET", "/v1/executions?machine=rw&status=RUNNING")
    same([x["name"] for x in got[2]["items"]], ["w"], "GET /v1/executions of a machine")
    got = s.rest("GET", "/v1/executions?limit=3")
    ok(got[0] == 200 and len(got[2]["items"]) == 3, "of all machines", got)
    rest_refused(s, "GET", "/v1/executions?status=NOPE", None, 400, "ValidationException", "status")
    got = s.rest("POST", "/v1/executions/rw:w/stop", {"error": "E", "cause": "C"})
    ok(got[0] == 200 and got[2]["stopDate"].endswith("Z"), "stop", got)
    got = s.rest("GET", "/v1/executions/rw:w")[2]
    same((got["status"], got["error"], got["cause"]), ("ABORTED", "E", "C"), "it was stopped")
    rest_refused(s, "POST", "/v1/executions/rw:none/stop", {}, 404, "ExecutionDoesNotExist",
                 "stop of none")
    got = s.rest("GET", "/v1/executions/re:x/history?limit=2")
    same((got[0], [e["id"] for e in got[2]["items"]],
          got[2]["items"][0]["executionStartedEventDetails"]["input"]), (200, [1, 2], {"n": 1.5}),
         "history")
    got = s.rest("GET", "/v1/executions/re:x/history?limit=2&nextToken=" + got[2]["nextToken"])
    same([e["id"] for e in got[2]["items"]], [3, 4], "its next page")
    got = s.rest("GET", "/v1/executions/re:x/history?reverse=true")
    same([e["id"] for e in got[2]["items"]], [4, 3, 2, 1], "reversed")
    rest_refused(s, "GET", "/v1/executions/re:x/history?reverse=maybe", None, 400,
                 "ValidationException", "reverse=maybe")
    rest_refused(s, "GET", "/v1/executions/re:none/history", None, 404, "ExecutionDoesNotExist",
                 "history of none")


def stream(s, path, headers=None, limit_s=30):
    """[(id, event name, value)] of a stream until it ends."""
    headers = dict({"Authorization": "Bearer " + s.api_key}, **(headers or {}))
    connection = http.client.HTTPConnection("127.0.0.1", s.port, timeout=limit_s)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    assert answer.getheader("Content-Type") == "text/event-stream", answer.getheaders()
    found = []
    for block in answer.read().decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if fields:
            found.append((fields.get("id"), fields.get("event"), json.loads(fields["data"])))
    connection.close()
    return found


def test_follow(s):
    s.machine("followed", {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 1, "Next": "B"},
        "B": {"Type": "Pass", "End": True}}})
    s.rest("POST", "/v1/machines/followed/executions", b'{"name":"f","input":{\n "a":\n 1}}')
    path = "/v1/executions/followed:f/history?follow=true"
    got = stream(s, path)
    same([g[0] for g in got], [str(n) for n in range(1, 9)] + [None], "a stream has every event")
    same((got[-1][1], got[0][2]["executionStartedEventDetails"]["input"]), ("end", {"a": 1}),
         "and says when it is over")
    same([g[0] for g in stream(s, path, {"Last-Event-ID": "6"})], ["7", "8", None],
         "it goes on after Last-Event-ID")
    same([g[1] for g in stream(s, path, {"Last-Event-ID": "8"})], ["end"], "after the last, too")
    rest_refused(s, "GET", "/v1/executions/followed:none/history?follow=true", None, 404,
                 "ExecutionDoesNotExist", "a stream of none")
    s.machine("slow", WAIT)
    s.rest("POST", "/v1/machines/slow/executions", {"name": "s"})
    with socket.create_connection(("127.0.0.1", s.port), timeout=10) as c:
        c.sendall(("GET /v1/executions/slow:s/history?follow=true HTTP/1.1\r\nHost: x\r\n"
                   "Authorization: Bearer %s\r\n\r\n" % s.api_key).encode())
        text = b""
        while b"id: 2\n" not in text:
            text += c.recv(65536)
    ok(True, "a follower may go away")
    s.rest("POST", "/v1/executions/slow:s/stop", {})


def test_functions(s, functions):
    for name in ("f-b", "f_a", "f.c"):
        got = s.rest("PUT", "/v1/functions/" + name, {"url": functions.url + "/echo"})
        same((got[0], got[2]["name"], got[2]["url"]), (200, name, functions.url + "/echo"),
             "PUT /v1/functions/" + name)
    got = s.rest("PUT", "/v1/functions/f-b", {"url": functions.url + "/echo", "timeoutSeconds": 7})
    same(s.rest("GET", "/v1/functions/f-b")[2]["timeoutSeconds"], 7, "a time limit")
    same([f["name"] for f in s.rest("GET", "/v1/functions")[2]["items"]],
         sorted(("f-b", "f_a", "f.c")), "GET /v1/functions")
    page = s.rest("GET", "/v1/functions?limit=1")[2]
    same(s.rest("GET", "/v1/functions?limit=1&nextToken=" + page["nextToken"])[2]["items"][0]
         ["name"] > page["items"][0]["name"], True, "a page of them")
    arn = s.machine("calls", {"StartAt": "C", "States": {"C": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f_a",
        "End": True}}})
    same(json.loads(s.ended(s.start_execution(arn, {"v": 1}))["output"]), {"echo": {"v": 1}},
         "a function is called")
    for url in ("ftp://x/y", "nonsense", "http://", "http:///x", "http://a b", "", 5):
        rest_refused(s, "PUT", "/v1/functions/bad", {"url": url}, 400, "SerializationException"
                     if url == 5 else "ValidationException", "url %r" % url)
    rest_refused(s, "PUT", "/v1/functions/bad", {}, 400, "ValidationException", "no url")
    rest_refused(s, "PUT", "/v1/functions/b%20d", {"url": "http://x"}, 400, "InvalidName", "a name")
    same(s.rest("DELETE", "/v1/functions/f.c")[0], 204, "DELETE")
    rest_refused(s, "GET", "/v1/functions/f.c", None, 404, "FunctionDoesNotExist", "it is gone")
    rest_refused(s, "DELETE", "/v1/functions/f.c", None, 404, "FunctionDoesNotExist", "once more")


# ---- queues ----


def test_queues(s):
    made = s.sqs("CreateQueue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "5"}})
    url = made["QueueUrl"]
    same(url, s.url + "/111111111111/q", "CreateQueue answers the URL")
    same(s.sqs("CreateQueue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "5"}}), made,
         "again with the same attributes")
    same(s.sqs("CreateQueue", {"QueueName": "q"}), made, "or with none")
    try:
        s.sqs("CreateQueue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "6"}})
        ok(False, "with others")
    except AwsError as e:
        same((e.code, e.status, e.headers["x-amzn-query-error"]),
             ("QueueNameExists", 400, "QueueAlreadyExists;Sender"), "with others it exists")
    same(s.sqs("GetQueueUrl", {"QueueName": "q"}), made, "GetQueueUrl")
    try:
        s.sqs("GetQueueUrl", {"QueueName": "none"})
        ok(False, "of none")
    except AwsError as e:
        same((e.code, e.message, e.headers["x-amzn-query-error"]),
             ("QueueDoesNotExist", "The specified queue does not exist.",
              "AWS.SimpleQueueService.NonExistentQueue;Sender"), "GetQueueUrl of none")
    s.sqs("SetQueueAttributes", {"QueueUrl": url, "Attributes": {"DelaySeconds": "0",
                                                                 "Policy": "{}"}})
    a = s.sqs("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["All"]})["Attributes"]
    same((a["VisibilityTimeout"], a["QueueArn"], a["ApproximateNumberOfMessages"]),
         ("5", "arn:aws:sqs:us-east-1:111111111111:q", "0"), "GetQueueAttributes")
    same(s.sqs("GetQueueAttributes", {"QueueUrl": url}), {}, "of none")
    for name, value in (("VisibilityTimeout", "43201"), ("VisibilityTimeout", "-1"),
                        ("VisibilityTimeout", "x"), ("DelaySeconds", "901")):
        refused(lambda: s.sqs("SetQueueAttributes", {"QueueUrl": url, "Attributes": {name: value}}),
                "InvalidAttributeValue", "~" + name, "%s=%s" % (name, value))
    refused(lambda: s.sqs("CreateQueue", {"QueueName": "p", "Attributes": {"Nope": "1"}}),
            "InvalidAttributeName", "Unknown Attribute Nope.", "an unknown attribute")
    for name in ("a/b", "a b", "", "x" * 81):
        refused(lambda: s.sqs("CreateQueue", {"QueueName": name}), "InvalidParameterValue",
                "~1 to 80", "queue name %.10r" % name)
    refused(lambda: s.sqs("CreateQueue", {"QueueName": "a.fifo"}), "UnsupportedOperation", "~FIFO",
            "a FIFO queue")
    refused(lambda: s.sqs("CreateQueue", {}), "MissingParameter", "~QueueName", "no name")

    body = "hello € \n"
    attributes = {"n": {"DataType": "Number", "StringValue": "7"},
                  "s": {"DataType": "String", "StringValue": "x"},
                  "b": {"DataType": "Binary", "BinaryValue": "AAEC"}}
    sent = s.sqs("SendMessage", {"QueueUrl": url, "MessageBody": body,
                                 "MessageAttributes": attributes})
    same(sent["MD5OfMessageBody"], hashlib.md5(body.encode()).hexdigest(), "MD5 of the body")
    want = b""
    for name, kind, raw in (("b", "Binary", b"\0\1\2"), ("n", "Number", b"7"),
                            ("s", "String", b"x")):
        for part in (name.encode(), kind.encode()):
            want += len(part).to_bytes(4, "big") + part
        want += (b"\2" if kind == "Binary" else b"\1") + len(raw).to_bytes(4, "big") + raw
    same(sent["MD5OfMessageAttributes"], hashlib.md5(want).hexdigest(), "MD5 of the attributes")
    m = s.sqs("ReceiveMessage", {"QueueUrl": url, "AttributeNames": ["All"],
                                 "MessageAttributeNames": ["All"], "WaitTimeSeconds": 5}
              )["Messages"][0]
    same((m["Body"], m["MessageId"], m["MD5OfBody"], m["MessageAttributes"],
          m["Attributes"]["ApproximateReceiveCount"]),
         (body, sent["MessageId"], sent["MD5OfMessageBody"], attributes, "1"), "ReceiveMessage")
    same(s.sqs("ReceiveMessage", {"QueueUrl": url}), {}, "it is hidden meanwhile")
    a = s.sqs("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": [
        "ApproximateNumberOfMessagesNotVisible"]})["Attributes"]
    same(a, {"ApproximateNumberOfMessagesNotVisible": "1"}, "and counted")
    same(s.sqs("ChangeMessageVisibility", {"QueueUrl": url, "ReceiptHandle": m["ReceiptHandle"],
                                           "VisibilityTimeout": 0}), {}, "ChangeMessageVisibility")
    m2 = s.sqs("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 5,
                                  "AttributeNames": ["ApproximateReceiveCount"]})["Messages"][0]
    same((m2["MessageId"], m2["Attributes"]), (m["MessageId"], {"ApproximateReceiveCount": "2"}),
         "it comes again")
    ok("MessageAttributes" not in m2, "attributes come only when asked for")
    same(s.sqs("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": m2["ReceiptHandle"]}), {},
         "DeleteMessage")
    same(s.sqs("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": m2["ReceiptHandle"]}), {},
         "once more is no error")
    for handle in ("x", "1.2.3", m2["ReceiptHandle"] + "x", "é"):
        refused(lambda: s.sqs("DeleteMessage", {"QueueUrl": url, "ReceiptHandle": handle}),
                "ReceiptHandleIsInvalid", "The input receipt handle is invalid.",
                "receipt %.8r" % handle)
    refused(lambda: s.sqs("ChangeMessageVisibility", {
        "QueueUrl": url, "ReceiptHandle": m2["ReceiptHandle"], "VisibilityTimeout": 1}),
        "MessageNotInflight", "~flight", "visibility of what is gone")

    began = time.monotonic()
    same(s.sqs("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 1}), {}, "a wait in vain")
    ok(0.9 < time.monotonic() - began < 5, "takes its time")
    got = []

    def receiver():
        got.append(s.sqs("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 15}))
    thread = threading.Thread(target=receiver)
    thread.start()
    time.sleep(0.5)
    s.sqs("SendMessage", {"QueueUrl": url, "MessageBody": "late"})
    thread.join()
    same(got[0]["Messages"][0]["Body"], "late", "a wait that ends with a message")
    s.sqs("PurgeQueue", {"QueueUrl": url})

    entries = [{"Id": "i%d" % n, "MessageBody": "b%d" % n} for n in range(10)]
    r = s.sqs("SendMessageBatch", {"QueueUrl": url, "Entries": entries})
    same(([x["Id"] for x in r["Successful"]], r["Failed"]), (["i%d" % n for n in range(10)], []),
         "SendMessageBatch")
    got = {}
    for n in range(5):
        for m in s.sqs("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10,
                                          "WaitTimeSeconds": 2}).get("Messages", []):
            got[m["Body"]] = m["ReceiptHandle"]
        if len(got) == 10:
            break
    same(sorted(got), ["b%d" % n for n in range(10)], "all ten come")
    r = s.sqs("ChangeMessageVisibilityBatch", {"QueueUrl": url, "Entries": [
        {"Id": "v", "ReceiptHandle": got["b0"], "VisibilityTimeout": 30}]})
    same(len(r["Successful"]), 1, "ChangeMessageVisibilityBatch")
    r = s.sqs("DeleteMessageBatch", {"QueueUrl": url, "Entries": [
        {"Id": "x%d" % n, "ReceiptHandle": h} for n, h in enumerate(list(got.values())[:9])] +
        [{"Id": "bad", "ReceiptHandle": "zzz"}]})
    same((len(r["Successful"]), r["Failed"][0]["Id"], r["Failed"][0]["Code"]),
         (9, "bad", "ReceiptHandleIsInvalid"), "DeleteMessageBatch, with one that fails")
    for entries, code in (([], "EmptyBatchRequest"),
                          ([{"Id": "a", "MessageBody": "x"}] * 2, "BatchEntryIdsNotDistinct"),
                          ([{"Id": "a b", "MessageBody": "x"}], "InvalidBatchEntryId"),
                          ([{"Id": "n%d" % n, "MessageBody": "x"} for n in range(11)],
                           "TooManyEntriesInBatchRequest"),
                          ([{"Id": "n%d" % n, "MessageBody": "x" * 200000} for n in range(2)],
                           "BatchRequestTooLong"),
                          ([5], "SerializationException")):
        refused(lambda: s.sqs("SendMessageBatch", {"QueueUrl": url, "Entries": entries}), code,
                "~.", "batch: " + code)
    for text, code in (("", "MissingParameter"), ("\x01", "InvalidMessageContents"),
                       ("x" * 262145, "InvalidParameterValue")):
        refused(lambda: s.sqs("SendMessage", {"QueueUrl": url, "MessageBody": text}), code, "~.",
                "a message body: " + code)
    for n in (0, 11, -1):
        refused(lambda: s.sqs("ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": n}),
                "InvalidParameterValue", "~MaxNumberOfMessages", "MaxNumberOfMessages %d" % n)
    for bad in (s.url + "/111111111111/none", "http://x", "none"):
        refused(lambda: s.sqs("ReceiveMessage", {"QueueUrl": bad}), "QueueDoesNotExist",
                "The specified queue does not exist.", "queue URL " + bad[-12:])
    for n in range(3):
        s.sqs("CreateQueue", {"QueueName": "list%d" % n})
    same([u.rsplit("/", 1)[1] for u in s.sqs("ListQueues", {"QueueNamePrefix": "list"})["QueueUrls"]],
         ["list0", "list1", "list2"], "ListQueues")
    page = s.sqs("ListQueues", {"QueueNamePrefix": "list", "MaxResults": 2})
    rest = s.sqs("ListQueues", {"QueueNamePrefix": "list", "MaxResults": 2,
                                "NextToken": page["NextToken"]})
    same((len(page["QueueUrls"]), [u.rsplit("/", 1)[1] for u in rest["QueueUrls"]], "NextToken" in rest),
         (2, ["list2"], False), "its pages")
    same(s.sqs("DeleteQueue", {"QueueUrl": url}), {}, "DeleteQueue")
    refused(lambda: s.sqs("SendMessage", {"QueueUrl": url, "MessageBody": "x"}), "QueueDoesNotExist",
            "The specified queue does not exist.", "it is gone in every process")
    got = s.aws_raw("AmazonSQS.ListQueues", b"{}", "sqs", path="/111111111111/q")
    same(got[0], 200, "SDKs may send to the queue's own URL")


def test_rest_queues(s):
    got = s.rest("PUT", "/v1/queues/rq", {"visibilityTimeoutSeconds": 5})
    same((got[0], got[2]["name"], got[2]["visibilityTimeoutSeconds"], got[2]["queueUrl"]),
         (201, "rq", 5, s.url + "/111111111111/rq"), "PUT creates a queue")
    got = s.rest("PUT", "/v1/queues/rq", {"delaySeconds": 0, "waitSeconds": 1})
    same((got[0], got[2]["visibilityTimeoutSeconds"], got[2]["waitSeconds"]), (200, 5, 1),
         "PUT changes what is given")
    rest_refused(s, "PUT", "/v1/queues/rq", {"visibilityTimeoutSeconds": -1}, 400,
                 "ValidationException", "a negative time")
    rest_refused(s, "PUT", "/v1/queues/rq", {"visibilityTimeoutSeconds": 43201}, 400,
                 "InvalidAttributeValue", "a long one")
    rest_refused(s, "PUT", "/v1/queues/a%2Fb", {}, 400, "InvalidParameterValue", "a slash")
    got = s.rest("POST", "/v1/queues/rq/messages", {"body": "b", "attributes": {"input": "x"}})
    same((got[0], list(got[2])), (201, ["messageId"]), "POST messages")
    q = s.rest("GET", "/v1/queues/rq")[2]
    same((q["availableMessages"], q["inFlightMessages"]), (1, 0), "GET counts them")
    items = s.rest("POST", "/v1/queues/rq/receive", {"maxMessages": 10, "waitSeconds": 5})[2]["items"]
    same((items[0]["body"], items[0]["attributes"], items[0]["receiveCount"], items[0]["messageId"]),
         ("b", {"input": "x"}, 1, got[2]["messageId"]), "POST receive")
    path = "/v1/queues/rq/messages/" + items[0]["receiptHandle"]
    same(s.rest("DELETE", path)[0], 204, "DELETE a message")
    same(s.rest("GET", "/v1/queues/rq")[2]["inFlightMessages"], 0, "it is gone")
    for body, error in (({}, "ValidationException"), ({"body": ""}, "MissingParameter"),
                        ({"body": 5}, "SerializationException"),
                        ({"body": "x", "attributes": {"a": 1}}, "InvalidParameterValue"),
                        ({"body": "x", "delaySeconds": 901}, "ValidationException")):
        rest_refused(s, "POST", "/v1/queues/rq/messages", body, 400, error, "message %r" % body)
    rest_refused(s, "POST", "/v1/queues/none/messages", {"body": "x"}, 404, "QueueDoesNotExist",
                 "to no queue")
    rest_refused(s, "POST", "/v1/queues/rq/receive", {"maxMessages": 11}, 400,
                 "ValidationException", "eleven at a time")
    ok("rq" in [q["name"] for q in s.rest("GET", "/v1/queues")[2]["items"]], "GET /v1/queues")
    same(s.rest("DELETE", "/v1/queues/rq")[0], 204, "DELETE")
    rest_refused(s, "GET", "/v1/queues/rq", None, 404, "QueueDoesNotExist", "it is gone")


# ---- bad input ----


def test_bad_input(s):
    def aws_code(body, target="AWSStepFunctions.ListStateMachines", **how):
        got = s.aws_raw(target, body, **how)
        return got[0], json.loads(got[2]).get("__type")
    for body in (b"{", b"nope", b"[]", b"5", b'"x"', b"null", b'{"a":1}x', b"\xff\xfe",
                 b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b'{"a":"\0"}',
                 b"\0", b'{"a":' * 10000 + b"1" + b"}" * 10000, b"[" * 10000):
        same(aws_code(body), (400, "SerializationException"), "AWS body %.20r" % body)
        got, _, value = s.rest("POST", "/v1/machines", body)
        same((got, value["error"]), (400, "SerializationException"), "REST body %.20r" % body)
    same(aws_code(b'{"maxResults":"5"}'), (400, "SerializationException"), "a text for a number")
    same(aws_code(b'{"maxResults":{}}'), (400, "SerializationException"), "an object for one")
    same(aws_code(b'{"maxResults":1.5}'), (400, "SerializationException"), "a fraction for one")
    same(aws_code(b'{"maxResults":null,"unknown":1}'), (200, None),
         "null is absent, unknown members are ignored")
    same(aws_code(b"{}", "AWSStepFunctions.Nonsense"), (400, "UnknownOperationException"),
         "an unknown operation")
    same(aws_code(b"{}", "AWSStepFunctions.DeleteQueue"), (400, "UnknownOperationException"),
         "an operation of the other service")
    same(aws_code(b"{}", "DynamoDB_20120810.ListTables"), (400, "UnknownOperationException"),
         "an unknown service")
    same(aws_code(b"{}", headers={"Content-Type": "text/plain"}), (415, "UnsupportedMediaType"),
         "another content type")
    got = s.http("POST", "/", b"{}", {})
    same((got[0], json.loads(got[2])["__type"]), (400, "UnknownOperationException"), "no target")
    refused(lambda: s.aws("CreateStateMachine", {}), "ValidationException",
            "3 validation errors detected: Value null at 'name' failed to satisfy constraint: "
            "Member must not be null; Value null at 'definition' failed to satisfy constraint: "
            "Member must not be null; Value null at 'roleArn' failed to satisfy constraint: "
            "Member must not be null", "all that is missing is told")
    refused(lambda: s.machine("x", PASS, type="NOPE"), "ValidationException",
            "1 validation error detected: Value 'NOPE' at 'type' failed to satisfy constraint: "
            "Member must satisfy enum value set: [STANDARD, EXPRESS]", "an unknown type")
    refused(lambda: s.machine("x", PASS, roleArn="nope"), "InvalidArn", "Invalid Role Arn: 'nope'",
            "a role that is none")
    for arn in ("nope", "arn:", "arn:aws:sqs:us-east-1:1:q", SM, "arn:aws:states:::stateMachine:x",
                EX + "a:b"):
        try:
            s.aws("DescribeStateMachine", {"stateMachineArn": arn})
            ok(False, "ARN " + arn)
        except AwsError as e:
            ok(e.status == 400 and e.code in ("InvalidArn", "StateMachineDoesNotExist"),
               "ARN %s: %s" % (arn, e.message))
    headers = {"Authorization": "Bearer " + s.api_key, "Content-Type": "application/json"}
    got = s.http("POST", "/v1/machines", b"x" * (2 << 20), headers)
    ok(got[0] in (400, 413), "2 MB that are no JSON", got[0])
    try:
        got = s.http("POST", "/v1/machines", b"x" * (2 << 20) + b"x", headers)[0]
    except OSError:
        got = 413     # it hung up while we were still sending, which is its right
    same(got, 413, "more than 2 MB")
    same(s.rest("POST", "/v1/machines", b"{}", {"Content-Type": "text/plain"})[2]["error"],
         "UnsupportedMediaType", "REST: another content type")
    rest_refused(s, "GET", "/v1/nothing", None, 404, "NotFound", "no such path")
    rest_refused(s, "GET", "/v1/machines/a/b/c/d/e/f/g/h", None, 404, "NotFound", "a long path")
    rest_refused(s, "GET", "/v1/machines/%zz", None, 404, "NotFound", "a malformed path")
    rest_refused(s, "GET", "/v1/machines/%00", None, 404, "NotFound", "a NUL in the path")
    rest_refused(s, "GET", "/v1/machines/", None, 404, "NotFound", "an empty name")
    got = s.rest("DELETE", "/v1/machines", None)
    same((got[0], got[1]["Allow"]), (405, "POST, GET"), "a method that is not there")
    same(s.rest("PATCH", "/v1/machines/x", {})[0] in (405, 501), True, "PATCH")
    for raw in (b"\0\0\0\0", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nshort",
                b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200000 + b"\r\n\r\n"):
        try:
            s.raw(raw)
        except OSError:
            pass
        ok(s.http("GET", "/healthz")[0] == 200, "still there after %.24r" % raw)
    got = s.aws_raw("AWSStepFunctions.ListStateMachines", b"{}")
    ok(re.match(r"^[0-9a-f-]{36}$", got[1]["x-amzn-RequestId"]), "each answer has an id")
    same(got[1]["Content-Type"], "application/x-amz-json-1.0", "and the content type of its call")


def test_openapi(s):
    doc = json.loads(s.http("GET", "/openapi.json")[2])
    refs = set(re.findall(r'"\$ref": ?"#/components/(\w+/\w+)"', json.dumps(doc)))
    same([r for r in sorted(refs) if r.split("/")[1] not in doc["components"][r.split("/")[0]]], [],
         "every reference of openapi.json leads somewhere")
    ids = [o["operationId"] for p in doc["paths"].values() for o in p.values()]
    same(len(ids), len(set(ids)), "operation ids are unique")
    for path, methods in sorted(doc["paths"].items()):
        for method in sorted(methods):
            url = re.sub(r"\{\w+\}", "x", path)
            got = s.http(method.upper(), url, None, {} if path.startswith("/v1/") else HTML)
            want = (401,) if path.startswith("/v1/") else (200, 404)
            ok(got[0] in want, "%s %s answers as told" % (method.upper(), path), got[0])
    got = s.rest("GET", "/v1/status")
    same((got[0], got[2]["database"], got[2]["processes"]), (200, "up", 3), "GET /v1/status")


def test_forwarding(s):
    """Named starts of one execution from many connections: any process may take
    them, one owns it, and all get the same answer."""
    arn = s.machine("fwd", WAIT)
    answers = []

    def start(n):
        for name in ("a", "b", "c"):
            answers.append((name, json.dumps(s.aws("StartExecution", {
                "stateMachineArn": arn, "name": name, "input": "{}"}))))
    threads = [threading.Thread(target=start, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same((len(answers), len(set(answers))), (24, 3), "24 starts, three executions, three answers")
    for n in range(12):
        s.aws("UpdateStateMachine", {"stateMachineArn": arn, "definition": json.dumps(
            {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": n, "End": True}}})})
        if json.loads(s.ended(s.start_execution(arn))["output"]) != n:
            ok(False, "a start after an update runs the new definition")
            break
    else:
        ok(True, "a start after an update runs the new definition, in every process")
    for name in ("a", "b", "c"):
        s.aws("StopExecution", {"executionArn": EX + "fwd:" + name})
    same([s.ended(EX + "fwd:" + n)["status"] for n in "abc"], ["ABORTED"] * 3,
         "stops reach their owners")


def test_stop(s, url):
    """Calls that wait are answered when the server stops."""
    s.start_execution(s.machine("long", WAIT), {}, "l")
    got = {}

    def keep(name, call):
        try:
            got[name] = call()
        except Exception as e:  # noqa: BLE001 - shown by the test
            got[name] = repr(e)
    threads = [threading.Thread(target=keep, args=args) for args in (
        ("wait", lambda: s.rest("GET", "/v1/executions/long:l?wait=60")[2]["status"]),
        ("follow", lambda: [g[0] for g in stream(
            s, "/v1/executions/long:l/history?follow=true")]),
        ("receive", lambda: s.sqs("ReceiveMessage", {"QueueUrl": url, "WaitTimeSeconds": 20})))]
    for t in threads:
        t.start()
    time.sleep(0.7)
    same(s.stop(), 0, "a clean stop")
    for t in threads:
        t.join()
    same(got, {"wait": "RUNNING", "follow": ["1", "2"], "receive": {}},
         "those who wait are answered when the server stops")


def main():
    functions = Functions({"echo": lambda payload, headers: {"echo": payload}})
    with Pawld(processes=3) as s:
        url = s.sqs("CreateQueue", {"QueueName": "asks"})["QueueUrl"]
        test_doors(s)
        test_machines(s)
        test_definitions(s)
        test_executions(s)
        test_lists(s)
        test_history(s)
        test_tokens(s, url)
        test_callbacks(s, url)
        test_rest_machines(s)
        test_rest_executions(s)
        test_follow(s)
        test_functions(s, functions)
        test_queues(s)
        test_rest_queues(s)
        test_bad_input(s)
        test_openapi(s)
        test_forwarding(s)
        test_stop(s, url)
        log = s.log()
        faults = [line for line in log.splitlines() if " error " in line or "ended" in line]
        ok(not faults, "no process died and no error was logged", *faults)
    functions.close()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
