#!/usr/bin/env python3
"""The AWS CLI, unchanged, drives the order example.

Runs with every `aws` in PATH that has another version (PAWL_AWS names one
alone); skips if there is none.  Debian's (2.9) speaks SQS by the old query
protocol, newer ones by JSON.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import (ORDER, QUEUES, TooLong, Worker, environment, left_behind,  # noqa: E402
                     read_input, story, STORIES, time_limit)
from pawld import PROGRAM, Pawld, Tap, skip_all, wait_for  # noqa: E402

LIMIT_S = 1800     # some 200 runs of a slow program, perhaps on a busy machine
CALL_S = 60
VERSIONS_MAX = 3
ROLE = "arn:aws:iam::111111111111:role/order"
DEFINITION = "file://" + os.path.join(ORDER, "order.asl.json")
NAMES = ("approved", "rejected", "approval-timeout", "credit-fails-twice", "card-declined",
         "bad-input")

tap = Tap()


def input_file(name):
    return "file://" + os.path.join(ORDER, "inputs", name + ".json")


class Refused(Exception):
    """aws ended with an error: its code, such as ExecutionAlreadyExists."""

    def __init__(self, status, text):
        super().__init__("exit status %d: %s" % (status, text))
        found = re.search(r"An error occurred \(([\w.]+)\)", text)
        self.code = found.group(1) if found else None


class Aws:
    def __init__(self, program, version, server):
        self.program, self.server = program, server
        self.version = version
        self.env = environment(
            AWS_ACCESS_KEY_ID=server.key_id, AWS_SECRET_ACCESS_KEY=server.secret,
            AWS_DEFAULT_REGION=server.region, AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull, AWS_EC2_METADATA_DISABLED="true",
            AWS_PAGER="", AWS_MAX_ATTEMPTS="2")
        self.label = "aws %s: " % ".".join(map(str, version))

    def run(self, service, command, *args, endpoint=None):
        """What aws prints, as a value; or Refused."""
        done = subprocess.run(
            [self.program, "--endpoint-url", endpoint or self.server.url, "--output", "json",
             service, command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=self.env, timeout=CALL_S, check=False)
        if done.returncode != 0:
            raise Refused(done.returncode, done.stderr.strip())
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def sfn(self, command, *args):
        return self.run("stepfunctions", command, *args)

    def sqs(self, command, *args):
        return self.run("sqs", command, *args)

    # Results.

    def ok(self, good, name, *detail):
        return tap.ok(good, self.label + name, *detail)

    def same(self, got, want, name):
        return tap.same(got, want, self.label + name)

    def refused(self, code, name, call, *args):
        try:
            self.ok(False, name, call(*args))
        except Refused as e:
            self.ok(e.code == code, name, e)


# ---- the tests; t is an Aws ----

def test_machines(t):
    t.arn = t.sfn("create-state-machine", "--name", "order", "--role-arn", ROLE,
                  "--definition", DEFINITION)["stateMachineArn"]
    t.same(t.arn, "arn:aws:states:us-east-1:111111111111:stateMachine:order",
           "create-state-machine")
    d = t.sfn("describe-state-machine", "--state-machine-arn", t.arn)
    with open(os.path.join(ORDER, "order.asl.json")) as f:
        t.same((d["definition"], d["status"], d["roleArn"]), (f.read(), "ACTIVE", ROLE),
               "describe-state-machine")
    # Version 1 shows times as they came: seconds.
    t.ok(re.match(r"\d{4}-\d\d-\d\dT" if t.version[0] > 1 else r"\d{10}\.\d",
                  str(d["creationDate"])), "a date is a date", d)
    t.refused("InvalidDefinition", "a bad definition is refused", t.sfn,
              "create-state-machine", "--name", "bad", "--role-arn", ROLE, "--definition",
              '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}')
    t.sfn("create-state-machine", "--name", "second", "--role-arn", ROLE, "--definition",
          '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}')
    t.ok("updateDate" in t.sfn("update-state-machine", "--state-machine-arn",
                               t.arn.replace("order", "second"), "--definition", DEFINITION),
         "update-state-machine")
    got = t.sfn("list-state-machines", "--page-size", "1")["stateMachines"]
    t.same([m["name"] for m in got], ["order", "second"], "list-state-machines, two pages")


def test_queues(t):
    urls = [t.sqs("create-queue", "--queue-name", q)["QueueUrl"] for q in QUEUES]
    t.same(urls, [t.server.url + "/111111111111/" + q for q in QUEUES], "sqs create-queue")
    t.url = dict(zip(QUEUES, urls))
    t.same(t.sqs("list-queues", "--queue-name-prefix", "order-a")["QueueUrls"], urls[:1],
           "sqs list-queues")
    url = t.sqs("create-queue", "--queue-name", "all", "--attributes",
                "DelaySeconds=0,VisibilityTimeout=7")["QueueUrl"]
    t.same(t.sqs("get-queue-url", "--queue-name", "all")["QueueUrl"], url, "sqs get-queue-url")
    t.sqs("set-queue-attributes", "--queue-url", url, "--attributes", "VisibilityTimeout=9")
    got = t.sqs("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")
    t.same((got["Attributes"]["VisibilityTimeout"], got["Attributes"]["QueueArn"]),
           ("9", "arn:aws:sqs:us-east-1:111111111111:all"), "sqs get-queue-attributes")
    t.refused("AWS.SimpleQueueService.NonExistentQueue", "a queue that is not there", t.sqs,
              "get-queue-url", "--queue-name", "none")
    t.refused("InvalidParameterValue", "a queue that cannot be", t.sqs, "create-queue",
              "--queue-name", "a/b")
    test_messages(t, url)


def test_messages(t, url):
    body = "<a b=\"1\"> & 'c'\r\n\t\u00e4\u20ac\U0001f600"
    sent = t.sqs("send-message", "--queue-url", url, "--message-body", body,
                 "--message-attributes", json.dumps({
                     "who": {"DataType": "String", "StringValue": "<me> & \u00fc"},
                     "n": {"DataType": "Number", "StringValue": "5"}}))
    got = t.sqs("receive-message", "--queue-url", url, "--message-attribute-names", "All",
                "--attribute-names", "All", "--wait-time-seconds", "5")["Messages"][0]
    t.same((got["Body"], got["MD5OfBody"], got["MessageId"]),
           (body, sent["MD5OfMessageBody"], sent["MessageId"]), "a message comes as it was sent")
    t.same({k: v["StringValue"] for k, v in got["MessageAttributes"].items()},
           {"who": "<me> & \u00fc", "n": "5"}, "with its attributes")
    t.same(got["Attributes"]["ApproximateReceiveCount"], "1", "and what is known about it")
    t.sqs("change-message-visibility", "--queue-url", url, "--receipt-handle",
          got["ReceiptHandle"], "--visibility-timeout", "0")
    got = t.sqs("receive-message", "--queue-url", url)["Messages"][0]
    t.same(got["Body"], body, "sqs change-message-visibility: it is there again")
    t.sqs("delete-message", "--queue-url", url, "--receipt-handle", got["ReceiptHandle"])
    many = t.sqs("send-message-batch", "--queue-url", url, "--entries", json.dumps(
        [{"Id": "m%d" % n, "MessageBody": "b%d" % n, "DelaySeconds": 0} for n in range(3)]))
    t.same(sorted(m["Id"] for m in many["Successful"]), ["m0", "m1", "m2"],
           "sqs send-message-batch")
    got = t.sqs("receive-message", "--queue-url", url, "--max-number-of-messages", "10",
                "--wait-time-seconds", "5")["Messages"]
    t.same(sorted(m["Body"] for m in got), ["b0", "b1", "b2"], "all of the batch are there")
    done = t.sqs("delete-message-batch", "--queue-url", url, "--entries", json.dumps(
        [{"Id": "good", "ReceiptHandle": got[0]["ReceiptHandle"]},
         {"Id": "bad", "ReceiptHandle": "nothing"}]))
    t.same(([m["Id"] for m in done["Successful"]], [m["Id"] for m in done["Failed"]]),
           (["good"], ["bad"]), "sqs delete-message-batch")
    t.sqs("purge-queue", "--queue-url", url)
    t.same(t.sqs("receive-message", "--queue-url", url), {}, "sqs purge-queue: nothing is there")
    t.sqs("delete-queue", "--queue-url", url)
    t.refused("AWS.SimpleQueueService.NonExistentQueue", "sqs delete-queue", t.sqs,
              "receive-message", "--queue-url", url)


def receive(t, queue, wait_s):
    """The bodies of the messages that are there; they are deleted."""
    got = t.sqs("receive-message", "--queue-url", t.url[queue], "--max-number-of-messages",
                "10", "--wait-time-seconds", str(wait_s)).get("Messages", [])
    for m in got:
        t.sqs("delete-message", "--queue-url", t.url[queue],
              "--receipt-handle", m["ReceiptHandle"])
    return [json.loads(m["Body"]) for m in got]


def tokens_of(t, orders):
    """{order: token} once all of them were asked about."""
    found, until = {}, time.monotonic() + CALL_S
    while set(found) != set(orders) and time.monotonic() < until:
        for body in receive(t, "order-approvals", 5):
            found[body["order"]] = body["decideAt"].rsplit("/", 1)[1]
    t.same(sorted(found), sorted(orders), "the messages ask about the large orders")
    return found


def start(t, name, *more):
    return t.sfn("start-execution", "--state-machine-arn", t.arn, "--name", name,
                 "--input", input_file(name), *more)["executionArn"]


def ended(t, name, status):
    def look():
        d = t.sfn("describe-execution", "--execution-arn", t.execution[name])
        return d if d["status"] != "RUNNING" else None
    d = wait_for(look, CALL_S, 0.2) or {}
    t.same(d.get("status"), status, name + " ends: " + status)
    return d


def test_orders(t):
    t.execution = {name: start(t, name) for name in NAMES}
    t.same(start(t, "approved"), t.execution["approved"], "a start that is repeated")
    t.refused("ExecutionAlreadyExists", "a start with another input", t.sfn, "start-execution",
              "--state-machine-arn", t.arn, "--name", "approved", "--input", "{}")
    t.refused("InvalidExecutionInput", "an input that is no JSON", t.sfn, "start-execution",
              "--state-machine-arn", t.arn, "--input", "{")
    orders = {name: read_input(name)["orderId"] for name in NAMES}
    token = tokens_of(t, [orders[n] for n in ("approved", "rejected", "approval-timeout")])
    t.sfn("send-task-heartbeat", "--task-token", token[orders["approved"]])
    t.sfn("send-task-success", "--task-token", token[orders["approved"]],
          "--task-output", '{"decision": "approved", "by": "aws"}')
    t.sfn("send-task-failure", "--task-token", token[orders["rejected"]],
          "--error", "Rejected", "--cause", "too much")
    d = ended(t, "approved", "SUCCEEDED")
    output = json.loads(d["output"])
    t.same((output["approval"], output["receipt"]["chargedCents"]),
           ({"decision": "approved", "by": "aws"}, 79800), "its output")
    d = ended(t, "rejected", "FAILED")
    t.same((d.get("error"), d.get("cause")), ("Rejected", "too much"), "its error and cause")
    for name, status, error in (("approval-timeout", "FAILED", "ApprovalTimedOut"),
                                ("credit-fails-twice", "SUCCEEDED", None),
                                ("card-declined", "FAILED", "CardDeclined"),
                                ("bad-input", "FAILED", "InvalidOrder")):
        t.same(ended(t, name, status).get("error"), error, name + ": the error")
    t.refused("TaskTimedOut", "a spent token is refused", t.sfn, "send-task-success",
              "--task-token", token[orders["approved"]], "--task-output", "1")
    t.refused("InvalidToken", "a token that is none is refused", t.sfn, "send-task-failure",
              "--task-token", "nothing")
    got = receive(t, "order-notifications", 0)
    t.same(sorted(b["order"] for b in got),
           sorted(orders[n] for n in ("approved", "credit-fails-twice")), "the notifications")


def test_lists(t):
    events = t.sfn("get-execution-history", "--execution-arn", t.execution["approved"],
                   "--page-size", "20")["events"]
    t.same([e["id"] for e in events], list(range(1, 54)), "get-execution-history, three pages")
    t.same(story([dict(e, timestamp=0) for e in events]), STORIES["approved"].rstrip("\n"),
           "the history")
    back = t.sfn("get-execution-history", "--execution-arn", t.execution["approved"],
                 "--reverse-order", "--max-items", "5")
    t.same([e["id"] for e in back["events"]], [53, 52, 51, 50, 49], "--reverse-order")
    t.ok(back.get("NextToken"), "--max-items gives a token to go on", back.keys())
    got = t.sfn("list-executions", "--state-machine-arn", t.arn, "--page-size", "2")
    t.same(sorted(x["name"] for x in got["executions"]), sorted(NAMES), "list-executions")
    got = t.sfn("list-executions", "--state-machine-arn", t.arn, "--status-filter", "SUCCEEDED")
    t.same(sorted(x["name"] for x in got["executions"]), ["approved", "credit-fails-twice"],
           "list-executions --status-filter")


def test_end(t):
    arn = t.sfn("start-execution", "--state-machine-arn", t.arn, "--input",
                input_file("approved"))["executionArn"]
    t.ok("stopDate" in t.sfn("stop-execution", "--execution-arn", arn, "--error", "Changed",
                             "--cause", "our mind"), "stop-execution")
    d = t.sfn("describe-execution", "--execution-arn", arn)
    t.same((d["status"], d["error"], d["cause"]), ("ABORTED", "Changed", "our mind"),
           "it is stopped")
    t.refused("ExecutionDoesNotExist", "an execution that is not there", t.sfn,
              "describe-execution", "--execution-arn", arn + "x")
    for name in ("second", "order"):
        t.sfn("delete-state-machine", "--state-machine-arn", t.arn.replace("order", name))
    t.refused("StateMachineDoesNotExist", "delete-state-machine", t.sfn,
              "describe-state-machine", "--state-machine-arn", t.arn)
    t.env = dict(t.env, AWS_SECRET_ACCESS_KEY="wrong")
    t.refused("InvalidSignatureException", "a wrong secret", t.sfn, "list-state-machines")


# ---- which aws ----

def programs():
    """{version: path}: the first of each version in PATH."""
    found = {}
    named = os.environ.get("PAWL_AWS")
    paths = [named] if named else [os.path.join(d, "aws")
                                   for d in os.environ.get("PATH", "").split(os.pathsep)]
    for path in paths:
        if not path or shutil.which(path) is None:
            continue
        try:
            done = subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  env=environment(), timeout=CALL_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        version = re.search(r"aws-cli/(\d+)\.(\d+)\.(\d+)", done.stdout)
        if version is not None:
            found.setdefault(tuple(int(n) for n in version.groups()), path)
    return dict(sorted(found.items())[:VERSIONS_MAX])


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    found = programs()
    if not found:
        skip_all("there is no aws in PATH")
    try:
        with time_limit(LIMIT_S):
            for version, path in found.items():
                with Pawld() as server, Worker(server):
                    t = Aws(path, version, server)
                    for test in (test_machines, test_queues, test_orders, test_lists, test_end):
                        try:
                            test(t)
                        except (Refused, OSError, RuntimeError, KeyError, ValueError,
                                TypeError, AssertionError, subprocess.TimeoutExpired) as e:
                            t.ok(False, test.__name__, repr(e))
                            break
                tap.ok(wait_for(lambda: not left_behind(server.folder), 30),
                       "no process is left behind", *left_behind(server.folder))
    except TooLong as e:
        tap.ok(False, "in time", e)
    return tap.done()


sys.exit(main())
