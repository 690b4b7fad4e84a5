"""A pawld of one's own, for end-to-end tests.

	with Pawld() as server:
		server.aws("CreateStateMachine", {...})		# signed, or AwsError
		server.rest("GET", "/v1/status")		# (status, headers, body)

Starts pawld with its embedded PostgreSQL in a new folder on a port that the
kernel picks, waits until it is ready, and ends and removes what it started:
only its own processes, by pid.  Standard library only.

Also here: TAP (plan, ok), a signer, a function server (Functions).
"""

import datetime
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

START_S = 120          # initdb on a slow, busy machine
STOP_S = 30

PROGRAM = os.path.join(os.environ.get("builddir", "."), "pawld")


# ---- TAP ----

class Tap:
    """Numbered results; done() prints the plan and gives the exit status."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def ok(self, good, name, *detail):
        self.n += 1
        if good:
            print("ok %d - %s" % (self.n, name))
        else:
            self.failed += 1
            print("not ok %d - %s" % (self.n, name))
            for d in detail:
                print("# " + str(d)[:2000].replace("\n", "\n# "))
        sys.stdout.flush()
        return bool(good)

    def same(self, got, want, name):
        return self.ok(got == want, name, "got:  %r" % (got,), "want: %r" % (want,))

    def done(self):
        print("1..%d" % self.n)
        return 1 if self.failed else 0


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def wait_for(what, limit_s, pause_s=0.02):
    """The first true value of what(), or the last false one after the limit."""
    until = time.monotonic() + limit_s
    while True:
        value = what()
        if value or time.monotonic() > until:
            return value
        time.sleep(pause_s)


# ---- AWS ----

class AwsError(Exception):
    def __init__(self, status, code, message, headers):
        super().__init__("%s (%d): %s" % (code, status, message))
        self.status, self.code, self.message, self.headers = status, code, message, headers


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(method, host, path, query, headers, body, service, key_id, secret,
         region="us-east-1", now=None, payload_hash=None):
    """The headers with Host, X-Amz-Date and Authorization (Signature Version 4)."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    out = dict(headers, **{"Host": host, "X-Amz-Date": stamp})
    signable = {k.lower(): " ".join(v.split()) for k, v in out.items()}
    names = ";".join(sorted(signable))
    canonical = "\n".join([
        method, urllib.parse.quote(path, safe="/-_.~"), query,
        "".join("%s:%s\n" % (k, signable[k]) for k in sorted(signable)), names,
        payload_hash or hashlib.sha256(body).hexdigest()])
    scope = "%s/%s/%s/aws4_request" % (stamp[:8], region, service)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        key = _hmac(key, part)
    out["Authorization"] = ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, "
                            "Signature=%s" % (key_id, scope, names,
                                              _hmac(key, to_sign).hex()))
    return out


# ---- the server ----

class Pawld:
    """See above.  folder: use this one, and leave it; options: for pawld."""

    def __init__(self, *options, folder=None, processes=2, program=PROGRAM):
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="pawl-e2e-")
        if self.own_folder:
            os.chmod(self.folder, 0o755)    # PostgreSQL of a root is another user
        self.data = os.path.join(self.folder, "data")
        self.options = list(options)
        self.processes = processes
        self.program = program
        self.popen = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            self.remove()
            raise

    def __exit__(self, kind, value, trace):
        if kind is not None:
            sys.stderr.write(self.log()[-6000:])
        self.stop()
        self.remove()

    def start(self):
        self.out_name = os.path.join(self.folder, "out")
        self.log_name = os.path.join(self.folder, "log")
        with open(self.log_name, "ab") as log, open(self.out_name, "wb") as out:
            self.popen = subprocess.Popen(
                [self.program, "--data", self.data, "--listen", "127.0.0.1:0",
                 "--processes", str(self.processes), *self.options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=log)

        def line():
            with open(self.out_name) as f:
                found = re.search(r"^pawld ready at (http://[^\s]+:(\d+))$", f.read(), re.M)
            return found or self.popen.poll() is not None
        found = wait_for(line, START_S)
        if not isinstance(found, re.Match):
            text = self.log()[-6000:]
            self.stop()
            raise RuntimeError("pawld did not start:\n" + text)
        self.url, self.port = found.group(1), int(found.group(2))
        with open(os.path.join(self.data, "client.json")) as f:
            self.keys = json.load(f)
        self.key_id = self.keys["accessKeyId"]
        self.secret = self.keys["secretAccessKey"]
        self.api_key = self.keys["apiKey"]
        self.region = self.keys["region"]
        if not wait_for(lambda: self.http("GET", "/healthz")[0] == 200, START_S):
            raise RuntimeError("pawld is not healthy:\n" + self.log()[-6000:])
        return self

    def log(self):
        try:
            with open(self.log_name, errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def stop(self):
        """SIGTERM, and SIGKILL if that does not help; the exit status."""
        if self.popen is None:
            return None
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        status, self.popen = self.popen.returncode, None
        return status

    def remove(self):
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def children(self):
        """Pids of the master's children."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open("/proc/%s/stat" % entry) as f:
                        text = f.read()
                except OSError:
                    continue
                if int(text[text.rindex(")") + 2:].split()[1]) == self.popen.pid:
                    found.append(int(entry))
        return found

    # ---- requests ----

    def http(self, method, path, body=None, headers=None, timeout=70):
        """(status, headers, bytes) of one request on a new connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def raw(self, data, timeout=10):
        """Everything that comes back on a connection for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = b""
            try:
                while True:
                    piece = s.recv(65536)
                    if not piece:
                        return got
                    got += piece
            except socket.timeout:
                return got

    def rest(self, method, path, body=None, headers=None, timeout=70):
        """(status, headers, value): body is JSON, or bytes as they are."""
        headers = dict(headers or {})
        headers.setdefault("Authorization", "Bearer " + self.api_key)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        status, got, text = self.http(method, path, body, headers, timeout)
        if got.get("Content-Type", "").startswith("application/json") and text:
            return status, got, json.loads(text)
        return status, got, text

    def aws_raw(self, target, body, service="states", headers=None, **how):
        """(status, headers, bytes) of a signed call."""
        headers = dict({"Content-Type": "application/x-amz-json-1.0",
                        "X-Amz-Target": target}, **(headers or {}))
        path = how.pop("path", "/")
        headers = sign("POST", "127.0.0.1:%d" % self.port, path, "", headers, body,
                       how.pop("signed_for", service), how.pop("key_id", self.key_id),
                       how.pop("secret", self.secret), self.region, **how)
        return self.http("POST", path, body, headers)

    def _aws(self, prefix, service, operation, params):
        status, headers, text = self.aws_raw(prefix + operation,
                                             json.dumps(params).encode(), service)
        body = json.loads(text) if text else {}
        if status != 200:
            raise AwsError(status, body.get("__type", "").rsplit("#", 1)[-1],
                           body.get("message", ""), headers)
        return body

    def aws(self, operation, params=None):
        return self._aws("AWSStepFunctions.", "states", operation, params or {})

    def sqs(self, operation, params=None):
        return self._aws("AmazonSQS.", "sqs", operation, params or {})

    # ---- what most tests do ----

    def machine(self, name, definition, **more):
        """The ARN of a new machine."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        return self.aws("CreateStateMachine", dict(
            {"name": name, "definition": text,
             "roleArn": "arn:aws:iam::111111111111:role/test"}, **more))["stateMachineArn"]

    def start_execution(self, machine_arn, value=None, name=None):
        params = {"stateMachineArn": machine_arn, "input": json.dumps(value if value
                                                                     is not None else {})}
        if name:
            params["name"] = name
        return self.aws("StartExecution", params)["executionArn"]

    def ended(self, execution_arn, limit_s=30):
        """DescribeExecution once it has ended; None if it does not."""
        def look():
            d = self.aws("DescribeExecution", {"executionArn": execution_arn})
            return d if d["status"] != "RUNNING" else None
        return wait_for(look, limit_s)

    def history(self, execution_arn):
        """All events."""
        events, token = [], None
        while True:
            params = {"executionArn": execution_arn, "maxResults": 1000}
            if token:
                params["nextToken"] = token
            page = self.aws("GetExecutionHistory", params)
            events += page["events"]
            token = page.get("nextToken")
            if not token:
                return events


class Functions:
    """Functions on a port of their own: {name: callable(payload, headers)} gives
    the result, or (status, headers, value)."""

    def __init__(self, table):
        outer = self
        self.calls = []            # (name, payload, headers)
        self.lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                name = self.path.strip("/")
                payload = json.loads(body)
                with outer.lock:
                    outer.calls.append((name, payload, dict(self.headers)))
                try:
                    result = table[name](payload, dict(self.headers))
                except KeyError:
                    result = (404, {}, {})
                except Exception as e:  # noqa: BLE001 - a function that raises
                    result = (200, {"X-Amz-Function-Error": "Unhandled"},
                              {"errorType": type(e).__name__, "errorMessage": str(e)})
                if not isinstance(result, tuple):
                    result = (200, {}, result)
                data = json.dumps(result[2]).encode()
                self.send_response(result[0])
                for k, v in result[1].items():
                    self.send_header(k, v)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
