#!/usr/bin/env python3
"""Bad input through every door: a clear error, nothing lost, no process down.

api.py tries the AWS and REST requests themselves; here are the values inside
them (outputs, decisions, messages, names, pages, tokens of another server) and the
answers of functions.  An execution waits through all of it and must end right, in
the processes that were there at the start.
"""

import json
import os
import socket
import sys
import threading
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import TooLong, left_behind, parents, sanitizer_lines, time_limit  # noqa: E402
from pawld import PROGRAM, AwsError, Pawld, Tap, sign, skip_all, wait_for  # noqa: E402

LIMIT_S = 600
KB256 = 262144
SQS_XML = "http://queue.amazonaws.com/doc/2012-11-05/"
DEEP = "[" * 10000 + "]" * 10000
ASK = {"StartAt": "Ask", "States": {"Ask": {
    "Type": "Task", "End": True,
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "asked", "MessageBody": {"token.$": "$$.Task.Token"}}}}}
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}

# Texts that are no JSON that we take, each with what it is.
BAD_JSON = (
    ("nothing", ""), ("white space", " \n"), ("broken JSON", '{"a":'), ("a word", "nope"),
    ("two values", "1 2"), ("a comma too much", "[1,]"), ("a single quote", "{'a':1}"),
    ("a comment", "1 // one"), ("NaN", "NaN"), ("an escaped NUL", '{"a":"\\u0000"}'),
    ("a NUL in a name", '{"\\u0000":1}'), ("a lone surrogate", '{"a":"\\ud800"}'),
    ("a surrogate the wrong way", '["\\udc00\\ud800"]'), ("a tab in a string", '"a\tb"'),
    ("10,000 levels", DEEP), ("10,000 levels, unclosed", "[" * 10000))

tap = Tap()
ok, same = tap.ok, tap.same


def refused(what, codes, call, *args):
    """The AWS call must fail with one of these codes, and a message."""
    try:
        ok(False, what, "it succeeded: %r" % (call(*args),))
    except AwsError as e:
        ok(e.status == 400 and e.code in codes and e.message, what, e)


def rest_refused(server, what, statuses, method, path, body=None):
    status, _, answer = server.rest(method, path, body)
    ok(status in statuses and isinstance(answer, dict) and answer.get("error") and
       answer.get("message"), what, status, answer)


# ---- values inside requests ----

def ask(server, name):
    """(ARN, token) of an execution that waits for an answer."""
    arn = server.start_execution(server.ask_arn, {}, name)
    got = wait_for(lambda: server.rest("POST", "/v1/queues/asked/receive",
                                       {"waitSeconds": 5})[2]["items"], 30)
    server.rest("DELETE", "/v1/queues/asked/messages/" + got[0]["receiptHandle"])
    return arn, json.loads(got[0]["body"])["token"]


def test_outputs(server):
    arn, token = ask(server, "outputs")
    for what, text in BAD_JSON:
        refused("an output that is " + what, ("InvalidOutput", "ValidationException"),
                server.aws, "SendTaskSuccess", {"taskToken": token, "output": text})
        body = b'{"output":' + text.encode() + b"}"
        rest_refused(server, "REST: an output that is " + what, (400,), "POST",
                     "/v1/tasks/%s/success" % token, body)
        status, _, _ = server.http("POST", "/callback/" + token, body,
                                   {"Content-Type": "application/json"})
        same(status, 400, "a decision with an output that is " + what)
    big = '"' + "x" * KB256 + '"'
    refused("an output that is too large", ("InvalidOutput", "ValidationException"),
            server.aws, "SendTaskSuccess", {"taskToken": token, "output": big})
    rest_refused(server, "REST: an output that is too large", (400, 413), "POST",
                 "/v1/tasks/%s/success" % token, b'{"output":' + big.encode() + b"}")
    refused("an error that is too long", ("ValidationException",), server.aws,
            "SendTaskFailure", {"taskToken": token, "error": "e" * 257})
    same(server.rest("GET", "/v1/tasks/" + token)[2]["open"], True, "the task is still open")
    server.aws("SendTaskSuccess", {"taskToken": token, "output": big[:KB256 - 1] + '"'})
    d = server.ended(arn)
    same((d["status"], len(d["output"])), ("SUCCEEDED", KB256), "the longest output is taken")


def test_inputs(server):
    for what, text in BAD_JSON:
        refused("an input that is " + what, ("InvalidExecutionInput",), server.aws,
                "StartExecution", {"stateMachineArn": server.pass_arn, "input": text})
    for size, good in ((KB256, True), (KB256 + 1, False), (2 << 20, False)):
        text = '"' + "x" * (size - 2) + '"'
        try:
            arn = server.aws("StartExecution", {"stateMachineArn": server.pass_arn,
                                                "input": text})["executionArn"]
            same((server.ended(arn) or {}).get("output") == text, good,
                 "an input of %d bytes goes through" % size)
        except AwsError as e:
            ok(not good and (e.status == 413 or e.code == "ValidationException") and e.message,
               "an input of %d bytes is refused" % size, e)


def test_unusual(server):
    """What looks strange, and is good."""
    for what, text in (("all of Unicode", json.dumps("\u00e4\u20ac\U0001f600\ufffd\u2028")),
                       ("1000 levels", "[" * 1000 + "]" * 1000),
                       ("long numbers", "[12345678901234567890,1e999999,-0.10]"),
                       ("the same member twice", '{"a":1,"a":2}')):
        arn = server.aws("StartExecution", {"stateMachineArn": server.pass_arn,
                                            "input": text})["executionArn"]
        d = server.ended(arn) or {}
        same((d.get("status"), d.get("output")), ("SUCCEEDED", text),
             "an input that is unusual comes through: " + what)
    looking = {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"n.$": "$.n", "m.$": "States.Array($.n, $.n)"},
              "Next": "B"},
        "B": {"Type": "Choice", "Choices": [
            {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "C"}], "Default": "C"},
        "C": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "End": True}}}
    arn = server.machine("looking", looking)
    for number in ("1e999999", "-1e999999", "1e-999999", "12345678901234567890",
                   "1" + "0" * 400, "0." + "0" * 400 + "1", "-0.0", "9223372036854775807",
                   "-9223372036854775808"):
        started = server.aws("StartExecution", {"stateMachineArn": arn,
                                                "input": '{"n":%s}' % number})
        d = server.ended(started["executionArn"]) or {}
        ok(d.get("status") in ("SUCCEEDED", "FAILED"), "a state looks at %.24s: %s" % (
            number, d.get("output", d.get("error"))), d)


def test_definitions(server):
    for what, text in BAD_JSON:
        refused("a definition that is " + what, ("InvalidDefinition", "ValidationException"),
                server.machine, "bad", text)
        rest_refused(server, "REST: a definition that is " + what, (400,), "PUT",
                     "/v1/machines/bad", b'{"definition":' + text.encode() + b"}")
    for what, word, state in (
            ("neither Next nor End", "A", {"Type": "Pass"}),
            ("a Next that is nowhere", "Nowhere", {"Type": "Pass", "Next": "Nowhere"}),
            ("an unknown type", "Type", {"Type": "Sleep", "End": True}),
            ("a type that is a number", "Type", {"Type": 5, "End": True}),
            ("a state that is a text", "A", "Pass"),
            ("a negative timeout", "TimeoutSeconds", {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                "TimeoutSeconds": -1, "End": True})):
        try:
            server.machine("bad", {"StartAt": "A", "States": {"A": state}})
            ok(False, "a definition with " + what)
        except AwsError as e:
            ok(e.code == "InvalidDefinition" and word in e.message,
               "a definition with " + what, e)
    huge = json.dumps(dict(PASS, Comment="x" * (1 << 20)))
    refused("a definition of more than 1 MB", ("InvalidDefinition", "ValidationException"),
            server.machine, "bad", huge)
    same(server.rest("GET", "/v1/machines/bad")[0], 404, "none of them was kept")


def test_names(server):
    names = ("a/b", "/", "../a", "a b", "a<b", "a*", "a?b", 'a"b', "a\\b", "a\nb", "a\x7fb", "a#",
             "x" * 81, "", "a\u0080b")
    for name in names:
        refused("a machine that is named %.20r" % name, ("InvalidName", "ValidationException"),
                server.machine, name, PASS)
        refused("an execution that is named %.20r" % name, ("InvalidName", "ValidationException"),
                server.start_execution_named, name)
        refused("a queue that is named %.20r" % name,
                ("InvalidParameterValue", "ValidationException", "InvalidAddress",
                 "MissingParameter"), server.sqs, "CreateQueue", {"QueueName": name})
    for kind, body in (("machines", {"definition": PASS}), ("queues", {}),
                       ("functions", {"url": "http://127.0.0.1:1/"})):
        for name in ("a%2Fb", "a%20b", "%2e%2e%2f", "x" * 200, "a%00b", "%c3%28"):
            rest_refused(server, "REST: PUT /v1/%s/%.20s" % (kind, name), (400, 404), "PUT",
                         "/v1/%s/%s" % (kind, name), body)


def test_pages(server):
    lists = (("ListStateMachines", {}), ("ListExecutions", {"stateMachineArn": server.ask_arn}),
             ("GetExecutionHistory", {"executionArn": server.survivor}))
    for operation, params in lists:
        for n in (-1, 1001, -(2 ** 31), 2 ** 40, 10 ** 30):
            refused("%s: maxResults %d" % (operation, n),
                    ("ValidationException", "SerializationException"), server.aws, operation,
                    dict(params, maxResults=n))
        for token in ("x", "", "A" * 2000, "\u00e4"):
            refused("%s: the token %.10r" % (operation, token),
                    ("InvalidToken", "ValidationException"), server.aws, operation,
                    dict(params, nextToken=token))
    for path in ("machines", "executions", "executions/ask:survivor/history"):
        for query in ("limit=-1", "limit=x", "limit=1e3", "limit=99999999999999999999",
                      "nextToken=x"):
            rest_refused(server, "REST: /v1/%s?%s" % (path, query), (400,), "GET",
                         "/v1/%s?%s" % (path, query))


def test_messages(server):
    status, _, answer = server.rest("POST", "/v1/queues/asked/messages", {"body": "x" * KB256})
    same(status, 201, "the longest message is taken")
    rest_refused(server, "a message that is too long", (400, 413), "POST",
                 "/v1/queues/asked/messages", {"body": "x" * (KB256 + 1)})
    for what, body in (("an escaped NUL", b'{"body":"a\\u0000b"}'), ("none", b"{}"),
                       ("a lone surrogate", b'{"body":"\\ud83d"}'), ("a number", b'{"body":5}'),
                       ("an empty one", b'{"body":""}'), ("bytes", b'{"body":"\xff\xfe"}')):
        rest_refused(server, "a message that is " + what, (400,), "POST",
                     "/v1/queues/asked/messages", body)
    same(server.rest("GET", "/v1/queues/asked")[0], 200, "the queue is well")
    server.sqs("PurgeQueue", {"QueueUrl": "asked"})


def form_call(server, body, path="/", secret=None):
    """(status, text) of a call of the old SQS protocol."""
    headers = sign("POST", "127.0.0.1:%d" % server.port, path, "", {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, body, "sqs",
        server.key_id, secret or server.secret, server.region)
    status, _, text = server.http("POST", path, body, headers)
    return status, text.decode()


def test_forms(server):
    """The protocol of old SQS clients: forms in, XML out, always well-formed."""
    for what, body, code in (
            ("nothing", b"", "MissingAction"), ("no Action", b"QueueUrl=asked", "MissingAction"),
            ("an unknown Action", b"Action=Dance", "InvalidAction"),
            ("an Action of another service", b"Action=StartExecution", "InvalidAction"),
            ("an Action that is a list", b"Action.1=ListQueues", "MissingAction"),
            ("a bad escape", b"Action=ListQueues&a=%zz", "MalformedQueryString"),
            ("an escaped NUL", b"Action=ListQueues&a=%00", "MalformedQueryString"),
            ("a raw NUL", b"Action=ListQueues&a=\0", None),
            ("bytes that are no UTF-8", b"Action=ListQueues&a=%ff", "MalformedQueryString"),
            ("a name that is no UTF-8", b"Action=ListQueues&%ff=a", "MalformedQueryString"),
            ("a value in a value", b"Action=ListQueues&a=1&a.b=2", "MalformedQueryString"),
            ("a structure made a value", b"Action=ListQueues&a.b=2&a=1", None),
            ("a name of many parts", b"Action=ListQueues&" + b"a." * 5000 + b"a=1",
             "MalformedQueryString"),
            ("many fields", b"Action=ListQueues" + b"&a=1" * 2000, "MalformedQueryString"),
            ("empty fields", b"&&&Action=ListQueues&&=&", None),
            ("no queue", b"Action=SendMessage&MessageBody=x", "MissingParameter"),
            ("no number", b"Action=ReceiveMessage&QueueUrl=asked&MaxNumberOfMessages=x",
             "SerializationException"),
            ("a number beyond all", b"Action=ReceiveMessage&QueueUrl=asked&"
             b"MaxNumberOfMessages=99999999999999999999", "SerializationException"),
            ("a negative one", b"Action=ReceiveMessage&QueueUrl=asked&MaxNumberOfMessages=-1",
             "InvalidParameterValue"),
            ("a list with a gap", b"Action=ReceiveMessage&QueueUrl=asked&AttributeName.7=All",
             None),
            ("a map without names", b"Action=SendMessage&QueueUrl=asked&MessageBody=x&"
             b"MessageAttribute.1.Value=1", None),
            ("a map of texts", b"Action=SendMessage&QueueUrl=asked&MessageBody=x&"
             b"MessageAttribute.1.Name=a&MessageAttribute.1.Value=1", "InvalidParameterValue"),
            ("a batch of texts", b"Action=SendMessageBatch&QueueUrl=asked&"
             b"SendMessageBatchRequestEntry.1=x", "SerializationException"),
            ("an empty batch", b"Action=SendMessageBatch&QueueUrl=asked", "MissingParameter"),
            ("no such queue", b"Action=PurgeQueue&QueueUrl=none",
             "AWS.SimpleQueueService.NonExistentQueue")):
        status, text = form_call(server, body)
        try:
            got = xml.etree.ElementTree.fromstring(text).find(
                "{%s}Error/{%s}Code" % ((SQS_XML,) * 2))
            same((status == 200, None if got is None else got.text), (code is None, code),
                 "a form with " + what)
        except xml.etree.ElementTree.ParseError as e:
            ok(False, "a form with " + what, e, text)
    # What a client chose for a name must not become a tag.
    server.sqs("PurgeQueue", {"QueueUrl": "asked"})
    server.sqs("SendMessage", {"QueueUrl": "asked", "MessageBody": "]]>&<", "MessageAttributes": {
        "<a&\">": {"DataType": "String", "StringValue": "v", "x><y": "z", "": "e"}}})
    _, text = form_call(server, b"Action=ReceiveMessage&QueueUrl=asked&WaitTimeSeconds=5&"
                        b"MessageAttributeName.1=All&AttributeName.1=All")
    root = xml.etree.ElementTree.fromstring(text)
    found = {e.tag.split("}")[1]: e.text for e in root.iter()}
    same((found.get("Body"), found.get("Name"), "y" in found), ("]]>&<", "<a&\">", False),
         "texts of a client are escaped, names of members checked")
    status, text = form_call(server, b"Action=ListQueues", secret="wrong")
    ok(status == 403 and "<Code>InvalidSignatureException</Code>" in text,
       "a wrong secret is refused", status, text)
    server.sqs("PurgeQueue", {"QueueUrl": "asked"})


def test_other_server(server):
    """A token of another installation opens nothing here, and stays good there."""
    with Pawld(processes=1) as other:
        other.ask_arn = other.machine("ask", ASK)
        other.rest("PUT", "/v1/queues/asked", {})
        arn, token = ask(other, "survivor")
        for operation, more in (("SendTaskSuccess", {"output": "1"}), ("SendTaskFailure", {}),
                                ("SendTaskHeartbeat", {})):
            refused("%s with a token of another server" % operation, ("InvalidToken",),
                    server.aws, operation, dict({"taskToken": token}, **more))
        rest_refused(server, "REST: a token of another server", (400, 404), "POST",
                     "/v1/tasks/%s/success" % token, {"output": 1})
        rest_refused(server, "REST: asking about it", (400, 404), "GET", "/v1/tasks/" + token)
        for method, body in (("GET", None), ("POST", b'{"decision":"approve"}')):
            same(server.http(method, "/callback/" + token, body, {
                "Content-Type": "application/json"})[0], 404, method + " /callback/ with it")
        page = other.aws("ListExecutions", {"stateMachineArn": other.ask_arn, "maxResults": 1})
        other.start_execution(other.ask_arn, {}, "second")
        page = other.aws("ListExecutions", {"stateMachineArn": other.ask_arn, "maxResults": 1})
        refused("a page of another server", ("InvalidToken",), server.aws, "ListExecutions",
                {"stateMachineArn": server.ask_arn, "nextToken": page["nextToken"]})
        other.aws("SendTaskSuccess", {"taskToken": token, "output": "1"})
        same(other.ended(arn)["status"], "SUCCEEDED", "at home it is still good")


# ---- answers of functions ----

class Rude:
    """A function server that answers with given bytes, and hangs up."""

    def __init__(self):
        self.answers = {}
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d/" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        with client:
            try:
                client.settimeout(20)
                data = b""
                while b"\r\n\r\n" not in data:
                    data += client.recv(65536)
                client.sendall(self.answers[data.split(b" ", 2)[1].decode().lstrip("/")])
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass
            except OSError:
                pass            # it had enough of us

    def close(self):
        self.socket.close()


def http_answer(body, status="200 OK", length=None, more=b""):
    return (b"HTTP/1.1 " + status.encode() + b"\r\nContent-Type: application/json\r\n" + more +
            b"Content-Length: %d\r\n\r\n" % (len(body) if length is None else length) + body)


def function_answers():
    """(what it is, the bytes, the errors that it may give)"""
    for what, text in BAD_JSON[2:]:     # an empty answer is a null
        yield "JSON that is " + what, http_answer(text.encode()), ("Lambda.Unknown",)
    yield "bytes that are no UTF-8", http_answer(b'"\xff\xfe"'), ("Lambda.Unknown",)
    yield "a raw NUL", http_answer(b'"a\0b"'), ("Lambda.Unknown",)
    yield "more than 256 KB", http_answer(b'"' + b"x" * KB256 + b'"'), \
        ("States.DataLimitExceeded",)
    yield "30 MB", http_answer(b'"' + b"x" * (30 << 20) + b'"'), \
        ("States.DataLimitExceeded", "Lambda.Unknown", "Lambda.SdkClientException")
    sdk = ("Lambda.SdkClientException",)
    yield "a body that is cut short", http_answer(b'{"a":1}', length=99), sdk
    yield "nothing at all", b"", sdk
    yield "no HTTP", b"hello\r\n\r\n", sdk + ("Lambda.Unknown",)
    yield "a header without end", b"HTTP/1.1 200 OK\r\nX: " + b"y" * (4 << 20), sdk
    yield "a status that is none", b"HTTP/1.1 9999 What\r\n\r\n", \
        sdk + ("Lambda.AWSLambdaException", "Lambda.ServiceException", "Lambda.Unknown")
    yield "an error that is no JSON", http_answer(
        b"oops", more=b"X-Amz-Function-Error: Unhandled\r\n"), ("Lambda.Unknown", "Unhandled")
    yield "an error of the wrong shape", http_answer(
        b"[1]", more=b"X-Amz-Function-Error: Unhandled\r\n"), ("Lambda.Unknown", "Unhandled")
    yield "an error with a NUL", http_answer(
        b'{"errorType":"A\\u0000B","errorMessage":"x"}',
        more=b"X-Amz-Function-Error: Unhandled\r\n"), ("Lambda.Unknown", "Unhandled")
    yield "a redirect", http_answer(b"{}", "302 Found", more=b"Location: http://127.0.0.1:1/\r\n"), \
        ("Lambda.AWSLambdaException",)


def test_functions(server):
    rude = Rude()
    catching = {"StartAt": "Call", "States": {
        "Call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                 "TimeoutSeconds": 60,
                 "Parameters": {"FunctionName.$": "$.name", "Payload.$": "$"},
                 "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]},
        "Caught": {"Type": "Pass", "End": True}}}
    arn = server.machine("catching", catching)
    try:
        cases = list(function_answers())
        for n, (_, data, _) in enumerate(cases):
            rude.answers["f%d" % n] = data
            server.rest("PUT", "/v1/functions/f%d" % n, {"url": rude.url + "f%d" % n})
        started = [server.start_execution(arn, {"name": "f%d" % n}) for n in range(len(cases))]
        for (what, _, errors), execution in zip(cases, started):
            d = server.ended(execution, 60) or {}
            caught = json.loads(d.get("output") or "{}")
            # What is too large for a state cannot be caught.
            got = caught.get("Error") or d.get("error")
            ok(got in errors, "a function that answers with %s: %s" % (what, got), str(d)[:1000])
    finally:
        rude.close()


def test_link_local(server):
    """Where clouds keep their metadata: however it is written, it is not called."""
    arn = server.machine("metadata", {"StartAt": "Call", "States": {"Call": {
        "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:metadata",
        "End": True}}})
    for host in ("169.254.169.254", "2852039166", "[::ffff:169.254.169.254]", "[fe80::1%25lo]"):
        server.rest("PUT", "/v1/functions/metadata", {"url": "http://%s/latest" % host})
        d = server.ended(server.start_execution(arn, {}), 60) or {}
        ok(d.get("error") == "Lambda.SdkClientException" and
           d.get("cause") == "Unable to execute HTTP request: link-local addresses are never called",
           "a function at %s is not called" % host, str(d)[:1000])


TESTS = (test_outputs, test_inputs, test_unusual, test_definitions, test_names, test_pages,
         test_messages, test_forms, test_other_server, test_functions,
         test_link_local)


def workers_of(server):
    found = []
    for pid, parent in parents().items():
        if parent == server.popen.pid:
            with open("/proc/%d/comm" % pid) as f:
                if f.read().startswith("pawld/"):
                    found.append(pid)
    return sorted(found)


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    only = sys.argv[1:]
    try:
        with time_limit(LIMIT_S), Pawld() as server:
            server.rest("PUT", "/v1/queues/asked", {})
            server.ask_arn = server.machine("ask", ASK)
            server.pass_arn = server.machine("pass", PASS)
            server.start_execution_named = lambda name: server.aws("StartExecution", {
                "stateMachineArn": server.pass_arn, "input": "{}", "name": name})
            server.survivor, token = ask(server, "survivor")
            pids = workers_of(server)
            for test in TESTS:
                if not only or test.__name__ in only:
                    try:
                        test(server)
                    except (OSError, RuntimeError, KeyError, TypeError, ValueError,
                            AwsError) as e:
                        ok(False, test.__name__, repr(e), server.log()[-2000:])
            server.aws("SendTaskSuccess", {"taskToken": token, "output": '"well"'})
            d = server.ended(server.survivor) or {}
            same((d.get("status"), d.get("output")), ("SUCCEEDED", '"well"'),
                 "who waited through all this ends right")
            same((len(pids), workers_of(server)), (2, pids), "no process went down")
            same(server.stop(), 0, "pawld ends well")
            same(sanitizer_lines(server.log()), [], "no sanitizer complains")
            ok(wait_for(lambda: not left_behind(server.folder), 30),
               "no process is left behind", *left_behind(server.folder))
    except TooLong as e:
        ok(False, "in time", e)
    return tap.done()


sys.exit(main())
