#!/usr/bin/env python3
"""TestState: over the AWS protocol, over REST, and from the command line.

What a state makes of its data is tested by tests/data/teststate/; here is what
needs a server: real functions, queues and services, time, and that nothing is
kept.  Shapes follow recordings test_state/test_test_state_scenarios.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

from pawld import AwsError, Functions, Pawld, Tap, wait_for

PAWL = os.path.join(os.environ.get("builddir", "."), "pawl")
ROLE = "arn:aws:iam::111111111111:role/test"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:"


def slow(payload, headers):
    time.sleep(20)
    return {}


def boom(payload, headers):
    raise ValueError("no " + str(payload.get("n")))


class Test:
    def __init__(self, server, tap, folder):
        self.server, self.tap, self.folder = server, tap, folder

    def ask(self, state, value=None, level="DEBUG", **more):
        """The answer over the AWS protocol, texts of JSON as their values."""
        params = dict({"definition": json.dumps(state), "roleArn": ROLE,
                       "inspectionLevel": level}, **more)
        if value is not None:
            params["input"] = json.dumps(value)
        answer = self.server.aws("TestState", params)
        for o in (answer, answer.get("inspectionData", {})):
            for name, text in o.items():
                if name in ("output", "input", "result", "variables") or name.startswith("after"):
                    o[name] = json.loads(text)
        return answer

    def refused(self, name, code, state, **more):
        try:
            got = self.ask(state, **more)
        except AwsError as e:
            got = (e.status, e.code)
        self.tap.same(got, (400, code), "refused: " + name)

    def pawl(self, *words, text=None):
        done = subprocess.run([PAWL, *words, "--data", self.server.data, "--color", "never"],
                              input=text, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def file(self, definition):
        with tempfile.NamedTemporaryFile("w", dir=self.folder, suffix=".json",
                                         delete=False) as f:
            json.dump(definition, f)
        return f.name

    # ---- the AWS protocol ----

    def functions(self):
        tap, n = self.tap, {"n": 1}
        task = {"Type": "Task", "Resource": FUNCTION + "double", "ResultPath": "$.got",
                "Next": "After"}
        got = self.ask(task, n)
        want = {"n": 1, "got": {"n": 2}}
        tap.same(got, {"status": "SUCCEEDED", "nextState": "After", "output": want,
                       "inspectionData": {"input": n, "afterInputPath": n, "afterParameters": n,
                                          "result": {"n": 2}, "afterResultSelector": {"n": 2},
                                          "afterResultPath": want}},
                 "a function is really called")
        got = self.ask({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                        "Parameters": {"FunctionName": "double", "Payload.$": "$"},
                        "ResultSelector": {"is.$": "$.Payload.n"}}, n, "INFO")
        tap.same(got, {"status": "SUCCEEDED", "output": {"is": 2}}, "so it is by lambda:invoke")
        task = {"Type": "Task", "Resource": FUNCTION + "boom", "End": True,
                "Retry": [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 3}]}
        before = len(self.calls)
        got = self.ask(task, n)
        tap.same((got["status"], got["error"], json.loads(got["cause"])["errorMessage"],
                  got["inspectionData"]["errorDetails"], len(self.calls) - before),
                 ("RETRIABLE", "ValueError", "no 1",
                  {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}, 1),
                 "its failure is told, with its retry, and not retried")
        got = self.ask({"Type": "Task", "Resource": FUNCTION + "nobody", "End": True,
                        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C", "ResultPath": "$.e"}]}, n)
        tap.same((got["status"], got["nextState"], got["output"]["e"]["Error"]),
                 ("CAUGHT_ERROR", "C", "Lambda.ResourceNotFoundException"),
                 "a function that is not there is an error that can be caught")
        begin = time.monotonic()
        got = self.ask({"Type": "Task", "Resource": FUNCTION + "slow", "TimeoutSeconds": 1,
                        "End": True}, n)
        tap.same((got["status"], got["error"], time.monotonic() - begin < 15),
                 ("FAILED", "States.Timeout", True), "TimeoutSeconds holds")
        got = self.ask({"Type": "Task", "Resource": FUNCTION + "double", "End": True}, n, "INFO",
                       mock={"result": '"mocked"'})
        tap.same(got, {"status": "SUCCEEDED", "output": "mocked"}, "a mock is asked instead")
        tap.ok("X-Pawl-Execution" in self.calls[0][2] and
               ":express:" in self.calls[0][2]["X-Pawl-Execution"] and
               len({c[2]["Idempotency-Key"] for c in self.calls}) == len(self.calls),
               "each call has a key of its own", self.calls[0][2])

    def services(self):
        tap, server = self.tap, self.server
        url = server.sqs("CreateQueue", {"QueueName": "q"})["QueueUrl"]
        task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True,
                "Parameters": {"QueueUrl": url, "MessageBody.$": "$"}}
        got = self.ask(task, {"a": 1}, "INFO")
        message = server.sqs("ReceiveMessage", {"QueueUrl": url})["Messages"][0]
        tap.same((got["status"], got["output"]["MessageId"], json.loads(message["Body"])),
                 ("SUCCEEDED", message["MessageId"], {"a": 1}), "a message is really sent")
        got = self.ask(dict(task, Parameters={"QueueUrl": url, "MessageBody": None}), {})
        tap.same((got["status"], got["error"]), ("FAILED", "SQS.AmazonSQSException"),
                 "one without a body is not")
        got = self.ask(dict(task, Parameters={"QueueUrl": url + "x", "MessageBody": "b"}), {})
        tap.same((got["status"], got["error"]), ("FAILED", "SQS.QueueDoesNotExistException"),
                 "nor one to no queue")
        got = self.ask({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                        "Parameters": {"QueueName": "q"}, "End": True}, {}, "INFO")
        tap.same(got, {"status": "SUCCEEDED", "output": {"QueueUrl": url}},
                 "pawl's own operations can be called")
        got = self.ask({"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
                        "Parameters": {"TopicArn": "t", "Message": "m"}, "End": True}, {})
        tap.same((got["status"], got["error"]), ("FAILED", "States.TaskFailed"),
                 "a service that pawl cannot call fails")

    def time_passes(self):
        tap = self.tap
        begin = time.monotonic()
        got = self.ask({"Type": "Wait", "Seconds": 1, "Next": "N"}, {"a": 1})
        tap.same((got, time.monotonic() - begin >= 0.9),
                 ({"status": "SUCCEEDED", "nextState": "N", "output": {"a": 1},
                   "inspectionData": {"input": {"a": 1}, "afterInputPath": {"a": 1}}}, True),
                 "a Wait waits")
        left = {"gone": False}

        def go_away():
            try:
                body = json.dumps({"definition": {"Type": "Wait", "Seconds": 100, "End": True}})
                self.server.rest("POST", "/v1/test-state", body.encode(), timeout=1)
            except TimeoutError:
                left["gone"] = True
        threading.Thread(target=go_away).start()
        tap.ok(wait_for(lambda: left["gone"], 10) and
               self.server.rest("GET", "/v1/status")[0] == 200,
               "a client that goes away harms nothing")

    def nothing_is_kept(self):
        rest = self.server.rest
        self.tap.same((rest("GET", "/v1/executions")[2]["items"],
                       rest("GET", "/v1/machines")[2]["items"]), ([], []),
                      "no execution and no machine is kept")

    def is_refused(self):
        ask = {"Type": "Pass", "End": True}
        self.refused("an inspection level", "ValidationException", ask, level="LOUD")
        self.refused("a mode", "ValidationException", ask, mock={"fieldValidationMode": "X"})
        self.refused("a number", "SerializationException", ask,
                     stateConfiguration={"retrierRetryCount": "1"})
        self.refused("less than nothing", "ValidationException", ask,
                     stateConfiguration={"retrierRetryCount": -1})
        self.refused("a role", "InvalidArn", ask, roleArn="arn:aws:iam::1:user/u")
        self.refused("an input", "InvalidExecutionInput", ask, input="{")
        self.refused("deep input", "InvalidExecutionInput", ask, input="[" * 5000)
        self.refused("a definition", "InvalidDefinition", {"Type": "Pass"})
        self.refused("deep definition", "InvalidDefinition", ask, definition="[" * 5000)
        self.refused("a name", "ValidationException", {"StartAt": "A", "States": {"A": ask}},
                     stateName="B")
        self.refused("a context without a mock", "ValidationException", ask, context="{}")

    def stops(self):
        def hang(definition):
            body = json.dumps({"definition": definition}).encode()
            try:
                self.server.rest("POST", "/v1/test-state", body, timeout=60)
            except (OSError, http.client.HTTPException):
                pass
        asked = [{"Type": "Wait", "Seconds": 200, "End": True},
                 {"Type": "Task", "Resource": FUNCTION + "slow", "End": True}]
        threads = [threading.Thread(target=hang, args=(a,)) for a in asked]
        for t in threads:
            t.start()
        wait_for(lambda: self.calls[-1][0] == "slow", 10)
        begin = time.monotonic()
        status = self.server.stop()
        self.tap.same((status, time.monotonic() - begin < 25), (0, True),
                      "tests under way do not keep the server from stopping")
        for t in threads:
            t.join()

    # ---- REST ----

    def over_rest(self):
        tap, rest = self.tap, self.server.rest
        body = {"definition": {"Type": "Pass", "Parameters": {"v.$": "$v.x", "c.$": "$$.State.Name"},
                               "Assign": {"w": "text"}, "End": True},
                "input": {"input": "not JSON", "startDate": 5}, "variables": {"v": {"x": 1.5}},
                "context": {"State": {"Name": "Mine"}}, "inspectionLevel": "TRACE"}
        out = {"v": 1.5, "c": "Mine"}
        status, _, got = rest("POST", "/v1/test-state", body)
        tap.same((status, got), (200, {
            "status": "SUCCEEDED", "output": out, "inspectionData": {
                "input": body["input"], "afterInputPath": body["input"], "afterParameters": out,
                "afterResultSelector": out, "afterResultPath": out,
                "variables": {"v": {"x": 1.5}, "w": "text"}}}),
            "REST takes and gives values, and names of users stay")
        body = {"definition": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                               "Parameters": {"FunctionName": "f"}, "End": True},
                "mock": {"result": "a string", "fieldValidationMode": "NONE"}}
        tap.same(rest("POST", "/v1/test-state", body)[2],
                 {"status": "SUCCEEDED", "output": "a string"}, "a mocked string is a string")
        status, _, got = rest("POST", "/v1/test-state", {"definition": {"Type": "Map"}})
        tap.same((status, got["error"]), (400, "InvalidDefinition"), "errors are those of the API")
        status, _, got = rest("POST", "/v1/test-state", {"definition": {"Type": "Succeed"}, "mock": 5})
        tap.same((status, got["error"]), (400, "SerializationException"), "of types, too")

    # ---- the command line ----

    def from_the_command_line(self):
        tap = self.tap
        state = self.file({"Type": "Choice", "Choices": [{"Variable": "$.v", "NumericEquals": 1,
                                                          "Next": "One"}], "Default": "Other"})
        code, out, err = self.pawl("test-state", state, "--input", '{"v": 1}', "-o", "json")
        tap.same((code, json.loads(out or "null")),
                 (0, {"status": "SUCCEEDED", "nextState": "One", "output": {"v": 1}}),
                 "pawl test-state -o json")
        code, out, err = self.pawl("test-state", state, "--input", '{"v": 1}', "--inspect", "debug")
        lines = [x.strip() for x in out.split("\n")]
        tap.ok(code == 0 and lines[0] == "status     SUCCEEDED" and lines[1] == "next       One" and
               "after InputPath" in lines and "output" in lines, "for people", out)
        machine = self.file({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Next": "B"},
            "B": {"Type": "Task", "Resource": FUNCTION + "double", "End": True,
                  "Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 2}],
                  "Catch": [{"ErrorEquals": ["E"], "Next": "A"}]}}})
        code, out, err = self.pawl("test-state", machine)
        tap.ok(code == 2 and "--state" in err and "A, B" in err, "which state of a machine?", err)
        code, out, err = self.pawl("test-state", machine, "--state", "B", "--input", '{"n": 4}',
                                   "-o", "json")
        tap.same((code, json.loads(out or "null")), (0, {"status": "SUCCEEDED", "output": {"n": 8}}),
                 "that one")
        code, out, err = self.pawl("test-state", machine, "-s", "B", "--mock-error", "E",
                                   "--mock-cause", "so", "--inspect", "debug", "--retries", "2")
        tap.ok(code == 1 and "RETRIABLE" in out and "entry 0 of Retry, after 8 s" in out and
               "cause      so" in out, "a retry ends with 1", out, err)
        code, out, err = self.pawl("test-state", machine, "-s", "B", "--mock-error", "E",
                                   "--inspect", "debug", "--retries", "3")
        tap.ok(code == 0 and "CAUGHT_ERROR" in out and "no attempts left" in out and
               "entry 0 of Catch" in out, "a caught error with 0", out, err)
        code, out, err = self.pawl("test-state", "-", "--mock-result", '{"Entries": 1}', text=json.dumps(
            {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "End": True,
             "Parameters": {"Entries": []}}))
        tap.ok(code == 6 and "Field 'Entries' must be an array" in err, "a mock that cannot be", err)
        code, out, err = self.pawl("test-state", machine, "-s", "B", "--mock-result", "{}",
                                   "--mock-error", "E")
        tap.same(code, 2, "not both")
        code, out, err = self.pawl("test-state", "-", "--input", "{oops", text='{"Type":"Succeed"}')
        tap.ok(code == 1 and "--input" in err, "input that is no JSON", err)
        broken = self.file({"StartAt": "A", "States": {"A": {"Type": "Pass", "Nxet": "B"}}})
        code, out, err = self.pawl("test-state", broken, "--state", "A")
        tap.ok(code == 1 and "did you mean 'Next'" in err, "a broken definition, with its place", err)


def main():
    tap = Tap()
    functions = Functions({"double": lambda p, h: {"n": 2 * p["n"]}, "boom": boom, "slow": slow})
    try:
        with Pawld() as server, tempfile.TemporaryDirectory() as folder:
            for name in ("double", "boom", "slow"):
                server.rest("PUT", "/v1/functions/" + name, {"url": functions.url + "/" + name})
            test = Test(server, tap, folder)
            test.calls = functions.calls
            test.functions()
            test.services()
            test.time_passes()
            test.is_refused()
            test.over_rest()
            test.from_the_command_line()
            test.nothing_is_kept()
            test.stops()
            log = server.log()
            tap.ok(" error " not in log and "Sanitizer" not in log, "the log has no errors",
                   log[-2000:])
    finally:
        functions.close()
    return tap.done()


sys.exit(main())
