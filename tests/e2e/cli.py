#!/usr/bin/env python3
"""cli.py - every command of pawl against a small server that this test makes.

Says what the command line sends, what it prints on a terminal and into a pipe,
and how it ends.  tests/e2e/cli_live.py does the same against a real pawld.
"""

import http.server
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import fcntl
import termios
import threading
import time

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("builddir", os.getcwd())
PAWL = os.path.join(BUILD, "pawl")
DATA = os.path.join(SRC, "tests/data/cli")
KEY = "secret-key"
ARN = "arn:aws:states:us-east-1:111111111111:execution:order:e1"
TOKEN = "AQ" + "t" * 56
TOKEN2 = "AQ" + "u" * 56

results = []


def ok(condition, what, detail=""):
    results.append(bool(condition))
    print(("ok" if condition else "not ok"), len(results), "-", what)
    if not condition and detail != "":
        for line in str(detail).split("\n"):
            print("#", line)
    sys.stdout.flush()


# ---- the server ----

class Server:
    """Answers from a table: (method, path) -> (status, body) or a function."""

    def __init__(self):
        self.routes = {}
        self.seen = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def handle_any(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                path, _, query = self.path.partition("?")
                outer.seen.append((self.command, path, query, body,
                                   dict(self.headers)))
                open_path = path.startswith("/callback/")
                if not open_path and \
                        self.headers.get("Authorization") != "Bearer " + KEY:
                    return self.answer(401, {"error": "Unauthorized",
                                             "message": "wrong key"})
                route = outer.routes.get((self.command, path))
                if callable(route):
                    route = route(self, query, body)
                    if route is None:
                        return
                if route is None:
                    route = (404, {"error": "ExecutionDoesNotExist",
                                   "message": "Execution Does Not Exist: 'x'"})
                self.answer(*route)

            def answer(self, status, body):
                data = b"" if body is None else body.encode() \
                    if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                if body is not None:
                    self.send_header("Content-Type", "application/json")
                if status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.httpd.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.httpd.server_address[1]
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def on(self, method, path, status, body):
        self.routes[(method, path)] = (status, body)

    def last(self, method=None):
        for request in reversed(self.seen):
            if method is None or request[0] == method:
                return request
        return ("", "", "", "", {})


server = Server()
home = tempfile.mkdtemp(prefix="pawl-cli-")


def environment(**more):
    env = {"PATH": os.environ["PATH"], "HOME": home, "TZ": "UTC",
           "TERM": "xterm", "PAWL_DATA": os.path.join(home, "none"),
           "PAWL_URL": server.url, "PAWL_KEY": KEY}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    for name, value in more.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = value
    return env


class Result:
    def __init__(self, code, out, err=""):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return "exit %d\nout: %s\nerr: %s" % (self.code, self.out, self.err)


def pawl(*args, stdin="", env=None, cwd=None):
    p = subprocess.run([PAWL, *args], input=stdin.encode(), cwd=cwd,
                       capture_output=True, timeout=60,
                       env=env or environment())
    return Result(p.returncode, p.stdout.decode(), p.stderr.decode())


def on_terminal(*args, columns=100, env=None, type_in=None, after="",
                interrupt_after=None):
    """Runs pawl with all three streams on a terminal."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        os.execve(PAWL, [PAWL, *args], env or environment())
    out, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            out += data
        if type_in is not None and after.encode() in out:
            os.write(fd, type_in.encode())
            type_in = None
        if interrupt_after is not None and interrupt_after.encode() in out:
            os.write(fd, b"\x03")
            interrupt_after = None
    os.close(fd)
    status = os.waitpid(pid, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    return Result(code, out.decode().replace("\r\n", "\n"))


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def event(i, previous, type, details=None):
    e = {"id": i, "previousEventId": previous, "type": type,
         "timestamp": "2026-01-01T10:20:%02d.%03dZ" % (i % 60, i)}
    if details is not None:
        member = "stateEnteredEventDetails" if type.endswith("StateEntered") \
            else "stateExitedEventDetails" if type.endswith("StateExited") \
            else type[0].lower() + type[1:] + "EventDetails"
        e[member] = details
    return e


def token_task(i, previous, token, url=True):
    value = server.url + "/callback/" + token if url else token
    return event(i, previous, "TaskScheduled", {
        "resourceType": "sqs", "resource": "sendMessage.waitForTaskToken",
        "region": "us-east-1",
        "parameters": {"QueueUrl": "q", "MessageBody": {"approve": value}}})


WAITING = [
    event(1, 0, "ExecutionStarted", {"input": {"sum": 5}}),
    event(2, 0, "TaskStateEntered", {"name": "Approve", "input": {"sum": 5}}),
    token_task(3, 2, TOKEN),
    event(4, 3, "TaskStarted", {"resourceType": "sqs",
                                "resource": "sendMessage.waitForTaskToken"}),
    event(5, 4, "TaskSubmitted", {"resourceType": "sqs", "output": {"x": 1},
                                  "resource": "sendMessage.waitForTaskToken"}),
]
FINISHED = WAITING + [
    event(6, 5, "TaskSucceeded", {"resourceType": "sqs", "output": {"y": 2},
                                  "resource": "sendMessage.waitForTaskToken"}),
    event(7, 6, "TaskStateExited", {"name": "Approve", "output": {"y": 2}}),
    event(8, 7, "ExecutionSucceeded", {"output": {"y": 2}}),
]


def execution(status="SUCCEEDED", **more):
    x = {"executionArn": ARN, "name": "e1", "status": status,
         "stateMachineArn":
         "arn:aws:states:us-east-1:111111111111:stateMachine:order",
         "startDate": "2026-01-01T10:20:01.000Z", "input": {"sum": 5}}
    if status != "RUNNING":
        x["stopDate"] = "2026-01-01T10:20:04.250Z"
    x.update(more)
    return x


# ---- state machines ----

def test_machines():
    definition = '{"StartAt":"A","States":{"A":{"Type":"Pass",' \
        '"Result":1.50,"End":true}}}'
    path = os.path.join(home, "m.asl.json")
    with open(path, "w") as f:
        f.write(definition)
    server.on("POST", "/v1/machines", 201, {"stateMachineArn": "a", "name": "order"})
    r = pawl("machine", "create", "order", path, "--role", "r")
    ok(r.code == 0 and r.out == "Created order\n" and r.err == "",
       "machine create", r)
    ok(server.last()[3] == '{"definition":%s,"name":"order","roleArn":"r"}'
       % definition, "the definition is sent as it stands", server.last()[3])
    r = pawl("machine", "create", "order", "-", "-o", "json", stdin=definition)
    ok(r.code == 0 and json.loads(r.out)["name"] == "order",
       "machine create from standard input, -o json", r)
    server.on("PUT", "/v1/machines/order%2F1", 200, {"name": "order/1"})
    r = pawl("machine", "update", "order/1", path)
    ok(r.code == 0 and r.out == "Updated order/1\n" and
       "name" not in json.loads(server.last()[3]),
       "machine update escapes the name", r)
    n = len(server.seen)
    r = pawl("machine", "create", "order", "-", stdin='{"a":\n  nope}')
    ok(r.code == 1 and "line 2, column 3" in r.err and "\n      |   ^" in r.err
       and len(server.seen) == n, "JSON that is none never leaves the house", r)
    r = pawl("machine", "create", "order", os.path.join(home, "absent"))
    ok(r.code == 2 and "No such file" in r.err, "a file that is not there", r)
    server.on("POST", "/v1/machines", 400, {
        "error": "InvalidDefinition", "message": "Invalid State Machine Definition"})
    r = pawl("machine", "create", "order", os.path.join(DATA, "bad.asl.json"))
    ok(r.code == 1 and ":8:15: error:" in r.err and "InvalidDefinition" in r.err,
       "a refused definition is shown with its faults", r)

    pages = {"": {"items": [{"name": "a", "type": "STANDARD",
                             "creationDate": "2020-03-04T05:06:07.000Z"}],
                  "nextToken": "p/2"},
             "p%2F2": {"items": [{"name": "b" * 30, "type": "EXPRESS",
                                  "creationDate": "2021-03-04T05:06:07.000Z"}]}}

    def listing(handler, query, body):
        m = re.search(r"nextToken=([^&]*)", query)
        return (200, pages[m.group(1) if m else ""])
    server.routes[("GET", "/v1/machines")] = listing
    r = pawl("machine", "ls")
    ok(r.code == 0 and r.out ==
       "NAME                            TYPE          CREATED\n"
       "a                               STANDARD  Mar 04 2020\n"
       + "b" * 30 + "  EXPRESS   Mar 04 2021\n", "machine ls reads all pages", r)
    r = pawl("machine", "ls", "-o", "json")
    ok([x["name"] for x in json.loads(r.out)["items"]] == ["a", "b" * 30],
       "machine ls -o json", r)
    server.on("GET", "/v1/machines/order", 200, {
        "name": "order", "type": "STANDARD", "status": "ACTIVE",
        "creationDate": "2020-03-04T05:06:07.000Z", "stateMachineArn": "arn:x",
        "definition": {"StartAt": "A", "States": {}}})
    r = pawl("machine", "show", "order")
    ok(r.code == 0 and "created    2020-03-04 05:06:07\n" in r.out and
       '  "StartAt": "A",\n' in r.out, "machine show", r)
    r = pawl("machine", "show", "order", "--definition")
    ok(json.loads(r.out) == {"StartAt": "A", "States": {}},
       "machine show --definition", r)
    r = pawl("machine", "show", "order", "-o", "json")
    ok(json.loads(r.out)["type"] == "STANDARD", "machine show -o json", r)
    server.on("DELETE", "/v1/machines/order", 204, None)
    r = pawl("machine", "rm", "order")
    ok(r.code == 0 and r.out == "Deleted order\n", "machine rm", r)


# ---- start ----

def test_start():
    server.on("POST", "/v1/machines/order/executions", 201,
              {"executionArn": ARN, "name": "e1",
               "startDate": "2026-01-01T10:20:01.000Z"})
    r = pawl("start", "order", "--input", '{"a": 1.10}', "--name", "e1")
    ok(r.code == 0 and r.out == "order:e1\n" and r.err == "",
       "start prints the execution and nothing else", r)
    ok(server.last()[3] == '{"input":{"a": 1.10},"name":"e1"}',
       "the input is sent as it stands", server.last()[3])
    pawl("start", "order")
    ok(server.last()[3] == '{"input":{}}', "without input it is {}")
    pawl("start", "order", "-", stdin="[1]")
    ok(server.last()[3] == '{"input":[1]}', "input from standard input")
    path = os.path.join(home, "in.json")
    with open(path, "w") as f:
        f.write('"text"')
    pawl("start", "order", "-i", path)
    ok(server.last()[3] == '{"input":"text"}', "input from a file")
    r = pawl("start", "order", "-i", path, "--input", "1")
    ok(r.code == 2, "two inputs are a mistake", r)
    r = pawl("start", "order", path)
    ok(r.code == 2 and "-i" in r.err, "a file without -i is a mistake", r)
    r = pawl("start", "order", "--input", "{")
    ok(r.code == 1 and "--input is not valid JSON" in r.err,
       "input that is no JSON", r)

    polls = []

    def describe(handler, query, body):
        polls.append(query)
        return (200, execution("RUNNING") if len(polls) < 3 else
                execution(output={"total": 3.50}))
    server.routes[("GET", "/v1/executions/order:e1")] = describe
    r = pawl("start", "order", "--wait")
    ok(r.code == 0 and r.out == '{\n  "total": 3.5\n}\n' and
       "SUCCEEDED order:e1 in 3.2 s" in r.err and len(polls) == 3 and
       polls[0].startswith("wait="),
       "start --wait prints the output alone", r)
    server.on("GET", "/v1/executions/order:e1", 200,
              execution("FAILED", error="Broken", cause="it fell"))
    r = pawl("start", "order", "--wait")
    ok(r.code == 1 and r.out == "" and "FAILED" in r.err and
       "Broken" in r.err and "it fell" in r.err, "a failed one ends with 1", r)
    r = pawl("start", "order", "--wait", "-o", "json")
    ok(r.code == 1 and json.loads(r.out)["error"] == "Broken",
       "start --wait -o json", r)


# ---- following ----

def stream(pieces):
    """Each call serves the next list of events; a str is sent as it is."""
    calls = []

    def route(handler, query, body):
        if "follow=true" not in query:
            m = re.search(r"limit=(\d+)", query)
            items = list(FINISHED)
            if "reverse=true" in query:
                items.reverse()
            limit = int(m.group(1))
            return (200, {"items": items[:limit], **(
                {"nextToken": "more"} if limit < len(items) else {})})
        piece = pieces[min(len(calls), len(pieces) - 1)]
        calls.append(handler.headers.get("Last-Event-ID"))
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for e in piece:
            if callable(e):
                e()
                continue
            text = e if isinstance(e, str) else \
                "id: %d\ndata: %s\n\n" % (e["id"], json.dumps(e))
            handler.wfile.write(text.encode())
            handler.wfile.flush()
        handler.close_connection = True
        return None
    server.routes[("GET", "/v1/executions/order:e1/history")] = route
    return calls


def test_follow():
    server.on("GET", "/v1/executions/order:e1", 200, execution(output={"y": 2}))
    calls = stream([FINISHED + ["event: end\n\n"]])
    r = pawl("history", "order:e1", "--follow")
    lines = r.out.split("\n")
    ok(r.code == 0 and len(lines) == 8 + 1 + 5 + 1 and
       lines[1].split() == ["10:20:02.002", "2", "TaskStateEntered", "Approve",
                            '{"sum":5}'] and "Approve" in lines[4] and
       lines[9] == "SUCCEEDED order:e1 in 3.2 s" and '"y": 2' in r.out,
       "history --follow shows events and the outcome", r)
    ok(calls == [None] and ">>>" not in r.out,
       "a link that was answered before is not shown", r)
    r = pawl("history", "order:e1", "--follow", "-o", "json")
    ok(r.code == 0 and [json.loads(x)["id"] for x in r.out.split("\n")[:-1]] ==
       [1, 2, 3, 4, 5, 6, 7, 8], "-o json gives one event on a line", r)

    calls = stream([WAITING[:2], [": nothing yet\n\n"],
                    FINISHED[2:] + ["event: end\n\n"]])
    r = pawl("history", "order:e1", "--follow")
    ok(r.code == 0 and calls == [None, "2", "2"] and
       r.out.count("TaskStateEntered") == 1 and r.out.count("SUCCEEDED") == 1,
       "a stream that breaks off is taken up again", (r, calls))

    calls = stream([[": hello\n\n"], FINISHED])
    r = pawl("history", "order:e1", "--follow")
    ok(r.code == 0 and len(calls) == 2, "so is one that had said nothing", r)

    calls = stream([FINISHED])
    r = pawl("history", "order:e1", "--follow")
    ok(r.code == 0 and len(calls) == 1, "the last event is an end, too", r)

    gate = threading.Event()
    stream([WAITING + [lambda: gate.wait(30)] + FINISHED[5:] +
            ["event: end\n\n"]])
    threading.Timer(1.0, gate.set).start()
    r = on_terminal("start", "order", "--follow")
    text = plain(r.out)
    ok(r.code == 0 and text.count(">>> Approve waits for an answer") == 1 and
       "open    %s/callback/%s\n" % (server.url, TOKEN) in text and
       "pawl approve order:e1" in text and
       text.index(">>>") < text.index("TaskSucceeded"),
       "start --follow shows the link while it waits", r)
    ok("\x1b[32m" in r.out, "events have colour on a terminal")

    stream([WAITING + [lambda: time.sleep(20)]])
    r = on_terminal("history", "order:e1", "--follow",
                    interrupt_after="waits for an answer")
    ok(r.code == -signal.SIGINT and "The execution goes on" in r.out,
       "Ctrl-C leaves an execution that goes on", r)

    stream([["id: 1\ndata: not json\n\n"]])
    r = pawl("history", "order:e1", "--follow")
    ok(r.code == 6, "an event that is none is the server's error", r)
    server.on("GET", "/v1/executions/order:e1", 200,
              execution("ABORTED", error="Stopped"))
    stream([FINISHED[:2] + [event(3, 2, "ExecutionAborted", {"error": "Stopped"})]
            + ["event: end\n\n"]])
    r = pawl("history", "order:e1", "--follow")
    ok(r.code == 1 and "ABORTED order:e1" in r.out, "aborted ends with 1", r)
    r = pawl("history", "order:none", "--follow")
    ok(r.code == 3, "following what is not there", r)


def test_history():
    stream([[]])
    r = pawl("history", "order:e1")
    ok(r.code == 0 and r.out.count("\n") == 8 and
       "sqs:sendMessage.waitForTaskToken" in r.out, "history", r)
    r = pawl("history", ARN.replace("order:e1", "order:e1"))
    ok(server.last()[1].startswith("/v1/executions/arn:aws:states:"),
       "an ARN names an execution as well", server.last())
    r = pawl("history", "order:e1", "--reverse", "--limit", "2")
    ok(r.code == 0 and [x.split()[1] for x in r.out.split("\n")[:-1]] ==
       ["8", "7"], "history --reverse --limit", r)
    r = pawl("history", "order:e1", "-o", "json")
    ok(len(json.loads(r.out)["items"]) == 8, "history -o json", r)
    for columns in (30, 60, 120):
        r = on_terminal("history", "order:e1", columns=columns)
        widest = max(len(x) for x in plain(r.out).split("\n"))
        ok(r.code == 0 and widest <= columns,
           "history fits a terminal of %d columns" % columns, r)
    r = pawl("history", "order:e1", "--follow", "--reverse")
    ok(r.code == 2, "--follow and --reverse exclude each other", r)


# ---- executions ----

def test_executions():
    items = [execution(), execution("RUNNING", executionArn=ARN + "-日本語のとても長い名前のついた実行")]
    server.on("GET", "/v1/executions", 200, {"items": items, "nextToken": "t"})
    r = pawl("ls", "--machine", "or der", "--status", "timed-out", "-n", "2")
    ok(r.code == 0 and server.last()[2] ==
       "&machine=or%20der&status=TIMED_OUT&limit=2" and
       r.out.startswith("EXECUTION") and "order:e1  " in r.out and
       "3.2 s" in r.out, "ls", r)
    r = pawl("ls", "-n", "2", "-o", "json")
    ok(json.loads(r.out)["items"] == items, "ls -o json", r)
    r = pawl("ls", "--status", "nonsense")
    ok(r.code == 2 and "timed-out" in r.err, "ls of a status that is none", r)
    r = pawl("ls", "--limit", "many")
    ok(r.code == 2, "a limit that is no number", r)
    r = on_terminal("ls", "-n", "2", columns=40)
    text = plain(r.out)
    ok(r.code == 0 and "…" in text and "\x1b[32mSUCCEEDED\x1b[0m" in r.out and
       "There are more" in text, "ls is cut to a narrow terminal", r)
    r = on_terminal("ls", "-n", "2", env=environment(NO_COLOR="1"))
    ok("\x1b" not in r.out, "NO_COLOR is honoured", r)
    r = on_terminal("ls", "-n", "2", "--color", "never")
    ok("\x1b" not in r.out, "--color never", r)
    r = pawl("ls", "-n", "2", "--color=always")
    ok("\x1b[32m" in r.out, "--color always in a pipe", r)
    server.on("GET", "/v1/executions", 200, {"items": []})
    r = pawl("ls")
    ok(r.code == 0 and r.out == "", "nothing to list is nothing printed", r)

    server.on("GET", "/v1/executions/order:e1", 200,
              execution("FAILED", error="E\x1b]0;x\x07", cause="c\x9b1m"))
    r = on_terminal("show", "order:e1")
    ok(r.code == 0 and "\x1b]" not in r.out and "\x07" not in r.out and
       "\x9b" not in r.out, "a server cannot send control sequences", repr(r.out))
    server.on("GET", "/v1/executions/order:e1", 200, execution(output=[1]))
    r = pawl("show", "order:e1")
    ok(r.code == 0 and "status     SUCCEEDED\n" in r.out and
       "took       3.2 s\n" in r.out and '  "sum": 5\n' in r.out,
       "show", r)
    r = pawl("show", "order:e1", "-o", "json")
    ok(json.loads(r.out) == execution(output=[1]), "show -o json", r)
    server.on("GET", "/v1/executions/order:e1", 200, execution("RUNNING"))
    server.on("GET", "/v1/executions/order:e1/history", 200, {"items": WAITING})
    r = pawl("show", "order:e1")
    ok(r.code == 0 and "in state   Approve (Task, entered " in r.out and
       "/callback/" + TOKEN in r.out, "show tells where it is", r)
    r = pawl("show", "order")
    ok(r.code == 2 and "MACHINE:NAME" in r.err, "a name that is no execution", r)

    server.on("POST", "/v1/executions/order:e1/stop", 200,
              {"stopDate": "2026-01-01T10:20:04.250Z"})
    r = pawl("stop", "order:e1", "--error", "E", "--cause", 'a "b"')
    ok(r.code == 0 and r.out == "Stopped order:e1\n" and
       json.loads(server.last()[3]) == {"error": "E", "cause": 'a "b"'},
       "stop", r)
    pawl("stop", "order:e1", "--cause", "c")
    ok(json.loads(server.last()[3]) == {"cause": "c"}, "stop with a cause alone")


# ---- people ----

def test_approvals():
    callback = "/callback/" + TOKEN
    server.on("POST", callback, 200, {})
    server.on("POST", "/callback/" + TOKEN2, 200, {})
    url = server.url + callback
    r = pawl("approve", url, "--comment", "fine")
    request = server.last()
    ok(r.code == 0 and r.out == "Approved\n" and request[1] == callback and
       json.loads(request[3]) == {"decision": "approve", "comment": "fine"},
       "approve by URL", r)
    ok("Authorization" not in request[4], "a URL gets no key", request[4])
    r = pawl("approve", TOKEN, "--output", '{"limit": 5.0}')
    ok(r.code == 0 and server.last()[3] ==
       '{"decision":"approve","output":{"limit": 5.0}}', "approve by token", r)
    server.on("GET", "/v1/executions/order:e1/history", 200, {"items": WAITING})
    r = pawl("approve", "order:e1")
    ok(r.code == 0 and server.last()[1] == callback,
       "approve by execution finds the token", r)
    r = pawl("reject", "order:e1", "--reason", "no")
    ok(r.code == 0 and r.out == "Rejected\n" and json.loads(server.last()[3]) ==
       {"decision": "reject", "reason": "no"}, "reject", r)
    server.on("GET", "/v1/executions/order:e1/history", 200, {
        "items": [event(2, 0, "TaskStateEntered", {"name": "A"}),
                  token_task(3, 2, TOKEN, url=False)]})
    r = pawl("approve", "order:e1")
    ok(r.code == 0 and server.last()[1] == callback,
       "a bare token in the parameters is found, too", r)
    server.on("GET", "/v1/executions/order:e1/history", 200, {"items": FINISHED})
    r = pawl("approve", "order:e1")
    ok(r.code == 3 and "has ended" in r.err, "nothing waits in one that ended", r)

    server.on("GET", "/v1/executions/order:e1/history", 200, {"items": [
        event(1, 0, "ParallelStateEntered", {"name": "Both"}),
        event(2, 1, "ParallelStateStarted"),
        event(3, 2, "TaskStateEntered", {"name": "Boss"}),
        event(4, 2, "TaskStateEntered", {"name": "Board"}),
        token_task(5, 3, TOKEN), token_task(6, 4, TOKEN2)]})
    n = len([s for s in server.seen if s[0] == "POST"])
    r = pawl("approve", "order:e1")
    ok(r.code == 2 and "Boss" in r.err and "Board" in r.err and
       "/callback/" + TOKEN2 in r.err and
       n == len([s for s in server.seen if s[0] == "POST"]),
       "of several, none is guessed", r)
    r = on_terminal("approve", "order:e1", type_in="2\n", after="Which one")
    ok(r.code == 0 and server.last()[1] == "/callback/" + TOKEN2,
       "at a terminal it asks which", r)
    r = on_terminal("approve", "order:e1", type_in="9\n", after="Which one")
    ok(r.code == 2 and "nothing was answered" in r.out, "a wrong choice", r)
    r = pawl("approve", "http://127.0.0.1/elsewhere")
    ok(r.code == 2, "a URL that is no callback", r)
    r = pawl("approve", "order:e1", "--output", "1", "--comment", "x")
    ok(r.code == 2, "--output and --comment exclude each other", r)
    server.on("POST", callback, 409, {"error": "TaskAlreadyAnswered",
                                      "message": "The task was answered before."})
    r = pawl("approve", TOKEN)
    ok(r.code == 6 and "was answered before" in r.err, "a spent token", r)
    server.on("POST", callback, 404, {"error": "InvalidToken",
                                      "message": "This is no token."})
    r = pawl("approve", TOKEN)
    ok(r.code == 3, "an unknown token", r)


# ---- functions and queues ----

def test_functions():
    f = {"name": "credit", "url": "http://h/c", "timeoutSeconds": 60}
    server.on("PUT", "/v1/functions/credit", 200, f)
    r = pawl("functions", "set", "credit", "http://h/c", "--timeout", "60")
    ok(r.code == 0 and r.out == "credit is called at http://h/c\n" and
       json.loads(server.last()[3]) == {"url": "http://h/c", "timeoutSeconds": 60},
       "functions set", r)
    r = pawl("functions", "set", "credit", "http://h/c", "--timeout", "0")
    ok(r.code == 2, "a time limit out of range", r)
    server.on("GET", "/v1/functions", 200, {"items": [
        f, {"name": "x", "url": "http://h/x"}]})
    r = pawl("functions", "ls")
    ok(r.out == "NAME    URL         TIME LIMIT\n"
       "credit  http://h/c        60 s\n"
       "x       http://h/x     default\n", "functions ls", r)
    server.on("GET", "/v1/functions/credit", 200, f)
    r = pawl("functions", "show", "credit", "-o", "json")
    ok(json.loads(r.out) == f, "functions show", r)
    server.on("DELETE", "/v1/functions/credit", 204, None)
    r = pawl("functions", "rm", "credit")
    ok(r.code == 0 and r.out == "Deleted credit\n", "functions rm", r)


def test_queues():
    q = {"name": "q", "queueUrl": "http://h/1/q", "availableMessages": 3,
         "inFlightMessages": 1, "delayedMessages": 0}
    server.on("PUT", "/v1/queues/q", 201, q)
    r = pawl("queues", "create", "q", "--visibility", "5", "--wait-time", "20")
    ok(r.code == 0 and r.out == "http://h/1/q\n" and json.loads(
        server.last()[3]) == {"visibilityTimeoutSeconds": 5, "waitSeconds": 20},
       "queues create", r)
    server.on("GET", "/v1/queues", 200, {"items": [
        {"name": "q", "queueUrl": "http://h/1/q"}]})
    r = pawl("queues", "ls")
    ok(r.code == 0 and "q " in r.out and "http://h/1/q" in r.out, "queues ls", r)
    server.on("GET", "/v1/queues/q", 200, q)
    r = pawl("queues", "show", "q")
    ok(r.code == 0 and r.out.split("\n")[1].split() ==
       ["q", "3", "1", "0", "http://h/1/q"], "queues show", r)
    server.on("DELETE", "/v1/queues/q", 204, None)
    ok(pawl("queues", "rm", "q").out == "Deleted q\n", "queues rm")
    server.on("POST", "/v1/queues/q/messages", 201, {"messageId": "m1"})
    r = pawl("queues", "send", "q", "-", "--delay", "2", stdin='{"a":"ü"}\n')
    ok(r.out == "m1\n" and json.loads(server.last()[3]) ==
       {"body": '{"a":"ü"}\n', "delaySeconds": 2}, "queues send", r)
    m = {"messageId": "m1", "receiptHandle": "r/1", "body": "hello\x1b[2J",
         "attributes": {}, "receiveCount": 2,
         "sentDate": "2026-01-01T10:20:04.250Z"}
    server.on("POST", "/v1/queues/q/receive", 200, {"items": [m]})
    server.on("DELETE", "/v1/queues/q/messages/r%2F1", 204, None)
    r = pawl("queues", "receive", "q", "--max", "5", "--wait-time", "1")
    ok(r.code == 0 and r.out == "m1  sent 2026-01-01 10:20:04  received 2 times\n"
       "receipt r/1\nhello\ufffd[2J\n" and json.loads(server.last()[3]) ==
       {"maxMessages": 5, "waitSeconds": 1} and server.last()[0] == "POST",
       "queues receive", r)
    r = pawl("queues", "receive", "q", "--delete", "-o", "json")
    ok(json.loads(r.out) == {"items": [m]} and server.last()[0] == "DELETE",
       "queues receive --delete", r)
    r = pawl("queues", "ack", "q", "r/1")
    ok(r.code == 0 and server.last()[1] == "/v1/queues/q/messages/r%2F1",
       "queues ack", r)


# ---- the server, and what goes wrong ----

def test_status():
    server.on("GET", "/v1/status", 200, {"version": "1.2.3", "resident": 4,
                                         "database": {"version": "15.1"}})
    r = pawl("status")
    ok(r.code == 0 and "version           1.2.3\n" in r.out and
       "database.version  15.1\n" in r.out and server.url in r.out, "status", r)
    r = pawl("status", "-o", "json")
    ok(json.loads(r.out)["resident"] == 4, "status -o json", r)


def test_errors():
    r = pawl("show", "order:none")
    ok(r.code == 3 and r.err.startswith("pawl: Execution Does Not Exist: 'x' "
                                        "(ExecutionDoesNotExist)\n"),
       "what does not exist ends with 3", r)
    r = pawl("status", "--key", "wrong")
    ok(r.code == 5 and "refused the key (wrong key)." in r.err,
       "a wrong key ends with 5", r)
    r = pawl("status", env=environment(PAWL_KEY=None))
    ok(r.code == 5 and "wants a key" in r.err and "client.json" in r.err,
       "no key ends with 5 and says where it looked", r)
    r = pawl("status", "--url", "http://127.0.0.1:1")
    ok(r.code == 4 and r.err == "pawl: Cannot reach pawld at http://127.0.0.1:1 "
       "(connection refused). Start it with: pawld, or ./dev serve.\n",
       "no server ends with 4", r)
    r = pawl("history", "a:b", "--follow", "--url", "http://127.0.0.1:1")
    ok(r.code == 4, "following without a server ends with 4 at once", r)
    server.on("GET", "/v1/status", 503, {"error": "Unavailable", "message": "no db"})
    r = pawl("status")
    ok(r.code == 6 and "no db (Unavailable)" in r.err, "503 ends with 6", r)
    server.on("GET", "/v1/status", 500, "<html>oops</html>")
    r = pawl("status")
    ok(r.code == 6 and "not as pawld does" in r.err, "another server's error", r)
    server.on("GET", "/v1/status", 200, "<html>hello</html>")
    r = pawl("status")
    ok(r.code == 6 and "did not answer with JSON" in r.err, "another server", r)
    server.on("GET", "/v1/status", 200, {})
    for args in (["status", "--url", "ftp://x"], ["status", "--url", "x y"],
                 ["status", "--color", "pink"], ["status", "-o", "yaml"],
                 ["machine"], [], ["strat"], ["status", "--nonsense"],
                 ["start"], ["help", "a", "b", "c"]):
        r = pawl(*args)
        ok(r.code == 2 and r.out == "" and r.err != "",
           "a mistake: pawl " + " ".join(args), r)
    r = pawl("strat", "order")
    ok("Did you mean 'start'?" in r.err, "a mistyped command", r)
    with open("/dev/full", "w") as full:
        p = subprocess.run([PAWL, "version"], stdout=full, env=environment(),
                           stderr=subprocess.PIPE)
    ok(p.returncode == 1 and b"Cannot write" in p.stderr,
       "output that cannot be written is an error", p)


def test_nonsense():
    """Answers that are JSON but not what was asked for do no harm."""
    commands = (["machine", "ls"], ["machine", "show", "m"], ["start", "m"],
                ["start", "m", "--wait"], ["ls"], ["show", "a:b"],
                ["history", "a:b"], ["stop", "a:b"], ["approve", "a:b"],
                ["functions", "ls"], ["functions", "show", "m"], ["queues", "ls"],
                ["queues", "show", "m"], ["queues", "receive", "m"],
                ["queues", "send", "m", "x"], ["status"])
    answers = ({}, [], None, 7, "text", {"items": 1}, {"items": [None, 1, {}, []]},
               {"items": [{"id": "x", "type": 5, "name": 1, "status": {},
                           "executionArn": [], "startDate": {}}]},
               {"status": 1, "executionArn": 2, "input": None, "startDate": "x"},
               {"status": "RUNNING", "executionArn": "a:b", "items": [
                   {"id": 1, "previousEventId": 1, "type": "TaskStateEntered"}]})
    saved = server.routes
    bad = []
    for answer in answers:
        text = json.dumps(answer)

        class Always(dict):
            def get(self, key, default=None):
                return (200, text)
        server.routes = Always()
        for command in commands:
            if "--wait" in command and "RUNNING" in text:
                continue
            for more in ([], ["-o", "json"]):
                r = pawl(*command, *more)
                if r.code not in (0, 1, 2, 3, 6) or "(null)" in r.out + r.err or \
                        "ERROR: " in r.err or "runtime error" in r.err:
                    bad.append((command + more, text, str(r)))
    server.routes = saved
    ok(bad == [], "nonsense for an answer does no harm", bad)


def test_finding_the_server():
    data = os.path.join(home, "data")
    os.mkdir(data)

    def write(content):
        with open(os.path.join(data, "client.json"), "w") as f:
            f.write(content)
    write(json.dumps({"url": server.url + "/", "apiKey": KEY}))
    none = dict(PAWL_URL=None, PAWL_KEY=None)
    r = pawl("status", env=environment(PAWL_DATA=data, **none))
    ok(r.code == 0, "client.json in $PAWL_DATA", r)
    r = pawl("status", "--data", data, env=environment(**none))
    ok(r.code == 0, "client.json in --data", r)
    xdg = os.path.join(home, "xdg")
    os.makedirs(xdg)
    os.symlink(data, os.path.join(xdg, "pawl"))
    if os.geteuid() != 0:
        r = pawl("status", env=environment(PAWL_DATA=None, XDG_DATA_HOME=xdg,
                                           **none))
        ok(r.code == 0, "client.json in the default folder", r)
    write(json.dumps({"url": "http://127.0.0.1:1", "apiKey": KEY}))
    r = pawl("status", "--url", server.url,
             env=environment(PAWL_DATA=data, **none))
    ok(r.code == 5 and "Authorization" not in server.last()[4],
       "a key does not go to a server it is not for", r)
    r = pawl("status", "--url", server.url, "--data", data,
             env=environment(**none))
    ok(r.code == 0, "unless --data says so", r)
    write("{")
    r = pawl("status", "--data", data, env=environment(**none))
    ok(r.code == 2 and "client.json" in r.err, "a client.json that is broken", r)
    r = pawl("status", "--data", "/nowhere", env=environment(**none))
    ok(r.code == 2 and "/nowhere/client.json" in r.err, "a --data that is not", r)


# ---- validate, help, completion ----

def test_validate():
    r = pawl("validate", "bad.asl.json", "good.asl.json", cwd=DATA)
    with open(os.path.join(DATA, "validate.expected")) as f:
        want = f.read()
    ok(r.code == 1 and r.out == want, "validate says what is wrong", r)
    with open(os.path.join(DATA, "good.asl.json")) as f:
        r = pawl("validate", "-", stdin=f.read())
    ok(r.code == 0 and r.out == "stdin: valid\n", "validate standard input", r)
    r = pawl("validate", "-", stdin='{"StartAt": tru}')
    ok(r.code == 1 and r.out.startswith("stdin:1:13: error:"),
       "validate what is no JSON", r)
    r = pawl("validate", "-", stdin="")
    ok(r.code == 1, "validate nothing", r)
    r = pawl("validate", "-", stdin="[" * 100000)
    ok(r.code == 1, "validate what is nested too deep", r.code)
    r = pawl("validate", "good.asl.json", "absent", cwd=DATA)
    ok(r.code == 2 and "good.asl.json: valid" in r.out, "validate an absent file", r)
    r = pawl("validate", "bad.asl.json", "-o", "json", cwd=DATA)
    items = json.loads(r.out)["items"]
    ok(r.code == 1 and items[0]["result"] == "FAIL" and
       items[0]["diagnostics"][0]["line"] == 8, "validate -o json", r)
    r = on_terminal("validate", os.path.join(DATA, "bad.asl.json"), columns=40)
    ok(r.code == 1 and "\x1b[31m^\x1b[0m" in r.out, "validate in colour", r)


def test_help():
    r = pawl("help", "--words")
    commands = [re.match(r"[a-z -]+?(?= --)", x).group(0)
                for x in r.out.split("\n")[:-1]]
    ok(len(commands) > 20 and len(set(commands)) == len(commands),
       "help --words lists the commands", r)
    bad = [c for c in commands if pawl(*c.split(), "--help").code != 0]
    ok(bad == [], "every command has --help", bad)
    r = pawl("help")
    ok(r.code == 0 and all(c in r.out for c in commands), "help names them all", r)
    r = pawl("help", "--markdown")
    with open(os.path.join(SRC, "docs/cli.md")) as f:
        ok(r.out == f.read(),
           "docs/cli.md is what pawl help --markdown writes")
    r = pawl("help", "exit-codes")
    ok(r.code == 0 and "cannot be reached" in r.out, "help exit-codes", r)
    r = pawl("help", "machine")
    ok(r.code == 0 and "machine create" in r.out, "help of a group", r)
    r = pawl("help", "strat")
    ok(r.code == 3 and "start" in r.err, "help of what is not", r)
    r = on_terminal("help", "start", columns=50)
    ok(max(len(x) for x in plain(r.out).split("\n")
           if "pawl" not in x and "/" not in x) <= 50, "help fits the terminal", r)
    r = pawl("version")
    ok(re.fullmatch(r"pawl \d+\.\d+\.\d+\n", r.out), "version", r)

    def complete(line):
        words = line.split(" ")
        script = 'source "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=%d; _pawl; ' \
            'echo "${COMPREPLY[*]}"' % (len(words) - 1)
        p = subprocess.run(["bash", "-c", script, "bash",
                            os.path.join(SRC, "cli/pawl.bash-completion"),
                            PAWL, *words[1:]], capture_output=True,
                           env=environment())
        return p.stdout.decode().split()
    ok(complete("pawl st") == ["start", "stop", "status"], "completes commands",
       complete("pawl st"))
    ok(complete("pawl machine ") == ["create", "update", "ls", "show", "rm"],
       "completes the second word", complete("pawl machine "))
    ok(complete("pawl start order --fo") == ["--follow", "--format"],
       "completes options", complete("pawl start order --fo"))


def main():
    for test in (test_machines, test_start, test_follow, test_history,
                 test_executions, test_approvals, test_functions, test_queues,
                 test_status, test_errors, test_nonsense,
                 test_finding_the_server, test_validate, test_help):
        test()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


if __name__ == "__main__":
    try:
        code = main()
    finally:
        subprocess.run(["rm", "-rf", home])
    sys.exit(code)
