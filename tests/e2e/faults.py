#!/usr/bin/env python3
"""Faults under load, and then the accounts: nothing lost, doubled, stuck or invented.

Each round starts a few dozen executions (calls, waits, callbacks, messages, Maps,
retries) from many connections, and breaks something at a random moment:

	process		kill -9 of one process of pawld
	all		kill -9 of pawld and its PostgreSQL, then a start
	stop		SIGTERM of pawld, which ends well and soon, then a start
	postgres	kill -9, or SIGQUIT, of PostgreSQL
	both		PostgreSQL and a process of pawld at once
	zombie		SIGSTOP of a process past its leases, then SIGCONT
	outage		no PostgreSQL for longer than leases and patience last
	hang		a PostgreSQL that does not answer for that long

Every start that was answered must end with the right output; functions tell by
their idempotency keys, queues by their messages, histories by their ids.  Starts
while PostgreSQL is away must be refused clearly and soon.

	PAWL_FAULT_ROUNDS	how many rounds (8)
	PAWL_FAULT_SEED		the seed that a failed run has printed
	PAWL_FAULT_LOAD		executions of a round (60)

Only processes that this test started are harmed, found through their parents.
"""

import concurrent.futures
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import TooLong, descendants, left_behind, time_limit  # noqa: E402
from park import function_arn, sql  # noqa: E402
from pawld import PROGRAM, AwsError, Functions, Pawld, Tap, skip_all, wait_for  # noqa: E402

SLOW = 4 if "asan" in os.environ.get("builddir", "") else 1
ROUNDS = int(os.environ.get("PAWL_FAULT_ROUNDS", "8"))
SEED = int(os.environ.get("PAWL_FAULT_SEED") or random.SystemRandom().randrange(10 ** 9))
LOAD = int(os.environ.get("PAWL_FAULT_LOAD", "60"))
LEASE_S = 2
PARK_MS = 1500
END_S = 60 * SLOW       # after it, an execution counts as stuck
SOON_S = 1.5 * SLOW     # for the refusal of a start
LIMIT_S = 120 + ROUNDS * (60 + END_S)
FAULTS = ("outage", "process", "postgres", "zombie", "all", "both", "hang", "stop")

tap = Tap()


def steady(call, limit_s=END_S):
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
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as e:
            why = repr(e)
        if time.monotonic() > until:
            raise RuntimeError("the server stays away: " + why)
        time.sleep(0.05)


# ---- what is executed ----

def task(name, **more):
    return dict({"Type": "Task", "Resource": function_arn(name)}, **more)


def numbered(step, **more):
    """A call of work for this step of the run."""
    return task("work", Parameters={"run.$": "$.run", "step": step},
                ResultPath="$.%s" % step, **more)


def send(queue, token):
    body = {"run.$": "$.run"}
    if token:
        body["token.$"] = "$$.Task.Token"
    return {"Type": "Task", "Parameters": {"QueueUrl": "http://127.0.0.1/1/" + queue,
                                           "MessageBody": body},
            "Resource": "arn:aws:states:::sqs:sendMessage" + (
                ".waitForTaskToken" if token else "")}


MACHINES = {
    "chain": {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Result": 1, "ResultPath": "$.a", "Next": "B"},
        "B": numbered("b", Next="C"),
        "C": {"Type": "Pass", "Next": "D"},
        "D": numbered("d", Next="E"),
        "E": numbered("e", Next="F"),
        "F": dict(send("notes", False), ResultPath=None, End=True)}},
    "wait": {"StartAt": "A", "States": {
        "A": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "B"},
        "B": numbered("b", Next="C"),
        "C": {"Type": "Wait", "Seconds": 1, "End": True}}},
    "ask": {"StartAt": "A", "States": {
        "A": dict(send("asked", True), ResultPath="$.answer", Next="B"),
        "B": numbered("b", End=True)}},
    "fan": {"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "M", "States": {"M": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "End": True,
            "ItemSelector": {"run.$": "$.run", "step.$": "$$.Map.Item.Value"},
            "ItemProcessor": {"StartAt": "W", "States": {"W": task("work", End=True)}}}}},
        {"StartAt": "N", "States": {
            "N": dict(send("notes", False), ResultPath=None, Next="S"),
            "S": {"Type": "Wait", "Seconds": 2, "End": True}}}]}}},
    "flaky": {"StartAt": "A", "States": {"A": task(
        "flaky", Parameters={"run.$": "$.run"}, ResultPath="$.a", End=True,
        Retry=[{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "BackoffRate": 1.0,
                "MaxAttempts": 3}])}},
}
NOTED = ("chain", "fan")
ITEMS = ["i0", "i1", "i2", "i3", "i4", "i5"]


class Work:
    """Functions that keep to their idempotency keys: what was answered once is
    answered again."""

    def __init__(self, rng):
        self.lock = threading.Lock()
        self.rng = random.Random(rng.random())
        self.results = {}       # key: result
        self.keys = {}          # (run, step): [keys]
        self.repeated = 0

    def work(self, payload, headers):
        key = headers["Idempotency-Key"]
        with self.lock:
            pause_s = self.rng.uniform(0, 0.15)
            known = key in self.results
            self.repeated += known
            if not known:
                self.results[key] = "%016x" % self.rng.getrandbits(64)
                self.keys.setdefault((payload["run"], payload["step"]), []).append(key)
        time.sleep(pause_s)
        return self.results[key]

    def flaky(self, payload, headers):
        result = self.work(dict(payload, step="flaky"), headers)
        with self.lock:
            turn = self.keys[payload["run"], "flaky"].index(headers["Idempotency-Key"])
        if turn == 0:
            return 200, {"X-Amz-Function-Error": "Handled"}, {
                "errorType": "Flaky", "errorMessage": "the first attempt"}
        return result

    def result(self, run, step, attempts=1):
        keys = self.keys.get((run, step), [])
        if len(keys) != attempts:
            raise ValueError("%s of %s was called with the keys %r" % (step, run, keys))
        return self.results[keys[-1]]

    def expected(self, kind, run, value):
        if kind == "chain":
            return dict(value, a=1, **{k: self.result(run, k) for k in "bde"})
        if kind == "wait":
            return dict(value, b=self.result(run, "b"))
        if kind == "ask":
            return dict(value, answer={"to": run}, b=self.result(run, "b"))
        if kind == "fan":
            return [[self.result(run, i) for i in ITEMS], value]
        return dict(value, a=self.result(run, "flaky", 2))


class Answerer(threading.Thread):
    """Answers the questions in the queue, whatever happens to the server."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.over = server, threading.Event()
        self.asked = {}         # run: {message ids}
        self.fault = None

    def run(self):
        try:
            while not self.over.is_set():
                self.look()
        except Exception as e:  # noqa: BLE001 - told by the main thread
            self.fault = e

    def look(self):
        status, _, body = steady(lambda: self.server.rest(
            "POST", "/v1/queues/asked/receive", {"maxMessages": 10}))
        if status != 200:
            raise RuntimeError("receive: %d %r" % (status, body))
        for m in body["items"]:
            question = json.loads(m["body"])
            self.asked.setdefault(question["run"], set()).add(m["messageId"])
            self.answer(question)
            steady(lambda m=m: self.server.rest(
                "DELETE", "/v1/queues/asked/messages/" + m["receiptHandle"]))
        if not body["items"]:
            time.sleep(0.1)

    def answer(self, question):
        try:
            steady(lambda: self.server.aws("SendTaskSuccess", {
                "taskToken": question["token"],
                "output": json.dumps({"to": question["run"]})}))
        except AwsError as e:
            if e.code != "TaskTimedOut":        # spent: the answer had been lost
                raise


# ---- one round ----

class Round:
    def __init__(self, server, work, answerer, number, rng):
        self.server, self.work, self.answerer = server, work, answerer
        self.number = number
        self.what = FAULTS[number % len(FAULTS)]
        self.rng = random.Random(rng.random())
        self.wait_s = self.rng.uniform(0.1, 1.5)
        self.accepted = {}      # arn: (kind, run, input)
        self.refused = []       # (status, seconds, Retry-After) of starts
        self.lock = threading.Lock()
        self.wrong = []

    def __str__(self):
        return "round %d: %s after %.2f s, %d executions" % (
            self.number, self.what, self.wait_s, len(self.accepted))

    # The load.

    def start_one(self, n):
        kind = list(MACHINES)[n % len(MACHINES)]
        run = "r%d-%s-%d" % (self.number, kind, n)
        value = {"run": run}
        if kind == "wait":
            value["seconds"] = (0, 1, 2, 3, 4)[n // len(MACHINES) % 5]
        if kind == "fan":
            value["items"] = ITEMS
        params = {"stateMachineArn": self.server.arns[kind], "input": json.dumps(value)}
        if n % 2:
            params["name"] = run

        def start():
            return self.server.aws("StartExecution", params)["executionArn"]
        try:
            # Without a name a start whose answer was lost may not be repeated.
            arn = steady(start) if n % 2 else start()
        except AwsError as e:
            if e.status < 500:
                self.wrong.append("start of %s: %s" % (run, e))
            return
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return
        with self.lock:
            self.accepted[arn] = (kind, run, value)

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            paced = [pool.submit(self.start_paced, n) for n in range(LOAD)]
            try:
                time.sleep(self.wait_s)
                getattr(self, "break_" + self.what)()
            finally:
                for f in paced:
                    f.result()
        self.account()

    def start_paced(self, n):
        time.sleep(0.15)        # so that the load lasts through the fault
        self.start_one(n)

    # The faults.

    def processes(self):
        found = []
        for pid in self.server.children():
            try:
                with open("/proc/%d/comm" % pid) as f:
                    if f.read().startswith("pawld/"):
                        found.append(pid)
            except OSError:
                pass
        if not found:
            raise RuntimeError("pawld has no process")
        return sorted(found)

    def postmaster(self):
        with open(os.path.join(self.server.data, "postgres", "postmaster.pid")) as f:
            pid = int(f.readline())
        if pid not in descendants(self.server.popen.pid):
            raise RuntimeError("the PostgreSQL with pid %d is not ours" % pid)
        return pid

    def break_process(self):
        for _ in range(3):
            os.kill(self.rng.choice(self.processes()), signal.SIGKILL)
            time.sleep(self.rng.uniform(0.2, 1))

    def break_postgres(self):
        os.kill(self.postmaster(), signal.SIGKILL)
        time.sleep(self.rng.uniform(0.5, 1.5))
        os.kill(wait_for_pid(self.postmaster), signal.SIGQUIT)

    def break_both(self):
        os.kill(self.postmaster(), self.rng.choice((signal.SIGKILL, signal.SIGQUIT)))
        os.kill(self.rng.choice(self.processes()), signal.SIGKILL)

    def break_all(self):
        popen = self.server.popen
        for pid in [popen.pid] + descendants(popen.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        popen.wait()
        self.server.start()

    def break_stop(self):
        began = time.monotonic()
        status = self.server.stop()
        took = time.monotonic() - began
        if status != 0 or took > 5 * SLOW:
            self.wrong.append("the stop took %.1f s, status %r" % (took, status))
        self.server.start()

    def break_zombie(self):
        pid = self.rng.choice(self.processes())
        os.kill(pid, signal.SIGSTOP)
        time.sleep(LEASE_S * 1.7)
        os.kill(pid, signal.SIGCONT)

    def break_hang(self):
        pid = self.postmaster()
        stopped = [pid] + descendants(pid)
        for p in stopped:
            signal_if_there(p, signal.SIGSTOP)
        time.sleep(LEASE_S * 1.7)
        for p in stopped:
            signal_if_there(p, signal.SIGCONT)

    def break_outage(self):
        """The master sleeps, so that nobody starts PostgreSQL again."""
        master = self.server.popen.pid
        os.kill(master, signal.SIGSTOP)
        try:
            os.kill(self.postmaster(), signal.SIGQUIT)
            time.sleep(0.3)
            until = time.monotonic() + 7
            while time.monotonic() < until:
                self.probe()
                time.sleep(0.3)
        finally:
            os.kill(master, signal.SIGCONT)
        slow = [r for r in self.refused if r[1] > SOON_S]
        odd = [r for r in self.refused if r[0] != 503 or r[2] != "1"]
        if slow or odd or len(self.refused) < 4:
            self.wrong.append("starts without PostgreSQL: slow %r, odd %r of %d" % (
                slow, odd, len(self.refused)))

    def probe(self):
        """A start that must be refused."""
        began = time.monotonic()
        status, headers, body = self.server.rest(
            "POST", "/v1/machines/chain/executions", {"input": {"run": "probe"}})
        self.refused.append((status, time.monotonic() - began, headers.get("Retry-After")))
        if status < 500:
            self.wrong.append("a start without PostgreSQL was answered %r" % (body,))

    # The account.

    def account(self):
        for arn in self.accepted:
            try:
                self.wrong += self.faults_of(arn, *self.accepted[arn])
            except (RuntimeError, ValueError, KeyError, AwsError) as e:
                self.wrong.append("%s: %s" % (arn.rsplit(":", 1)[1], e))
            if len(self.wrong) > 10:
                break
        if self.answerer.fault is not None:
            self.wrong.append("answering: %r" % (self.answerer.fault,))

    def faults_of(self, arn, kind, run, value):
        def describe():
            d = self.server.aws("DescribeExecution", {"executionArn": arn})
            return d if d["status"] != "RUNNING" else None
        d = wait_for(lambda: steady(describe), END_S, 0.05)
        if not d:
            events = steady(lambda: self.server.history(arn))
            return ["%s is stuck after %r" % (run, [e["type"] for e in events][-4:])]
        if d["status"] != "SUCCEEDED":
            return ["%s ended as %r" % (run, d)]
        got, want = json.loads(d["output"]), self.work.expected(kind, run, value)
        if got != want:
            return ["%s has the output %r instead of %r" % (run, got, want)]
        return history_faults(run, steady(lambda: self.server.history(arn)))


def signal_if_there(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def wait_for_pid(find):
    def look():
        try:
            return find()
        except (OSError, ValueError, RuntimeError):
            return None
    return wait_for(look, 30 * SLOW) or find()


def history_faults(run, events, aborted=False):
    ids = [e["id"] for e in events]
    if ids != list(range(1, len(ids) + 1)):
        return ["%s has the event ids %r" % (run, ids)]
    if any(not 0 <= e["previousEventId"] < e["id"] for e in events):
        return ["%s has odd previous ids" % run]
    stamps = [e["timestamp"] for e in events]
    if stamps != sorted(stamps):
        return ["%s goes back in time" % run]
    end = "ExecutionAborted" if aborted else "ExecutionSucceeded"
    if events[-1]["type"] != end or [e["type"] for e in events].count(end) != 1:
        return ["%s does not end once" % run]
    return []


# ---- what PostgreSQL refuses ----

def test_refused(server):
    """A chunk that is refused holds up no other; one whose values can never be
    written ends its execution."""
    arn = server.machine("refused", {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": 1, "Next": "P"},
        "P": {"Type": "Pass", "Parameters": {"x.$": "States.Format('{}-{}', $.a, $.b)"},
              "End": True}}})
    # 23514, as for a page that cannot be read: perhaps better later.
    sql(server, "ALTER TABLE pawl.history ADD CONSTRAINT t CHECK (events NOT LIKE '%bad-luck%')")
    # 22000: the value is at fault.
    sql(server, "CREATE FUNCTION pawl.t() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF NEW.events LIKE '%bad-value%' THEN RAISE EXCEPTION 'no such values' USING"
        " ERRCODE = '22000'; END IF; RETURN NEW; END$$")
    sql(server, "CREATE TRIGGER t BEFORE INSERT ON pawl.history FOR EACH ROW"
        " EXECUTE FUNCTION pawl.t()")
    bad = server.start_execution(arn, {"a": "bad", "b": "luck"})
    never = server.start_execution(arn, {"a": "bad", "b": "value"})
    good = [server.start_execution(arn, {"a": "good", "b": n}) for n in range(30)]
    tap.same([(server.ended(g, END_S) or {}).get("output") for g in good],
             ['{"x":"good-%d"}' % n for n in range(30)], "a refused chunk holds up no other")
    d = server.ended(never, END_S) or {}
    tap.same((d.get("status"), d.get("error"), "no such values" in d.get("cause", "")),
             ("ABORTED", "States.Runtime", True),
             "an execution whose values cannot be written ends, and says why")
    tap.same(server.aws("DescribeExecution", {"executionArn": bad})["status"], "RUNNING",
             "one that is refused for another reason goes on waiting")
    sql(server, "DROP TRIGGER t ON pawl.history")
    sql(server, "ALTER TABLE pawl.history DROP CONSTRAINT t")
    tap.same((server.ended(bad, END_S) or {}).get("output"), '{"x":"bad-luck"}',
             "and comes back by itself")
    for run in [bad, never] + good:
        for fault in history_faults(run, server.history(run), run == never):
            tap.ok(False, "the history is right", fault)


# ---- all rounds ----

def received(server, queue):
    """{run: {message ids}} of all that is in a queue."""
    found = {}
    while True:
        items = steady(lambda: server.rest(
            "POST", "/v1/queues/%s/receive" % queue, {"maxMessages": 10}))[2]["items"]
        for m in items:
            found.setdefault(json.loads(m["body"])["run"], set()).add(m["messageId"])
            steady(lambda m=m: server.rest("DELETE", "/v1/queues/%s/messages/%s" % (
                queue, m["receiptHandle"])))
        if not items:
            return found


def final_account(server, rounds, answerer):
    open_rows = "SELECT name FROM pawl.execution WHERE wake_ms IS NOT NULL"
    wait_for(lambda: not sql(server, open_rows), END_S, 0.5)
    tap.same(sql(server, open_rows), [], "nothing runs any more, also of what nobody knows of")
    torn = sql(server, "SELECT execution_id FROM pawl.history GROUP BY shard, execution_id"
               " HAVING min(first_id) <> 1 OR sum(last_id - first_id + 1) <> max(last_id)")
    tap.same(torn, [], "the chunks of every history meet")
    notes = received(server, "notes")
    mine = {run for r in rounds for kind, run, _ in r.accepted.values() if kind in NOTED}
    tap.same(sorted(mine - set(notes)), [], "every message was sent")
    tap.same({run: ids for run, ids in notes.items() if run in mine and len(ids) != 1}, {},
             "and once")
    asked = {run for r in rounds for kind, run, _ in r.accepted.values() if kind == "ask"}
    tap.same({run: answerer.asked.get(run) for run in asked
              if len(answerer.asked.get(run, ())) != 1}, {}, "every question was asked once")


def play(server, work, rng):
    for name in ("work", "flaky"):
        server.rest("PUT", "/v1/functions/" + name, {
            "url": "%s/%s" % (server.functions.url, name), "timeoutSeconds": 60})
    for queue in ("asked", "notes"):
        server.rest("PUT", "/v1/queues/" + queue, {"visibilityTimeoutSeconds": 5})
    test_refused(server)
    server.arns = {name: server.machine(name, d) for name, d in MACHINES.items()}
    answerer = Answerer(server)
    answerer.start()
    rounds = []
    for number in range(ROUNDS):
        r, log_at = Round(server, work, answerer, number, rng), len(server.log())
        rounds.append(r)
        try:
            r.run()
        except (OSError, RuntimeError, ValueError, http.client.HTTPException) as e:
            r.wrong.append(repr(e))
        if not tap.ok(not r.wrong, str(r), *r.wrong):
            print("# seed %d; the log of this round:\n# %s" % (
                SEED, server.log()[log_at:][-4000:].replace("\n", "\n# ")))
            if server.popen is None or server.popen.poll() is not None:
                break
    answerer.over.set()
    answerer.join(END_S)
    final_account(server, rounds, answerer)
    return sum(len(r.accepted) for r in rounds)


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    print("# PAWL_FAULT_SEED=%d PAWL_FAULT_ROUNDS=%d" % (SEED, ROUNDS), flush=True)
    rng = random.Random(SEED)
    work = Work(rng)
    functions = Functions({"work": work.work, "flaky": work.flaky})
    # Those who called may be dead when the answer comes.
    functions.server.handle_error = lambda request, address: None
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    began, accepted = time.monotonic(), 0
    try:
        with time_limit(LIMIT_S), Pawld(
                "--listen", "127.0.0.1:%d" % port, "--lease-ms", str(1000 * LEASE_S),
                "--park-ms", str(PARK_MS), processes=3) as server:
            server.functions = functions
            accepted = play(server, work, rng)
            tap.same(server.stop(), 0, "pawld ends well after all this")
            bad = [line for line in server.log().splitlines()
                   if "Sanitizer" in line or "runtime error" in line]
            tap.same(bad, [], "no sanitizer complains")
            tap.ok(wait_for(lambda: not left_behind(server.folder), 30),
                   "no process is left behind", *left_behind(server.folder))
    except TooLong as e:
        tap.ok(False, "in time", e)
    except RuntimeError as e:
        tap.ok(False, "the server is there for the accounts", e)
    finally:
        functions.close()
    print("# %d executions; %d calls were made again, with the key of the first; %.0f s" % (
        accepted, work.repeated, time.monotonic() - began))
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
