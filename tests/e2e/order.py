#!/usr/bin/env python3
"""The order example from end to end: every input, every way to decide, the CLI.

One pawld with its embedded PostgreSQL, one pawl-worker with the example's
functions.  Each order's status, output, history and messages are checked.
"""

import http.client
import json
import os
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import (STORIES, Example, callback_path, details, left_behind, pawl,  # noqa: E402
                     pawl_end, pawl_start, read_input, sanitizer_lines, story,
                     time_limit)
from pawld import PROGRAM, AwsError, Pawld, Tap, skip_all, wait_for  # noqa: E402

LIMIT_S = 300
HTML = {"Accept": "text/html,application/xhtml+xml"}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

tap = Tap()


# ---- small tools ----

def check_story(events, name, what):
    try:
        got = story(events)
    except AssertionError as e:
        return tap.ok(False, what, e)
    return tap.same(got.split("\n"), STORIES[name].rstrip("\n").split("\n"), what)


def decide(server, path, body, headers=JSON):
    """(status, headers, text) of a decision."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body) if headers.get("Content-Type") == JSON["Content-Type"] \
            else urllib.parse.urlencode(body)
    status, got, text = server.http("POST", path, body, headers)
    return status, got, text.decode()


def ended(server, arn, status, what):
    d = server.ended(arn) or {}
    tap.same(d.get("status"), status, what + ": " + status)
    return d


def function_error(cause):
    """(errorType, errorMessage) of a function's own error."""
    body = json.loads(cause)
    return body["errorType"], body["errorMessage"]


def priced(order):
    """The order as Validate gives it on."""
    lines = [dict(line, totalCents=line["quantity"] * line["priceCents"])
             for line in order["lines"]]
    return dict(dict(order, lines=lines), totalCents=sum(x["totalCents"] for x in lines),
                approvalTimeoutSeconds=order.get("approvalTimeoutSeconds", 86400))


def prepared(order, attempts=1):
    return {"reservation": {"reservationId": "R-" + order["orderId"],
                            "orderId": order["orderId"]},
            "credit": {"approved": True, "limitCents": 10000000, "attempts": attempts}}


def labels(order):
    return ["%s/%d: %d x %s" % (order["orderId"], n, line["quantity"], line["sku"])
            for n, line in enumerate(order["lines"], 1)]


def shipped(order, charge_id, attempts=1, **more):
    """The output of an order that went through."""
    order = priced(order)
    return dict(order, prepared=prepared(order, attempts),
                parcels=[{"sku": line["sku"], "label": text}
                         for line, text in zip(order["lines"], labels(order))],
                receipt={"chargeId": charge_id, "chargedCents": order["totalCents"]}, **more)


def announcement(order):
    return {"order": order["orderId"], "status": "shipped", "parcels": labels(order)}


# ---- the callback page ----

def check_page_changes_nothing(server, arn, path):
    before = server.history(arn)
    pages = [server.http("GET", path, headers=HTML) for _ in range(3)]
    tap.same([p[0] for p in pages], [200] * 3, "the page can be opened three times")
    tap.same(server.http("HEAD", path, headers=HTML)[0], 200, "and HEAD works")
    tap.same(server.history(arn), before, "opening the page changes no history")
    tap.same(len({p[2] for p in pages}), 1, "the page is the same each time")
    token = path.rsplit("/", 1)[1]
    status, _, task = server.rest("GET", "/v1/tasks/" + token)
    tap.same((status, task["open"], task["state"], task["executionArn"]),
             (200, True, "AskForApproval", arn), "the task is still open")
    return pages[0]


def check_page(page, token, order):
    status, headers, body = page
    text = body.decode()
    tap.same(headers["Content-Type"], "text/html; charset=utf-8", "it is a page")
    question = "Order %s over 79800 cents for %s: ship it?" % (order["orderId"],
                                                               order["customer"])
    tap.ok('<p class="question">%s</p>' % question in text, "it shows the question", text)
    tap.ok('name="decision" value="approve"' in text and
           'name="decision" value="reject"' in text and 'name="reason"' in text and
           '<form method="post"' in text, "it has both buttons and a field for the reason", text)
    tap.ok(token not in text, "it does not show the token", text)
    tap.ok("script" not in text, "it holds no script", text)
    policy = headers["Content-Security-Policy"] or ""
    tap.ok("default-src 'none'" in policy and headers["Cache-Control"] == "no-store" and
           headers["Referrer-Policy"] == "no-referrer",
           "its headers keep the token at home", headers.items())


def check_spent(server, path):
    for what, body in (("approve", {"decision": "approve"}),
                       ("reject", {"decision": "reject", "reason": "no"}),
                       ("any output", {"output": [1]})):
        status, _, text = decide(server, path, body)
        answer = json.loads(text)
        tap.ok(status == 409 and answer["error"] == "Conflict" and
               "answered before" in answer["message"],
               "a spent token refuses: " + what, status, text)
    status, headers, text = server.http("GET", path, headers=HTML)
    tap.ok(status == 409 and b"Already answered" in text and b"<form" not in text,
           "its page says so, and asks nothing", status, text)


def check_expired(server, path, word, what):
    status, _, text = decide(server, path, {"decision": "approve"})
    tap.ok(status == 410 and json.loads(text)["error"] == "Gone", what + " answers 410",
           status, text)
    status, _, text = server.http("GET", path, headers=HTML)
    tap.ok(status == 410 and word in text.decode() and b"<form" not in text,
           what + " has a page that says so", status, text)


def check_forged(server, path):
    token = path.rsplit("/", 1)[1]
    middle = len(token) // 2
    forged = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1:]
    for what, text in (("forged", forged), ("cut short", token[:-3]), ("invented", "abc"),
                       ("encoded garbage", "%00%ff"), ("very long", "A" * 3000)):
        status, _, body = decide(server, "/callback/" + text, {"decision": "approve"})
        tap.ok(status == 404 and json.loads(body)["error"] == "NotFound",
               "a token that is %s is unknown" % what, status, body)
    status, _, body = server.http("GET", "/callback/" + forged, headers=HTML)
    tap.ok(status == 404 and b"Unknown link" in body, "its page says so", status, body)


def check_bad_decisions(server, arn, path):
    """Decisions that cannot be understood, and leave the task open."""
    before = server.history(arn)
    for what, body, headers in (
            ("no decision", {}, JSON), ("an unknown one", {"decision": "maybe"}, JSON),
            ("a number", {"decision": 1}, JSON), ("broken JSON", b"{", JSON),
            ("an array", b"[]", JSON), ("an empty form", b"", FORM),
            ("a form with broken output", {"decision": "approve", "output": "{"}, FORM),
            ("a NUL", b"decision=approve\0", FORM)):
        status, _, text = decide(server, path, body, headers)
        tap.ok(status == 400 and json.loads(text)["message"],
               "refused as a decision: " + what, status, text)
    tap.same(decide(server, path, b"approve", {"Content-Type": "text/plain"})[0], 415,
             "a decision of another type")
    tap.same(server.http("PUT", path, b"")[0], 405, "a decision by another method")
    tap.same(server.history(arn), before, "what was refused changed nothing")


# ---- the orders ----

def test_approved(server, example):
    order = read_input("approved")
    arn = example.start("approved")
    message = example.approval(order["orderId"])
    tap.same((message["question"], message["totalCents"]),
             ("Order A-1001 over 79800 cents for Ada Lovelace: ship it?", 79800),
             "approved: the message asks")
    tap.ok(message["decideAt"].startswith(server.url + "/callback/"),
           "its link leads to this server", message)
    path = callback_path(message["decideAt"])
    check_page(check_page_changes_nothing(server, arn, path), path.rsplit("/", 1)[1], order)
    check_bad_decisions(server, arn, path)
    check_forged(server, path)
    status, _, text = decide(server, path, {"decision": "approve", "comment": "fine \"&<"})
    tap.same((status, json.loads(text)), (200, {"decision": "approved"}),
             "approved over the callback URL")
    d = ended(server, arn, "SUCCEEDED", "approved")
    tap.same(json.loads(d["output"]), shipped(order, "ch_0b1336d9f2ad", approval={
        "decision": "approved", "comment": "fine \"&<"}), "approved: the output")
    events = server.history(arn)
    check_story(events, "approved", "approved: the history")
    check_spent(server, path)
    tap.same(server.history(arn), events, "what was refused changed nothing")
    tap.same(example.notifications(order["orderId"]), [announcement(order)],
             "announced exactly once")
    tap.same(example.messages("order-approvals"), [], "nobody was asked twice")


def test_rejected_by_form(server, example):
    """Also: the page escapes what the order says."""
    order = read_input("rejected")
    nasty = dict(order, customer="<script>alert('x')</script>&\"")
    arn = example.start("rejected", nasty, "rejected-form")
    path = callback_path(example.approval(order["orderId"])["decideAt"])
    text = server.http("GET", path, headers=HTML)[2].decode()
    tap.ok("<script" not in text and "&lt;script&gt;" in text and "&amp;" in text,
           "the page escapes what others wrote", text)
    reason = "too much & too <soon>; 100% \"no\" \u00fc"
    status, headers, text = decide(server, path, {"decision": "reject", "reason": reason},
                                   dict(FORM, **HTML))
    tap.ok(status == 200 and headers["Content-Type"].startswith("text/html") and
           "Rejected" in text, "rejected by the form of the page", status, text)
    d = ended(server, arn, "FAILED", "rejected")
    tap.same((d["error"], d["cause"], "output" in d), ("Rejected", reason, False),
             "rejected: the reason is the cause")
    check_story(server.history(arn), "rejected", "rejected: the history")
    check_spent(server, path)
    tap.same(example.notifications(order["orderId"]), [], "rejected: nothing is announced")


def test_rejected_by_command(server, example):
    order = read_input("rejected")
    arn = example.start("rejected")
    example.approval(order["orderId"])
    status, out, err = pawl(server, "reject", "order:rejected", "--reason", "over the budget")
    tap.same((status, out), (0, "Rejected\n"), "pawl reject EXECUTION")
    d = ended(server, arn, "FAILED", "pawl reject")
    tap.same((d["error"], d["cause"]), ("Rejected", "over the budget"),
             "pawl reject: the reason is the cause")
    check_story(server.history(arn), "rejected", "pawl reject: the history")
    status, out, err = pawl(server, "reject", "order:rejected")
    tap.ok(status not in (0, 2) and err, "pawl reject says when nothing waits", status, err)


def test_timeout(server, example):
    order = read_input("approval-timeout")
    arn = example.start("approval-timeout")
    path = callback_path(example.approval(order["orderId"])["decideAt"])
    d = ended(server, arn, "FAILED", "approval-timeout")
    tap.same((d["error"], d["cause"]), ("ApprovalTimedOut", "Nobody decided in time."),
             "approval-timeout: error and cause")
    events = server.history(arn)
    check_story(events, "approval-timeout", "approval-timeout: the history")
    asked = next(e for e in events if "sendMessage" in details(e).get("resource", ""))
    over = next(e for e in events if e["type"] == "TaskTimedOut")
    took = over["timestamp"] - asked["timestamp"]
    tap.ok(2 <= took < 20, "it waited for two seconds", took)
    tap.same(details(asked)["timeoutInSeconds"], 2, "the history tells the limit")
    check_expired(server, path, "Too late", "a token whose time is over")
    tap.same(example.notifications(order["orderId"]), [], "nothing is announced")


def test_credit(server, example):
    order = read_input("credit-fails-twice")
    arn = example.start("credit-fails-twice")
    d = ended(server, arn, "SUCCEEDED", "credit-fails-twice")
    tap.same(json.loads(d["output"]), shipped(order, "ch_c53301e2293c", 3),
             "credit-fails-twice: the output, after three attempts")
    events = server.history(arn)
    check_story(events, "credit-fails-twice", "credit-fails-twice: the history has the retries")
    failed = [e for e in events if e["type"] == "LambdaFunctionFailed"]
    tap.same([function_error(details(e)["cause"]) for e in failed],
             [("CreditServiceUnavailable",
               "the credit service does not answer (attempt %d)" % n) for n in (1, 2)],
             "credit-fails-twice: the causes")
    after = [next(e for e in events if e["previousEventId"] == f["id"]) for f in failed]
    waits = [b["timestamp"] - a["timestamp"] for a, b in zip(failed, after)]
    tap.ok(1 <= waits[0] < 15 and 1.5 <= waits[1] < 15, "it waited 1 s, then 1.5 s", waits)
    tap.same([json.loads(details(e)["input"])["attempt"] for e in events
              if e["type"] == "LambdaFunctionScheduled" and
              details(e)["resource"].endswith("check-credit")], [0, 1, 2],
             "each attempt knows its number")
    tap.same(example.notifications(order["orderId"]), [announcement(order)],
             "announced exactly once")


def test_declined(server, example):
    order = read_input("card-declined")
    arn = example.start("card-declined")
    d = ended(server, arn, "FAILED", "card-declined")
    tap.same(d["error"], "CardDeclined", "card-declined: the error")
    tap.same(function_error(d["cause"]),
             ("CardDeclined", "the card ending in 0002 was declined"), "card-declined: the cause")
    check_story(server.history(arn), "card-declined", "card-declined: the history")
    tap.same(example.notifications(order["orderId"]), [], "nothing is announced")


def test_bad_input(server, example):
    arn = example.start("bad-input")
    d = ended(server, arn, "FAILED", "bad-input")
    tap.same((d["error"], function_error(d["cause"])),
             ("InvalidOrder", ("InvalidOrder",
                               "line 1 (CHAIR-1): quantity must be a whole number above 0")),
             "bad-input: error and cause")
    check_story(server.history(arn), "bad-input", "bad-input: nothing is reserved")
    for what, value, error in (("nothing in it", {}, "InvalidOrder"),
                               ("a line that is a text", dict(read_input("bad-input"),
                                                              lines=["x"]), "InvalidOrder"),
                               # Payload takes objects, lists and texts only.
                               ("a number", 1, "States.Runtime"),
                               # Catch cannot put the error into what is no object.
                               ("a list", [], "States.ResultPathMatchFailure")):
        d = server.ended(example.start("", value, "bad-" + what.replace(" ", "-"))) or {}
        tap.same((d.get("status"), d.get("error")), ("FAILED", error),
                 "an order that is refused: " + what)


def test_stopped(server, example):
    """An execution that ended otherwise: its token is of no use."""
    order = dict(read_input("approved"), orderId="A-STOP")
    arn = example.start("", order, "stopped")
    path = callback_path(example.approval("A-STOP")["decideAt"])
    server.aws("StopExecution", {"executionArn": arn, "error": "Changed", "cause": "our mind"})
    d = ended(server, arn, "ABORTED", "stopped")
    tap.same((d["error"], d["cause"]), ("Changed", "our mind"), "stopped: error and cause")
    check_expired(server, path, "No longer needed", "a token of an ended execution")


def test_two_deciders(server, example):
    """Many press a button at the same moment: one counts."""
    order = dict(read_input("approved"), orderId="A-RACE")
    arn = example.start("", order, "race")
    path = callback_path(example.approval("A-RACE")["decideAt"])
    answers = []

    def press(body):
        answers.append((decide(server, path, body)[0], body["decision"]))
    threads = [threading.Thread(target=press, args=({
        "decision": "approve" if n % 2 else "reject"},)) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    tap.same(sorted(s for s, _ in answers), [200] + [409] * 11, "of twelve decisions one counts")
    won = [d for s, d in answers if s == 200]
    ended(server, arn, "SUCCEEDED" if won == ["approve"] else "FAILED", "and it is obeyed")
    kinds = [e["type"] for e in server.history(arn)]
    tap.same(kinds.count("TaskSubmitted"), 1, "the history knows one question")
    tap.same(len(example.notifications("A-RACE")), int(won == ["approve"]),
             "announced once if approved")


def test_names(server, example):
    """A start that is repeated finds the first one, or is refused."""
    try:
        server.start_execution(example.machine_arn, read_input("rejected"), "approved")
        tap.ok(False, "the name of an ended execution is taken")
    except AwsError as e:
        tap.same((e.status, e.code), (400, "ExecutionAlreadyExists"),
                 "the name of an ended execution is taken")
    ids = []
    for _ in range(20):         # some are passed on to the process that owns the name
        _, headers, _ = server.aws_raw("AWSStepFunctions.StartExecution", json.dumps({
            "stateMachineArn": example.machine_arn, "name": "approved"}).encode())
        ids.append(headers.get_all("x-amzn-RequestId"))
    tap.ok(all(len(i) == 1 and len(i[0]) == 36 for i in ids),
           "an answer has one request id, whichever process gave it", ids)


# ---- the command line ----

def test_wait(server, example):
    path = os.path.join(server.folder, "cli.json")
    order = dict(read_input("approved"), orderId="A-CLI")
    with open(path, "w") as f:
        json.dump(order, f)
    waiting = pawl_start(server, "start", "order", "-i", path, "--name", "cli", "--wait")
    try:
        example.approval("A-CLI")
        status, out, err = pawl(server, "approve", "order:cli", "--comment", "by hand")
        tap.same((status, out), (0, "Approved\n"), "pawl approve EXECUTION")
        status, out, err = pawl_end(waiting)
    finally:
        waiting.kill()
    tap.same(status, 0, "pawl start --wait ends with 0")
    tap.same(json.loads(out)["approval"], {"decision": "approved", "comment": "by hand"},
             "and prints the output alone")
    status, out, err = pawl(server, "approve", "order:cli")
    tap.ok(status not in (0, 2) and err, "pawl approve says when nothing waits", status, err)
    status, out, err = pawl(server, "show", "order:cli", "-o", "json")
    tap.same((status, json.loads(out)["status"]), (0, "SUCCEEDED"), "pawl show")
    status, out, err = pawl(server, "start", "order", "--input", "{}", "--wait")
    tap.ok(status == 1 and "InvalidOrder" in out + err, "a failed execution ends it with 1",
           status, out, err)


def test_follow(server, example):
    path = os.path.join(server.folder, "cli.json")
    with open(path, "w") as f:
        json.dump(dict(read_input("card-declined"), orderId="A-CARD"), f)
    status, out, err = pawl(server, "start", "order", "-i", path, "--name", "follow", "--follow")
    tap.ok(status == 1 and "CardDeclined" in out + err and "Charge" in out,
           "pawl start --follow shows the events and ends with 1", status, out, err)
    status, out, err = pawl(server, "history", "order:follow", "--follow", "-o", "json")
    events = [json.loads(line) for line in out.splitlines()]
    tap.same(([e["id"] for e in events], status), (list(range(1, len(events) + 1)), 1),
             "pawl history --follow gives every event once")
    tap.same(len(events), len(server.history(example.machine_arn.replace(
        "stateMachine", "execution") + ":follow")), "as many as the API")
    with open(path, "w") as f:
        json.dump(dict(read_input("credit-fails-twice"), orderId="A-LIVE"), f)
    status, out, err = pawl(server, "start", "order", "-i", path, "--follow")
    tap.ok(status == 0 and "Shipped" in out, "pawl start --follow ends with 0", status, out, err)


def test_follow_link(server, example):
    path = os.path.join(server.folder, "cli.json")
    with open(path, "w") as f:
        json.dump(dict(read_input("approved"), orderId="A-LINK"), f)
    shown = os.path.join(server.folder, "followed")
    with open(shown, "w") as out:
        following = pawl_start(server, "start", "order", "-i", path, "--follow", stdout=out)
    try:
        link = example.approval("A-LINK")["decideAt"]

        def seen():
            with open(shown) as f:
                return link in f.read()
        tap.ok(wait_for(seen, 20), "--follow shows the link that asks a person")
        status, out, err = pawl(server, "approve", link, env={"PAWL_DATA": "/nonexistent"})
        tap.same((status, out), (0, "Approved\n"), "pawl approve URL needs no key")
        status, out, err = pawl_end(following)
    finally:
        following.kill()
    with open(shown) as f:
        tap.ok(status == 0 and "Shipped" in f.read(), "and follows it to its end", status, err)


def test_exit_codes(server, example):
    for want, what, args, env in (
            (3, "an unknown machine", ("start", "nothing"), {}),
            (3, "an unknown execution", ("show", "order:nothing"), {}),
            (2, "an unknown command", ("nothing",), {}),
            (2, "an input that is no file", ("start", "order", "-i", "/nonexistent"), {}),
            (1, "an input that is no JSON", ("start", "order", "--input", "{"), {}),
            (4, "a server that is away", ("ls", "--url", "http://127.0.0.1:1", "--key", "x"), {}),
            (5, "a wrong key", ("ls", "--url", server.url, "--key", "wrong"), {}),
            (0, "all executions", ("ls",), {})):
        status, out, err = pawl(server, *args, env=env)
        tap.ok(status == want, "exit code %d: %s" % (want, what), status, out, err)


TESTS = (test_approved, test_rejected_by_form, test_rejected_by_command, test_timeout,
         test_credit, test_declined, test_bad_input, test_stopped, test_two_deciders,
         test_names, test_wait, test_follow, test_follow_link, test_exit_codes)


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    only = sys.argv[1:]
    with time_limit(LIMIT_S), Pawld() as server:
        with Example(server) as example:
            for test in TESTS:
                if not only or test.__name__ in only:
                    try:
                        test(server, example)
                    except (OSError, RuntimeError, KeyError, TypeError, ValueError, AwsError,
                            http.client.HTTPException) as e:
                        tap.ok(False, test.__name__, repr(e), server.log()[-2000:])
            tap.same(example.worker.stop(), 0, "pawl-worker ends well")
        tap.ok(wait_for(lambda: server.http("GET", "/healthz")[0] == 200, 10),
               "pawld is well at the end")
        tap.same(server.stop(), 0, "pawld ends well")
        tap.same(sanitizer_lines(server.log() + example.worker.log()), [], "no sanitizer complains")
        tap.ok(wait_for(lambda: not left_behind(server.folder), 30),
               "no process is left behind", *left_behind(server.folder))
    return tap.done()


sys.exit(main())
