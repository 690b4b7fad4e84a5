#!/usr/bin/env python3
"""kill -9 in the middle of an order, again and again: it always ends right.

Each round starts an order, kills something at a random moment (a process of pawld,
its master, or all of it with its PostgreSQL), starts it again on the same folder
(and sometimes kills it once more while it comes up), approves over the callback URL,
and then accounts for everything: output, history, calls with their idempotency keys,
messages.

	PAWL_KILL_ROUNDS	how many rounds (20)
	PAWL_KILL_SEED		the seed that a failed run has printed

Only processes that this test started are killed, found through their parents.
"""

import http.client
import importlib.util
import json
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import (ORDER, QUEUES, STORIES, TooLong, callback_path, definition_text,  # noqa: E402
                     descendants, left_behind, parents, read_input, sanitizer_lines, story,
                     time_limit)
from pawld import PROGRAM, AwsError, Functions, Pawld, Tap, skip_all, wait_for  # noqa: E402

ROUNDS = int(os.environ.get("PAWL_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("PAWL_KILL_SEED") or random.SystemRandom().randrange(10 ** 9))
LIMIT_S = 120 + 20 * ROUNDS
ROUND_S = 90            # after it, a round has failed
WHAT = ("process", "master", "all")
MOMENTS = ("time", "call", "time", "decision")
CALLED = ("validate-order", "reserve-stock", "check-credit", "charge")

tap = Tap()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def steady(call, limit_s=ROUND_S):
    """The answer of call(), asked again while the server is away."""
    until = time.monotonic() + limit_s
    while True:
        try:
            answer = call()
            if not isinstance(answer, tuple) or answer[0] < 500:
                return answer
            why = repr(answer)
        except AwsError as e:
            if e.status < 500:
                raise
            why = str(e)
        except (OSError, http.client.HTTPException) as e:
            why = repr(e)
        if time.monotonic() > until:
            raise RuntimeError("the server stays away: " + why)
        time.sleep(0.02)


# ---- the functions: those of the example, slower, and with a gate ----

def handler_of(name):
    path = os.path.join(ORDER, "functions", name, "handler.py")
    spec = importlib.util.spec_from_file_location("handler_" + name.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    module.print = lambda *args: None       # standard output is for TAP
    return module.handler


class Slow:
    """A function that takes pause_s; if it is the gate, its first call lasts until
    the kill has happened."""

    def __init__(self, handler):
        self.handler = handler
        self.pause_s = 0
        self.gate = None        # (reached, killed): two events

    def __call__(self, payload, headers):
        gate, self.gate = self.gate, None
        if gate is not None:
            gate[0].set()
            gate[1].wait(ROUND_S)
        time.sleep(self.pause_s)
        return self.handler(payload, None)


def reserve(event, context):
    return {"reservationId": "R-" + event["orderId"], "orderId": event["orderId"]}


# ---- one round ----

class Round:
    def __init__(self, server, functions, slow, number, rng):
        self.server, self.functions, self.slow = server, functions, slow
        self.number = number
        self.what = WHAT[number % len(WHAT)]
        self.moment = rng.choice(MOMENTS)
        self.call = rng.choice(CALLED)
        self.wait_s = rng.uniform(0, 0.9) if self.moment == "time" else rng.uniform(0, 0.03)
        self.victim = rng.random()
        self.again_s = rng.uniform(0, 1) if rng.random() < 0.4 else None
        for s in slow.values():
            s.pause_s = rng.uniform(0, 0.15)
        self.order = dict(read_input("approved"), orderId="A-%d" % number)
        self.name = "round-%d" % number
        self.go = threading.Event()
        self.killed = threading.Event()
        self.fault = None
        self.asked, self.announced = {}, {}     # messages by their id
        self.first_call = len(functions.calls)

    def __str__(self):
        at = {"time": "%.3f s after the start" % self.wait_s,
              "call": "in a call of " + self.call,
              "decision": "%.3f s after the decision was sent" % self.wait_s}[self.moment]
        if self.what != "process" and self.again_s is not None:
            at += ", and again %.3f s after it was started" % self.again_s
        return "round %d: kill %s %s" % (self.number, self.what, at)

    # The thread that kills, and starts again.

    def kill_in_time(self):
        try:
            if not self.go.wait(ROUND_S):
                raise RuntimeError("the moment to kill did not come")
            time.sleep(self.wait_s)
            if self.what == "process":
                self.kill_process()
            else:
                self.kill_server()
                self.killed.set()
                self.restart()
        except Exception as e:  # noqa: BLE001 - told by the main thread
            self.fault = e
        finally:
            self.killed.set()

    def kill_process(self):
        """One event-loop process; its master starts another."""
        master, tree = self.server.popen.pid, parents()
        processes = []
        for pid in sorted(p for p, parent in tree.items() if parent == master):
            with open("/proc/%d/comm" % pid) as f:
                if f.read().startswith("pawld/"):
                    processes.append(pid)
        if not processes:
            raise RuntimeError("pawld has no process")
        os.kill(processes[int(self.victim * len(processes))], signal.SIGKILL)

    def restart(self):
        if self.again_s is not None:
            again = threading.Timer(self.again_s, self.kill_server)
            again.start()
            try:
                self.server.start()
            except (OSError, RuntimeError, http.client.HTTPException):
                pass            # it was killed before it was ready
            again.join()
        if not self.running():
            self.server.start()

    def running(self):
        return self.server.popen is not None and self.server.popen.poll() is None

    def kill_server(self):
        if not self.running():
            return
        popen = self.server.popen
        pids = [popen.pid]
        if self.what == "all":
            pids += descendants(popen.pid)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        popen.wait()

    # The order.

    def run(self):
        if self.moment == "call":
            self.slow[self.call].gate = (self.go, self.killed)
        killer = threading.Thread(target=self.kill_in_time)
        killer.start()
        try:
            self.play()
        finally:
            self.go.set()
            killer.join()
        if self.fault is not None:
            raise RuntimeError("the server did not come back: %r" % (self.fault,))

    def play(self):
        if self.moment == "time":
            self.go.set()
        self.arn = steady(lambda: self.server.start_execution(
            self.server.order_arn, self.order, self.name))
        message = wait_for(self.look_for_question, ROUND_S)
        if not message:
            raise RuntimeError("nobody asks for the approval")
        if self.moment == "decision":
            self.go.set()
        self.approve(callback_path(json.loads(message["body"])["decideAt"]))
        if self.moment == "decision":
            self.killed.wait(ROUND_S)
        self.end = wait_for(lambda: steady(self.describe), ROUND_S)
        if not self.end:
            raise RuntimeError("the order does not end: %r" % (
                story(steady(lambda: self.server.history(self.arn))),))

    def describe(self):
        d = self.server.aws("DescribeExecution", {"executionArn": self.arn})
        return d if d["status"] != "RUNNING" else None

    def receive(self, queue, into):
        """Messages may come twice: the answer that brought or deleted one can be lost."""
        status, _, body = steady(lambda: self.server.rest(
            "POST", "/v1/queues/%s/receive" % queue, {"maxMessages": 10}))
        if status != 200:
            raise RuntimeError("receive: %d %r" % (status, body))
        for m in body["items"]:
            into[m["messageId"]] = m
            steady(lambda: self.server.rest("DELETE", "/v1/queues/%s/messages/%s" % (
                queue, m["receiptHandle"])))
        return body["items"]

    def look_for_question(self):
        self.receive("order-approvals", self.asked)
        return next((m for m in self.asked.values()
                     if json.loads(m["body"])["order"] == self.order["orderId"]), None)

    def approve(self, path):
        """A decision whose answer was lost may have been taken: then it is spent."""
        lost = []

        def post():
            try:
                answer = self.server.http("POST", path, b'{"decision": "approve"}',
                                          {"Content-Type": "application/json"})
            except (OSError, http.client.HTTPException):
                lost.append(True)
                raise
            if answer[0] >= 500:
                lost.append(True)
            return answer
        status, _, text = steady(post)
        if status != 200 and not (status == 409 and lost):
            raise RuntimeError("the decision was refused: %d %r" % (status, text))

    # The account.

    def faults(self):
        """Sentences that say what is wrong."""
        if self.end["status"] != "SUCCEEDED":
            yield "it ended as %r" % (self.end,)
        output = json.loads(self.end.get("output", "{}"))
        if output != self.expected():
            yield "its output is %r" % (output,)
        try:
            got = story(steady(lambda: self.server.history(self.arn)))
            if got != STORIES["approved"].rstrip("\n"):
                yield "its history is another: " + got
        except AssertionError as e:
            yield "its history is broken: %s" % e
        yield from self.call_faults()
        wait_for(lambda: not self.receive("order-notifications", self.announced), ROUND_S)
        mine = [m for m in self.announced.values()
                if json.loads(m["body"])["order"] == self.order["orderId"]]
        if len(mine) != 1:
            yield "it was announced %d times: %r" % (len(mine), mine)
        self.receive("order-approvals", self.asked)
        mine = [m for m in self.asked.values()
                if json.loads(m["body"])["order"] == self.order["orderId"]]
        if len(mine) != 1:
            yield "it was asked about %d times: %r" % (len(mine), mine)

    def expected(self):
        lines = [dict(line, totalCents=line["quantity"] * line["priceCents"])
                 for line in self.order["lines"]]
        total = sum(line["totalCents"] for line in lines)
        return dict(
            self.order, lines=lines, totalCents=total,
            prepared={"reservation": reserve(self.order, None),
                      "credit": {"approved": True, "limitCents": 10000000, "attempts": 1}},
            approval={"decision": "approved"},
            parcels=[{"sku": line["sku"], "label": "%s/%d: %d x %s" % (
                self.order["orderId"], n, line["quantity"], line["sku"])}
                for n, line in enumerate(lines, 1)],
            receipt={"chargeId": self.slow["charge"].handler(
                {"order": self.order}, None)["chargeId"], "chargedCents": total})

    def calls(self):
        """{name: [idempotency keys]} of this round's calls."""
        found = {name: [] for name in CALLED}
        for name, _, headers in self.functions.calls[self.first_call:]:
            found[name].append((headers.get("Idempotency-Key"),
                                headers.get("X-Pawl-Execution")))
        return found

    def call_faults(self):
        calls = self.calls()
        for name, made in calls.items():
            if len(set(made)) != 1:
                yield "%s was called with %r" % (name, made)
            elif made[0][1] != self.arn:
                yield "%s was called for %s" % (name, made[0][1])
        keys = [made[0][0] for made in calls.values() if made]
        if None in keys or len(set(keys)) != len(keys):
            yield "calls share a key: %r" % (keys,)
        if self.moment == "call" and self.what != "process" and len(calls[self.call]) < 2:
            yield "the call of %s that was under way was not repeated" % self.call

    def repeated(self):
        return sum(len(made) - 1 for made in self.calls().values())


# ---- all rounds ----

def prepare(server, functions):
    for name in CALLED:
        server.rest("PUT", "/v1/functions/" + name, {
            "url": "%s/%s" % (functions.url, name), "timeoutSeconds": 60})
    for queue in QUEUES:
        server.rest("PUT", "/v1/queues/" + queue, {"visibilityTimeoutSeconds": 2})
    definition = json.loads(definition_text())
    # Time enough for a machine that is slow, and a server that must come back.
    branch = definition["States"]["Prepare"]["Branches"][1]
    branch["States"]["CheckCredit"]["TimeoutSeconds"] = ROUND_S
    definition["States"]["Charge"]["TimeoutSeconds"] = ROUND_S
    server.order_arn = server.machine("order", definition)


def play_round(r):
    name, log_at = str(r), len(r.server.log())
    try:
        r.run()
        wrong = list(r.faults())
    except (OSError, RuntimeError, ValueError, KeyError, AwsError,
            http.client.HTTPException) as e:
        wrong = [repr(e)]
    if not tap.ok(not wrong, name, *wrong):
        print("# seed %d; the log of this round:\n# %s" % (
            SEED, r.server.log()[log_at:][-4000:].replace("\n", "\n# ")))
    return not wrong


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    print("# PAWL_KILL_SEED=%d PAWL_KILL_ROUNDS=%d" % (SEED, ROUNDS), flush=True)
    rng = random.Random(SEED)
    slow = {name: Slow(reserve if name == "reserve-stock" else handler_of(name))
            for name in CALLED}
    functions = Functions(slow)
    # Those who called may be dead when the answer comes.
    functions.server.handle_error = lambda request, address: None
    started, repeated = time.monotonic(), 0
    options = ["--listen", "127.0.0.1:%d" % free_port(), "--lease-ms", "2000"]
    try:
        with time_limit(LIMIT_S), Pawld(*options) as server:
            prepare(server, functions)
            for number in range(ROUNDS):
                r = Round(server, functions, slow, number, rng)
                good = play_round(r)
                repeated += r.repeated()
                if not good and not wait_for(
                        lambda: server.popen and server.popen.poll() is None, 5):
                    break
            tap.same(server.stop(), 0, "pawld ends well after all this")
            tap.same(sanitizer_lines(server.log()), [], "no sanitizer complains")
            tap.ok(wait_for(lambda: not left_behind(server.folder), 30),
                   "no process is left behind", *left_behind(server.folder))
    except TooLong as e:
        tap.ok(False, "in time", e)
    finally:
        functions.close()
    print("# %d calls were made again, with the key of the first; %.0f s" % (
        repeated, time.monotonic() - started))
    return tap.done()


sys.exit(main())
