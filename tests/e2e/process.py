#!/usr/bin/env python3
"""pawld as an operator sees it: start, stop, kill -9 of every part, start again.

One server with its embedded PostgreSQL in a folder of its own under /tmp, on a
port that the kernel picks.  Only processes that this test started are signalled,
each by its pid.  Every wait has a limit.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

PAWLD = os.path.join(os.environ.get("builddir", "."), "pawld")
START_S = 90          # initdb on a slow machine
STOP_S = 30
SETTLE_S = 20

# ---- small tools ----


def wait_for(what, limit_s):
    """The first true value of what(), or the last false one after the limit."""
    until = time.monotonic() + limit_s
    while True:
        value = what()
        if value or time.monotonic() > until:
            return value
        time.sleep(0.02)


def stat_of(pid):
    """(name, state, parent) of a process, or None."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            text = f.read()
    except OSError:
        return None
    name = text[text.index("(") + 1:text.rindex(")")]
    fields = text[text.rindex(")") + 2:].split()
    return name, fields[0], int(fields[1])


def children(pid):
    """{pid: name} of the children of a process that are not zombies."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            st = stat_of(int(entry))
            if st is not None and st[2] == pid and st[1] != "Z":
                found[int(entry)] = st[0]
    return found


def alive(pid):
    st = stat_of(pid)
    return st is not None and st[1] != "Z"


def is_postmaster(pid):
    """Not one that was asked for its version."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            return b"listen_addresses=" in f.read()
    except OSError:
        return False


class Server:
    """A running pawld; its log is kept from the first line."""

    def __init__(self, folder, *options, **how):
        self.log_name = os.path.join(folder, "log")
        self.out_name = os.path.join(folder, "out")
        self.log_start = os.path.getsize(self.log_name) \
            if os.path.exists(self.log_name) else 0
        with open(self.log_name, "ab") as log, open(self.out_name, "wb") as out:
            self.popen = subprocess.Popen(
                [PAWLD, "--data", os.path.join(folder, "data"),
                 "--listen", "127.0.0.1:0", "--processes", "2",
                 "--lease-ms", "2000", *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=log, **how)
        self.pid = self.popen.pid
        self.url = None

    def log(self):
        with open(self.log_name, errors="replace") as f:
            f.seek(self.log_start)
            return f.read()

    def ready(self):
        """Waits for the ready line; False if it does not come."""
        def line():
            with open(self.out_name) as f:
                found = re.search(r"^pawld ready at (http://127\.0\.0\.1:(\d+))$",
                                  f.read(), re.M)
            return found or self.popen.poll() is not None
        found = wait_for(line, START_S)
        if not isinstance(found, re.Match):
            return False
        self.url, self.port = found.group(1), int(found.group(2))
        return True

    def parts(self):
        """(pids of the processes by number, pid of the postmaster or None)."""
        processes, postmaster = {}, None
        for pid, name in children(self.pid).items():
            if name.startswith("pawld/"):
                processes[int(name[6:])] = pid
            elif name == "postgres" and is_postmaster(pid):
                postmaster = pid
        return processes, postmaster

    def shards(self):
        """{number: shards} of the processes, as their log lines add up; a
        process that was replaced counts from its replacement on."""
        held = {}
        for line in self.log().splitlines():
            moved = re.search(r" pawld/(\d+): shards (taken|given up) count=(\d+)", line)
            died = re.search(r" pawld: process (\d+) ended", line)
            if died:
                held[int(died.group(1))] = 0
            elif moved:
                sign = 1 if moved.group(2) == "taken" else -1
                number = int(moved.group(1))
                held[number] = held.get(number, 0) + sign * int(moved.group(3))
        return held

    def kill_all(self):
        """kill -9 of the master and of all its children."""
        for pid in (self.pid, *children(self.pid)):
            os.kill(pid, signal.SIGKILL)

    def healthy(self):
        """Answers /healthz with 200 on a new connection."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                    timeout=5)
            connection.request("GET", "/healthz")
            status = connection.getresponse().status
            connection.close()
            return status == 200
        except (OSError, http.client.HTTPException):
            return False

    def healthy_many(self, n=20):
        """All processes answer: the kernel spreads connections over them."""
        return all(self.healthy() for _ in range(n))

    def ended(self, limit_s):
        try:
            return self.popen.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None


# ---- TAP ----

tests = []
servers = []


def test(text):
    def add(fn):
        tests.append((text, fn))
        return fn
    return add


def start(folder, *options, **how):
    server = Server(folder, *options, **how)
    servers.append(server)
    return server


def run(*options, limit_s=30):
    """Runs a pawld that is expected to end by itself."""
    return subprocess.run([PAWLD, *options], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=limit_s)


def need(condition, text):
    if not condition:
        raise AssertionError(text)


# ---- the tests, in order; w holds what one leaves to the next ----


class Skip(Exception):
    pass


class World:
    pass


w = World()


@test("bad settings end with status 2 and a sentence")
def _():
    done = run("--lissten", "1")
    need(done.returncode == 2, "status %d" % done.returncode)
    need("did you mean --listen?" in done.stderr, done.stderr)
    done = run("--processes=many")
    need(done.returncode == 2 and "whole number" in done.stderr, done.stderr)


@test("--help explains every setting, --version says the version")
def _():
    done = run("--help")
    need(done.returncode == 0, "status %d" % done.returncode)
    for name in ("data", "database", "listen", "public-url", "processes", "region",
                 "account", "lease-ms", "park-ms", "function-timeout-ms",
                 "body-bytes", "insecure-public", "log-level"):
        need("  --%s" % name in done.stdout, name + " is missing")
    done = run("--version")
    need(re.match(r"pawld \d+\.\d+\.\d+\n$", done.stdout), done.stdout)


@test("a public address is refused without an explicit word")
def _():
    done = run("--data", os.path.join(w.folder, "data"), "--listen", "0.0.0.0:0")
    need(done.returncode == 1, "status %d" % done.returncode)
    need("--insecure-public" in done.stderr, done.stderr)


@test("a folder that cannot be made is explained")
def _():
    done = run("--data", "/proc/nothing/here", "--listen", "127.0.0.1:0")
    need(done.returncode == 1, "status %d" % done.returncode)
    need("cannot make the data folder /proc/nothing/here" in done.stderr
         and "--data" in done.stderr, done.stderr)


@test("a first start makes keys and a database, and says that it is ready")
def _():
    w.server = start(w.folder)
    need(w.server.ready(), w.server.log())
    need(w.server.healthy_many(), "not healthy")
    processes, postmaster = w.server.parts()
    need(sorted(processes) == [1, 2], "processes %r" % processes)
    need(postmaster is not None, "no PostgreSQL")


@test("keys are private, and tell the CLI where the server is")
def _():
    for name in ("keys.json", "client.json"):
        mode = os.stat(os.path.join(w.folder, "data", name)).st_mode
        need(stat.S_IMODE(mode) == 0o600, "%s has mode %o" % (name, mode))
    with open(os.path.join(w.folder, "data", "client.json")) as f:
        w.client = json.load(f)
    need(w.client["url"] == w.server.url, w.client["url"])
    need(all(w.client[k] for k in ("apiKey", "accessKeyId", "secretAccessKey",
                                   "region")), "a member is missing")
    with open(os.path.join(w.folder, "data", "pawld.pid")) as f:
        need(int(f.read()) == w.server.pid, "wrong pid")


@test("a second pawld on the same folder is refused")
def _():
    done = run("--data", os.path.join(w.folder, "data"), "--listen", "127.0.0.1:0")
    need(done.returncode == 1, "status %d" % done.returncode)
    need("another pawld" in done.stderr and str(w.server.pid) in done.stderr,
         done.stderr)
    need(w.server.healthy(), "the first one suffered")


@test("a port that is taken is refused before anything is started")
def _():
    other = os.path.join(w.folder, "other")
    done = run("--data", other, "--listen", "127.0.0.1:%d" % w.server.port)
    need(done.returncode == 1 and "another program does" in done.stderr,
         done.stderr)
    need(not os.path.exists(os.path.join(other, "postgres")), "initdb has run")


@test("kill -9 of a process: another takes its shards at once")
def _():
    before, postmaster = w.server.parts()
    os.kill(before[1], signal.SIGKILL)
    need(wait_for(lambda: w.server.parts()[0].get(1) not in (None, before[1]), 5),
         "no new process")
    pattern = r"process 1 ended by signal 9 .*[\s\S]* pawld/1: shards taken count=32"
    need(wait_for(lambda: re.search(pattern, w.server.log()), SETTLE_S),
         w.server.log())
    after, same = w.server.parts()
    need(after[2] == before[2] and same == postmaster, "others were touched")
    need(wait_for(w.server.healthy_many, SETTLE_S), "not healthy")


@test("a process that is stopped loses its shards, and gets some back")
def _():
    processes, _ = w.server.parts()
    mark = len(w.server.log())
    os.kill(processes[2], signal.SIGSTOP)
    taken = wait_for(lambda: re.search(r"pawld/1: shards taken count=32",
                                       w.server.log()[mark:]), SETTLE_S)
    os.kill(processes[2], signal.SIGCONT)
    need(taken, w.server.log()[mark:])

    def back():
        counts = re.findall(r"pawld/2: shards taken count=(\d+)",
                            w.server.log()[mark:])
        return sum(map(int, counts)) == 32
    need(wait_for(back, SETTLE_S), w.server.log()[mark:])
    need(wait_for(w.server.healthy_many, SETTLE_S), "not healthy")


@test("kill -9 of PostgreSQL: it comes back, and the processes with it")
def _():
    processes, postmaster = w.server.parts()
    os.kill(postmaster, signal.SIGKILL)
    need(wait_for(lambda: w.server.parts()[1] not in (None, postmaster), START_S),
         w.server.log())
    need(wait_for(lambda: w.server.log().count("PostgreSQL is ready") == 2, START_S),
         w.server.log())
    need(wait_for(w.server.healthy_many, START_S), w.server.log())
    need(w.server.parts()[0] == processes, "processes were replaced")


@test("kill -9 of the master: everything else goes")
def _():
    processes, postmaster = w.server.parts()
    os.kill(w.server.pid, signal.SIGKILL)
    w.server.ended(5)
    gone = [postmaster, *processes.values()]
    need(wait_for(lambda: not any(map(alive, gone)), STOP_S),
         "still there: %r" % [stat_of(p) for p in gone])


@test("it starts again with the same keys")
def _():
    w.server = start(w.folder)
    need(w.server.ready(), w.server.log())
    need(w.server.healthy_many(), "not healthy")
    with open(os.path.join(w.folder, "data", "client.json")) as f:
        again = json.load(f)
    need(again["apiKey"] == w.client["apiKey"], "the keys have changed")


@test("kill -9 of all at once, and a start at once")
def _():
    for _ in range(3):
        w.server.kill_all()
        w.server = start(w.folder)     # the dead one is still a zombie
        need(w.server.ready(), w.server.log())
        need(w.server.healthy_many(), "not healthy")


@test("a second node shares the shards, and its death gives them back")
def _():
    node = os.path.join(w.folder, "node")
    os.makedirs(os.path.join(node, "data"), mode=0o755)
    shutil.copy(os.path.join(w.folder, "data", "keys.json"),
                os.path.join(node, "data"))
    database = "host=%s user=pawl dbname=pawl" % os.path.join(
        w.folder, "data", "postgres.socket")
    for how in (signal.SIGTERM, signal.SIGKILL):
        other = start(node, "--database", database)
        need(other.ready(), other.log())
        need(wait_for(lambda: w.server.shards() == {1: 16, 2: 16}
                      and other.shards() == {1: 16, 2: 16}, SETTLE_S),
             "%r %r" % (w.server.shards(), other.shards()))
        need(w.server.healthy_many() and other.healthy_many(), "not healthy")
        if how == signal.SIGTERM:
            os.kill(other.pid, how)
            need(other.ended(STOP_S) == 0, other.log())
        else:
            other.kill_all()
            other.ended(5)
        need(wait_for(lambda: w.server.shards() == {1: 32, 2: 32}, SETTLE_S),
             "%r" % w.server.shards())


@test("a node with other keys is refused, with a sentence")
def _():
    stranger = os.path.join(w.folder, "stranger")
    os.makedirs(os.path.join(stranger, "data"), mode=0o755)
    database = "host=%s user=pawl dbname=pawl" % os.path.join(
        w.folder, "data", "postgres.socket")
    other = start(stranger, "--database", database)
    need(other.ended(STOP_S) == 1, other.log())
    need("copy keys.json" in other.log(), other.log())
    need(w.server.healthy_many(), "not healthy")


@test("SIGTERM in the middle of a first start ends it")
def _():
    folder = os.path.join(w.folder, "early")
    os.mkdir(folder, 0o755)
    server = start(folder)
    log = os.path.join(folder, "data", "postgres.log")
    need(wait_for(lambda: os.path.exists(log), START_S), server.log())
    os.kill(server.pid, signal.SIGTERM)
    need(server.ended(START_S) == 0, server.log())
    need(not server.ready(), "it said that it was ready")
    server = start(folder)     # what it left behind is good for a start
    need(server.ready() and server.healthy(), server.log())
    os.kill(server.pid, signal.SIGTERM)
    need(server.ended(STOP_S) == 0, server.log())


@test("a slow client does not hold up a clean stop")
def _():
    idle = socket.create_connection(("127.0.0.1", w.server.port), timeout=5)
    half = socket.create_connection(("127.0.0.1", w.server.port), timeout=5)
    half.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    processes, postmaster = w.server.parts()
    since = time.monotonic()
    os.kill(w.server.pid, signal.SIGTERM)
    status = w.server.ended(STOP_S)
    took = time.monotonic() - since
    idle.close()
    half.close()
    need(status == 0, "status %r\n%s" % (status, w.server.log()))
    gone = [postmaster, *processes.values()]
    need(not any(map(alive, gone)), "still there: %r" % gone)
    need(took < 10, "it took %.1f s" % took)
    need("signal 9" not in w.server.log()
         and "takes too long" not in w.server.log(), w.server.log())


@test("SIGINT stops it as well, also one to the whole group")
def _():
    w.server = start(w.folder)
    need(w.server.ready(), w.server.log())
    processes, postmaster = w.server.parts()
    for pid in (w.server.pid, *processes.values()):
        os.kill(pid, signal.SIGINT)
    need(w.server.ended(STOP_S) == 0, w.server.log())
    need(not any(map(alive, [postmaster, *processes.values()])), "still there")
    need(os.path.getsize(os.path.join(w.folder, "data", "pawld.pid")) == 0,
         "pawld.pid is not empty")


@test("an ordinary user can run it too")
def _():
    if os.geteuid() != 0:
        raise Skip("all of this ran as one")
    folder = os.path.join(w.folder, "nobody")
    os.mkdir(folder, 0o755)
    shutil.chown(folder, "nobody")
    try:
        server = start(folder, user="nobody", group="nogroup", cwd="/")
    except PermissionError:
        raise Skip("nobody may not enter the build folder")
    need(server.ready(), server.log())
    need(server.healthy(), "not healthy")
    mode = os.stat(os.path.join(folder, "data")).st_mode
    need(stat.S_IMODE(mode) == 0o700, "the folder has mode %o" % mode)
    os.kill(server.pid, signal.SIGTERM)
    need(server.ended(STOP_S) == 0, server.log())


@test("nothing was complained of by a sanitizer")
def _():
    with open(os.path.join(w.folder, "log"), errors="replace") as f:
        log = f.read()
    found = re.search(r"Sanitizer|runtime error:", log)
    need(found is None, log[found.start() if found else 0:][:4000])


def main():
    print("1..%d" % len(tests))
    if not os.access(PAWLD, os.X_OK):
        print("Bail out! there is no %s: say make first" % PAWLD)
        return 1
    w.folder = tempfile.mkdtemp(prefix="pawl-process.", dir="/tmp")
    os.chmod(w.folder, 0o755)      # PostgreSQL must pass through it
    failed = 0
    try:
        for number, (text, fn) in enumerate(tests, 1):
            try:
                fn()
                print("ok %d - process: %s" % (number, text), flush=True)
            except Skip as e:
                print("ok %d - process: %s # SKIP %s" % (number, text, e))
            except Exception as e:     # also a wait that was too long
                failed += 1
                print("not ok %d - process: %s" % (number, text))
                for line in (str(e) or repr(e)).splitlines()[-40:]:
                    print("# " + line, flush=True)
    finally:
        for server in servers:
            if server.popen.poll() is None:
                pids = [*children(server.pid), server.pid]
                server.popen.terminate()
                if server.ended(STOP_S) is None:
                    for pid in pids:
                        try:
                            os.kill(pid, signal.SIGKILL)
                        except ProcessLookupError:
                            pass
        if failed == 0:
            shutil.rmtree(w.folder, ignore_errors=True)
        else:
            print("# the folder %s is kept" % w.folder)
    return failed != 0


sys.exit(main())
