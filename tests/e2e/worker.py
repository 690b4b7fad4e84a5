#!/usr/bin/env python3
"""pawl-worker from outside: functions of all kinds, good and bad.  Prints TAP.

Needs the built pawl-worker ($builddir, or the current folder) and nothing else.
Each test calls functions over HTTP and looks at answers, processes and the log.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("builddir", ".")
WORKER = os.path.join(BUILD, "pawl-worker")
PATIENCE = 20


class Functions:
    """A temporary folder of functions."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="pawl-worker-test-")

    def add(self, name, filename, text, **settings):
        folder = os.path.join(self.path, name)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, filename)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o755)
        if settings:
            with open(os.path.join(folder, "function.json"), "w") as f:
                json.dump(settings, f)

    def remove(self):
        shutil.rmtree(self.path)


class Worker:
    """A pawl-worker on a port of the kernel's choice, and its log."""

    def __init__(self, functions, *options, env=None):
        environ = {k: v for k, v in os.environ.items() if not k.startswith("PAWL_")}
        environ.update(env or {})
        self.lines = []
        self.heard = threading.Condition()
        self.process = subprocess.Popen(
            [WORKER, "--functions", functions.path, "--listen", "127.0.0.1:0",
             "--runtimes", os.path.join(SRC, "worker", "runtimes"),
             "--log-level", "debug", *options],
            stderr=subprocess.PIPE, text=True, env=environ)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        line = self.wait_log("serving functions")
        self.port = int(line.split("url=http://127.0.0.1:")[1].split("/")[0])

    def read(self):
        for line in self.process.stderr:
            with self.heard:
                self.lines.append(line.rstrip("\n"))
                self.heard.notify_all()
        with self.heard:
            self.lines.append("(end of log)")
            self.heard.notify_all()

    def wait_log(self, *parts):
        """The first line that holds all parts, when it has come."""
        end = time.monotonic() + PATIENCE
        with self.heard:
            seen = 0
            while True:
                for line in self.lines[seen:]:
                    if all(part in line for part in parts):
                        return line
                seen = len(self.lines)
                if not self.heard.wait(max(0, end - time.monotonic())):
                    raise AssertionError("no log line with %r" % (parts,))

    def request(self, method, path, body=None, headers=None):
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            conn.request(method, path, body, headers or {})
            answer = conn.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            conn.close()

    def call(self, name, event, **headers):
        """Status, X-Amz-Function-Error (or None), and the answer as a value."""
        status, got, body = self.request(
            "POST", "/functions/" + name, json.dumps(event),
            {k.replace("_", "-"): v for k, v in headers.items()})
        return status, got["X-Amz-Function-Error"], json.loads(body)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        status = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stderr.close()
        return status


def alive(pid):
    """True if pid runs; a zombie does not."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_dead(pid):
    end = time.monotonic() + PATIENCE
    while alive(pid):
        assert time.monotonic() < end, "process %d lives on" % pid
        time.sleep(0.01)


def same(got, want):
    assert got == want, "got %r, want %r" % (got, want)


ECHO = "def handler(event, context):\n    return event\n"
PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"


# --- results and errors ------------------------------------------------------

def test_result(f, w):
    """a Python function returns its result"""
    event = {"a": [1, 2.5, None, True], "text": "grüße \u0000\n", "empty": {}}
    same(w.call("echo", event), (200, None, event))
    same(w.call("echo", None), (200, None, None))


def test_shell(f, w):
    """a shell handler answers on standard output"""
    same(w.call("shell", {"n": 3}), (200, None, {"got": {"n": 3}}))
    same(w.call("words", {}), (200, None, "just words"))
    same(w.call("silent", {}), (200, None, None))
    status, error, body = w.call("shellfail", {})
    same((status, error), (200, "Unhandled"))
    same(body, {"errorType": "CardDeclined", "errorMessage": "no"})
    same(w.call("shellexit", {})[2],
         {"errorType": "HandlerFailed", "errorMessage": "exit status 3"})
    same(w.call("program", {"x": 1}, Idempotency_Key="k-9")[2], "k-9")


def test_context(f, w):
    """a Python function sees Lambda's context and environment, and little else"""
    status, error, got = w.call("context", {}, Idempotency_Key="id-7",
                                X_Pawl_Execution="arn:aws:states:x")
    same(error, None)
    same(got["name"], "context")
    same(got["key"], "id-7")
    same(got["execution"], "arn:aws:states:x")
    same(got["arn"], "arn:aws:lambda:us-east-1:111111111111:function:context")
    assert 0 < got["remaining"] <= 3000, got
    same(len(got["id"]), 36)
    same(got["env"]["GREETING"], "hello")
    same(got["env"]["AWS_LAMBDA_FUNCTION_NAME"], "context")
    same(got["env"]["_HANDLER"], "handler.handler")
    same(got["env"]["LAMBDA_TASK_ROOT"], os.path.join(f.path, "context"))
    same(got["cwd"], os.path.join(f.path, "context"))
    assert "HOME" not in got["env"] and "SECRET_OF_OURS" not in got["env"]
    same(got["fds"], [0, 1, 2])


def test_function_error(f, w):
    """an exception becomes a function error with its name, and the process lives"""
    status, error, body = w.call("raises", {"kind": "CardDeclined"})
    same((status, error), (200, "Unhandled"))
    same(body["errorType"], "CardDeclined")
    same(body["errorMessage"], "no money")
    assert "handler.py" in body["stackTrace"][0], body
    pid = w.call("raises", {})[2]
    w.call("raises", {"kind": "CardDeclined"})
    same(w.call("raises", {})[2], pid)
    same(w.call("unjson", {})[2]["errorType"], "Runtime.MarshalError")


def test_init_errors(f, w):
    """functions that cannot start say why, and are tried again"""
    for _ in range(2):
        status, error, body = w.call("noimport", {})
        same((status, error), (200, "Unhandled"))
        same(body["errorType"], "Runtime.ImportModuleError")
        assert "no_such_module" in body["errorMessage"], body
    same(w.call("syntax", {})[2]["errorType"], "Runtime.UserCodeSyntaxError")
    same(w.call("nohandler", {})[2]["errorType"], "Runtime.HandlerNotFound")
    status, error, body = w.call("dies", {})
    same(error, "Unhandled")
    same(body["errorType"], "Runtime.ExitError")
    assert body["errorMessage"].endswith(
        "Error: Runtime exited with error: exit status 7"), body
    status, error, body = w.call("badjson", {})
    same((error, body["errorType"]), ("Unhandled", "Runtime.InvalidEntrypoint"))
    assert "function.json" in body["errorMessage"], body
    same(w.call("noexec", {})[2]["errorType"], "Runtime.InvalidEntrypoint")


def test_refusals(f, w):
    """unknown functions, paths, methods and sizes are refused"""
    same(w.call("nosuch", {})[0], 404)
    same(w.call("nosuch", {})[2]["errorType"], "ResourceNotFoundException")
    same(w.call("..%2fetc", {})[0], 404)
    same(w.call("empty", {})[0], 404)
    same(w.request("GET", "/nothing")[0], 404)
    same(w.request("DELETE", "/functions/echo")[0], 405)
    same(w.request("POST", "/functions/echo", b'"' + b"x" * 6291556 + b'"')[0], 413)
    same(w.request("POST", "/functions/echo", b"{}", {"Origin": "http://evil"})[0], 401)
    same(w.request("GET", "/healthz")[2], b"ok\n")
    names = [i["name"] for i in json.loads(w.request("GET", "/functions")[2])["items"]]
    same(names, sorted(names))
    assert "echo" in names, names
    same(w.request("POST", "/2015-03-31/functions/echo/invocations", b"[1]")[2], b"[1]")


def test_large(f, w):
    """6 MB pass in and out, more does not come out"""
    text = "x" * 6291550
    same(w.call("echo", text), (200, None, text))
    status, error, body = w.call("huge", 6291556)
    same((error, body["errorType"]), ("Unhandled", "Function.ResponseSizeTooLarge"))
    same(w.call("huge", 10)[2], "x" * 10)
    same(w.call("huge", 20000000)[1], "Unhandled")
    same(w.call("huge", 10)[2], "x" * 10)


# --- processes ---------------------------------------------------------------

def test_warm(f, w):
    """a process serves one call after the other"""
    same(len({w.call("pid", {})[2] for _ in range(20)}), 1)


def test_timeout(f, w):
    """a call past its timeout fails, and its process dies with all its children"""
    mark = os.path.join(f.path, "children")
    start = time.monotonic()
    status, error, body = w.call("sleeps", {"file": mark})
    assert 0.4 < time.monotonic() - start < PATIENCE
    same((status, error, body["errorType"]), (200, "Unhandled", "Sandbox.Timedout"))
    assert body["errorMessage"].endswith("Task timed out after 0.50 seconds"), body
    with open(mark) as pids:
        pids = [int(p) for p in pids.read().split()]
    same(len(pids), 2)
    for pid in pids:
        wait_dead(pid)
    same(w.call("sleeps", {})[2], "quick")


def test_crash(f, w):
    """a process that crashes fails its call only, and is replaced"""
    before = w.call("crash", {})[2]
    body = w.call("crash", {"exit": 5})[2]
    same(body["errorType"], "Runtime.ExitError")
    assert body["errorMessage"].startswith("RequestId: "), body
    assert body["errorMessage"].endswith("exited with error: exit status 5"), body
    after = w.call("crash", {})[2]
    assert before != after
    body = w.call("crash", {"signal": 9})[2]
    assert body["errorMessage"].endswith("error: signal: killed"), body
    body = w.call("crash", {"exit": 0})[2]
    assert body["errorMessage"].endswith("exited without providing a reason"), body
    for _ in range(10):     # idle when it was killed: no call may fail
        pid = w.call("crash", {})[2]
        os.kill(pid, signal.SIGKILL)
        wait_dead(pid)
        same(w.call("crash", {})[1], None)


def test_concurrency(f, w):
    """calls run in parallel up to the limit; more are refused with 429"""
    gate = os.path.join(f.path, "gate")
    answers = []

    def one():
        answers.append(w.call("gated", {"gate": gate}))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for t in threads:
        t.start()
    for _ in range(PATIENCE * 100):
        if json.loads(w.request("GET", "/functions/gated")[2])["running"] == 3:
            break
        time.sleep(0.01)
    status, error, body = w.call("gated", {"gate": gate})
    same((status, body["errorType"]), (429, "TooManyRequestsException"))
    open(gate, "w").close()
    for t in threads:
        t.join(PATIENCE)
    same([a[0] for a in answers], [200, 200, 200])
    same(len({a[2] for a in answers}), 3)


def test_many(f, w):
    """many parallel calls each get their own answer"""
    wrong = []

    def some(k):
        for n in range(50):
            event = {"k": k, "n": n}
            status, error, got = w.call("echo", event)
            if (status, error, got) != (200, None, event):
                wrong.append((status, error, got))

    threads = [threading.Thread(target=some, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    same(wrong, [])
    assert json.loads(w.request("GET", "/functions/echo")[2])["processes"] <= 8


def test_output(f, w):
    """what a function prints is logged, with its name and the request"""
    status, headers, body = w.request("POST", "/functions/prints", b'{"say": "hi"}')
    line = w.wait_log("output function=prints", "said hi")
    assert "request=" + headers["X-Amzn-RequestId"] in line, line
    line = w.wait_log("output function=prints", "on stderr")
    w.wait_log("output function=prints", "colour ?[31m")
    status, headers, body = w.request("POST", "/functions/prints", b'{"long": 10000}')
    w.wait_log("invoked function=prints", headers["X-Amzn-RequestId"])
    same(sum(line.count("y") for line in w.lines if "yyyy" in line), 10000)
    assert max(len(line) for line in w.lines if "yyyy" in line) < 4500


def test_changes(f, w):
    """a changed function serves the next call; a new folder is a new function"""
    f.add("edited", "handler.py", "def handler(e, c):\n    return 1\n")
    same(w.call("edited", {})[2], 1)
    f.add("edited", "handler.py", "def handler(e, c):\n    return 2\n\n")
    for _ in range(PATIENCE * 20):
        if w.call("edited", {})[2] == 2:
            break
        time.sleep(0.05)
    same(w.call("edited", {})[2], 2)


def test_runtime_api(f, w):
    """the Runtime API keeps a program that breaks its rules in order"""
    same(w.call("rude", {"a": 1}), (200, None, [
        ["next while busy", 403], ["wrong id", 400], ["no such path", 404],
        ["init error late", 403]]))


# --- start and end: these start workers of their own --------------------------

def test_idle():
    """a process that is not used for a while ends"""
    f = Functions()
    f.add("pid", "handler.py", PID)
    w = Worker(f, "--idle-seconds", "1")
    pid = w.call("pid", {})[2]
    wait_dead(pid)
    w.wait_log("process idle for long")
    same(w.stop(), 0)
    f.remove()


def test_places():
    """all functions together stay below --max-processes, and none starves"""
    f = Functions()
    for n in range(6):
        f.add("f%d" % n, "handler.sh", "echo %d\n" % n)
    w = Worker(f, "--max-processes", "2")
    for turn in range(2):
        for n in range(6):
            same(w.call("f%d" % n, {})[2], n)
    same(w.stop(), 0)
    f.remove()


def test_sigterm():
    """SIGTERM lets the running call end, refuses others, leaves no process"""
    f = Functions()
    gate = os.path.join(f.path, "gate")
    f.add("gated", "handler.py", GATED, timeoutSeconds=60)
    f.add("pid", "handler.py", PID)
    w = Worker(f, "--grace-seconds", "60")
    idle = w.call("pid", {})[2]
    answers = []
    t = threading.Thread(target=lambda: answers.append(
        w.call("gated", {"gate": gate})))
    t.start()
    line = w.wait_log("process started function=gated")
    busy = int(line.split("pid=")[1])
    w.wait_log("output function=gated", "waiting")
    w.process.send_signal(signal.SIGTERM)
    w.wait_log("ending signal=15")
    try:
        w.call("pid", {})
        raise AssertionError("still accepts")
    except (ConnectionError, http.client.RemoteDisconnected):
        pass
    open(gate, "w").close()
    t.join(PATIENCE)
    same(answers, [(200, None, busy)])
    same(w.process.wait(PATIENCE), 0)
    w.stop()
    assert not alive(idle) and not alive(busy)
    f.remove()


def test_sigterm_bounded():
    """SIGTERM does not wait for ever, and a stubborn process is killed"""
    f = Functions()
    f.add("gated", "handler.py", GATED, timeoutSeconds=60)
    f.add("stubborn", "handler.py", "import signal, os\n"
          "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + PID)
    w = Worker(f, "--grace-seconds", "0")
    stubborn = w.call("stubborn", {})[2]
    answers = []
    t = threading.Thread(target=lambda: answers.append(
        w.call("gated", {"gate": "/nonexistent"})))
    t.start()
    w.wait_log("output function=gated", "waiting")
    same(w.stop(), 0)
    t.join(PATIENCE)
    same(answers[0][2]["errorType"], "Runtime.ExitError")
    assert not alive(stubborn)
    f.remove()


def test_sigkill():
    """even kill -9 of the worker leaves no function behind"""
    f = Functions()
    f.add("pid", "handler.py", PID)
    w = Worker(f)
    pid = w.call("pid", {})[2]
    w.stop(signal.SIGKILL)
    wait_dead(pid)
    f.remove()


def test_key():
    """with a key, only who has it may call"""
    f = Functions()
    f.add("echo", "handler.py", ECHO)
    w = Worker(f, env={"PAWL_WORKER_KEY": "s3cret"})
    same(w.call("echo", 1)[0], 401)
    same(w.call("echo", 1, Authorization="Bearer s3cre")[0], 401)
    same(w.call("echo", 1, Authorization="Bearer s3cret2")[0], 401)
    same(w.call("echo", 1, Authorization="Bearer s3cret"), (200, None, 1))
    # "pawl:s3cret"
    same(w.call("echo", 1, Authorization="Basic cGF3bDpzM2NyZXQ=")[0], 200)
    same(w.call("echo", 1, Authorization="Basic cGF3bDpzM2NyZXR4")[0], 401)
    same(w.stop(), 0)
    f.remove()


def test_usage():
    """wrong usage is told in a sentence"""
    f = Functions()

    def run(*options):
        r = subprocess.run([WORKER, *options], capture_output=True, text=True,
                           timeout=PATIENCE)
        return r.returncode, r.stdout + r.stderr

    for options, status, word in [
            (["--help"], 0, "handler.py"),
            (["--version"], 0, "pawl-worker "),
            ([], 2, "--functions"),
            (["--functions", f.path, "extra"], 2, "extra"),
            (["--functions", "/no/such"], 1, "/no/such"),
            (["--functions", f.path, "--listen", "9000"], 2, "HOST:PORT"),
            (["--functions", f.path, "--listen", "127.0.0.1:x"], 2, "port"),
            (["--functions", f.path, "--listen", "0.0.0.0:0"], 2, "other machines"),
            (["--functions", f.path, "--listen", "0.0.0.0:0",
              "--insecure-public"], 2, "a key"),
            (["--functions", f.path, "--idle-seconds", "0"], 2, "--idle-seconds"),
            (["--functions", f.path, "--runtimes", "/no"], 1, "/no/python"),
            (["--runtime-exec", "/bin/true"], 2, "--help")]:
        got, text = run(*options)
        same((got, word in text), (status, True))
    f.remove()


class FakePawld:
    """Takes PUT /v1/functions/NAME, once it is told to listen."""

    def __init__(self):
        import http.server
        self.puts = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                good = self.headers["Authorization"] == "Bearer the-key"
                if good:
                    outer.puts[self.path] = json.loads(body)
                self.send_response(200 if good else 401)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_register():
    """--register finds pawld by client.json, also when it comes later"""
    f = Functions()
    f.add("echo", "handler.py", ECHO, timeoutSeconds=2.5)
    f.add("broken", "handler.py", ECHO, timeoutSeconds=-1)
    data = tempfile.mkdtemp(prefix="pawl-worker-test-")
    w = Worker(f, "--register", "--data", data)
    w.wait_log("not registered yet", "client.json")
    pawld = FakePawld()
    with open(os.path.join(data, "client.json"), "w") as c:
        json.dump({"url": "http://127.0.0.1:%d" % pawld.port, "apiKey": "wrong"}, c)
    pawld.thread.start()
    w.wait_log("not registered yet", "refuses the key")
    with open(os.path.join(data, "client.json"), "w") as c:
        json.dump({"url": "http://127.0.0.1:%d" % pawld.port, "apiKey": "the-key"}, c)
    w.wait_log("function registered function=echo")
    url = "http://127.0.0.1:%d/functions/echo" % w.port
    same(pawld.puts, {"/v1/functions/echo": {"url": url, "timeoutSeconds": 18}})
    f.add("later", "handler.sh", "echo 1\n")
    w.wait_log("function registered function=later")
    same(w.stop(), 0)
    pawld.stop()
    w = Worker(f, "--register", env={"PAWL_URL": "http://127.0.0.1:1",
                                     "PAWL_KEY": "k"})
    w.wait_log("not registered yet", "does not answer")
    same(w.stop(), 0)
    shutil.rmtree(data)
    f.remove()


# --- the functions of the tests ------------------------------------------------

GATED = """
import os, time
def handler(event, context):
    print("waiting")
    while not os.path.exists(event["gate"]):
        time.sleep(0.01)
    return os.getpid()
"""

RUDE = """
import http.client, json, os
API = "/2018-06-01/runtime/"
conn = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
def call(method, path, body=None):
    conn.request(method, API + path, body)
    r = conn.getresponse()
    return r.status, r.headers, r.read()
while True:
    status, headers, body = call("GET", "invocation/next")
    i = headers["Lambda-Runtime-Aws-Request-Id"]
    got = [["next while busy", call("GET", "invocation/next")[0]],
           ["wrong id", call("POST", "invocation/nope/response", b"1")[0]],
           ["no such path", call("POST", "invocation/%s/nope" % i, b"1")[0]],
           ["init error late", call("POST", "init/error", b"{}")[0]]]
    call("POST", "invocation/%s/response" % i, json.dumps(got).encode())
"""


def make_functions():
    f = Functions()
    f.add("echo", "handler.py", ECHO, concurrency=20)
    f.add("pid", "handler.py", PID)
    f.add("shell", "handler.sh", "printf '{\"got\":'; cat; echo '}'\n")
    f.add("words", "handler.sh", "echo just words\n")
    f.add("silent", "handler.sh", "cat >/dev/null\n")
    f.add("shellfail", "handler.sh",
          "echo '{\"errorType\":\"CardDeclined\",\"errorMessage\":\"no\"}'; exit 1\n")
    f.add("shellexit", "handler.sh", "exit 3\n")
    f.add("program", "handler", "#!/bin/sh\necho $PAWL_IDEMPOTENCY_KEY\n")
    f.add("context", "handler.py", """
import os
def handler(event, context):
    return {"name": context.function_name, "key": context.idempotency_key,
            "execution": context.execution_arn, "id": context.aws_request_id,
            "arn": context.invoked_function_arn, "cwd": os.getcwd(),
            "remaining": context.get_remaining_time_in_millis(),
            "env": dict(os.environ), "fds": sorted(
                int(n) for n in os.listdir("/proc/self/fd")
                if os.path.exists("/proc/self/fd/" + n)
                and not os.readlink("/proc/self/fd/" + n).startswith("socket:"))}
""", environment={"GREETING": "hello"})
    f.add("raises", "handler.py", """
import os
class CardDeclined(Exception):
    pass
def handler(event, context):
    if event.get("kind"):
        raise CardDeclined("no money")
    return os.getpid()
""")
    f.add("unjson", "handler.py", "def handler(e, c):\n    return {1, 2}\n")
    f.add("noimport", "handler.py", "import no_such_module\n")
    f.add("syntax", "handler.py", "def handler(:\n")
    f.add("nohandler", "handler.py", "x = 1\n")
    f.add("dies", "bootstrap", "#!/bin/sh\nexit 7\n")
    f.add("badjson", "handler.py", ECHO, concurrency="many")
    f.add("noexec", "bootstrap", "#!/no/such/interpreter\n")
    f.add("empty", "README", "nothing to run\n")
    f.add("huge", "handler.py", "def handler(e, c):\n    return 'x' * e\n")
    f.add("sleeps", "handler.py", """
import os, subprocess, time
def handler(event, context):
    if "file" not in event:
        return "quick"
    child = subprocess.Popen(["/bin/sleep", "600"])
    with open(event["file"], "w") as f:
        f.write("%d %d" % (os.getpid(), child.pid))
    time.sleep(600)
""", timeoutSeconds=0.5)
    f.add("crash", "handler.py", """
import os
def handler(event, context):
    if "exit" in event:
        os._exit(event["exit"])
    if "signal" in event:
        os.kill(os.getpid(), event["signal"])
    return os.getpid()
""")
    f.add("gated", "handler.py", GATED, concurrency=3, timeoutSeconds=60)
    f.add("prints", "handler.py", """
import sys
def handler(event, context):
    if "long" in event:
        print("y" * event["long"])
    else:
        print("said", event["say"])
        print("on stderr", file=sys.stderr)
        print("colour \\033[31m")
""")
    f.add("rude", "bootstrap", "#!%s\n%s" % (sys.executable, RUDE))
    return f


def main():
    shared = [test_result, test_shell, test_context, test_function_error,
              test_init_errors, test_refusals, test_large, test_warm, test_timeout,
              test_crash, test_concurrency, test_many, test_output, test_changes,
              test_runtime_api]
    alone = [test_idle, test_places, test_sigterm, test_sigterm_bounded,
             test_sigkill, test_key, test_usage, test_register]
    only = sys.argv[1:]
    if only:
        shared = [t for t in shared if t.__name__ in only]
        alone = [t for t in alone if t.__name__ in only]
    if not os.access(WORKER, os.X_OK):
        print("1..0 # SKIP pawl-worker is not built")
        return 0
    print("1..%d" % (len(shared) + len(alone) + 1), flush=True)
    os.environ["SECRET_OF_OURS"] = "1"
    failed = number = 0
    functions = make_functions()
    worker = Worker(functions)

    def report(good, name, detail=""):
        nonlocal failed, number
        number += 1
        failed += not good
        print("%sok %d - %s" % ("" if good else "not ", number, name))
        for line in detail.splitlines():
            print("# " + line)
        sys.stdout.flush()

    for test in shared + alone:
        try:
            test(functions, worker) if test in shared else test()
            report(True, test.__doc__)
        except Exception as error:
            report(False, test.__doc__, "%s: %r" % (test.__name__, error))
            if os.environ.get("VERBOSE"):
                import traceback
                traceback.print_exc()
                print("\n".join("# log: " + line[:200] for line in worker.lines[-15:]))
    status = worker.stop()
    children = [line for line in worker.lines if "process started" in line]
    left = [p for p in (int(c.rsplit("pid=", 1)[1]) for c in children) if alive(p)]
    report(status == 0 and not left, "the worker ends well and leaves no process",
           "" if status == 0 and not left else "status %d, left %r" % (status, left))
    functions.remove()
    return 1 if failed else 0


sys.exit(main())
