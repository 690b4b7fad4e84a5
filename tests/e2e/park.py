#!/usr/bin/env python3
"""Executions that wait leave memory and come back in time; large ones stay quick.

With --park-ms 1000: Waits and callbacks are rows without memory, wake up when they
are due, take callbacks and stops, survive a restart, and thousands of them cost
nothing.  Then Maps of thousands of items, calls beyond what may be under way at
once, and a fan-out of large payloads that must not become one huge commit.
"""

import asyncio
import concurrent.futures
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import TooLong, left_behind, time_limit  # noqa: E402
from pawld import PROGRAM, AwsError, Functions, Pawld, Tap, skip_all, wait_for  # noqa: E402

PARK_MS = 1000
PARKED = 2000
PROCESSES = 2
LIMIT_S = 600
SLOW = 6 if "asan" in os.environ.get("builddir", "") else 1     # sanitizers take time

tap = Tap()
ok, same = tap.ok, tap.same


# ---- looking ----

def psql_program():
    found = shutil.which("psql") or next(iter(sorted(
        glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)), None)
    return found or skip_all("there is no psql")


def sql(server, text):
    """Rows of a query, as lists of text."""
    run = subprocess.run(
        [psql_program(), "-h", os.path.join(server.data, "postgres.socket"), "-U", "pawl",
         "-XAtF", "\t", "-c", text, "pawl"], capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return [line.split("\t") for line in run.stdout.splitlines()]


def count(server, where):
    return int(sql(server, "SELECT count(*) FROM pawl.execution WHERE " + where)[0][0])


def resident(server):
    """The most that any process says; asked often enough to hear all of them."""
    return max(server.rest("GET", "/v1/status")[2]["process"]["resident"]
               for _ in range(12 * PROCESSES))


def memory_kb(server):
    total = 0
    for pid in server.children():
        with open("/proc/%d/status" % pid) as f:
            text = f.read()
        if text.startswith("Name:\tpawld/"):
            total += next(int(line.split()[1]) for line in text.splitlines()
                          if line.startswith("VmRSS:"))
    return total


def late_ms(server, arn, seconds):
    """How late the Wait ended, by the history."""
    times = {e["type"]: e["timestamp"] for e in server.history(arn)}
    return 1000 * (times["WaitStateExited"] - times["WaitStateEntered"] - seconds)


# ---- machines ----

def wait_machine(seconds):
    return {"StartAt": "W", "States": {
        "W": {"Type": "Wait", "Seconds": seconds, "Next": "D"},
        "D": {"Type": "Pass", "End": True}}}


def ask_machine(**more):
    return {"StartAt": "Ask", "States": {"Ask": dict({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "http://127.0.0.1/1/asked", "MessageBody": {
            "token.$": "$$.Task.Token", "n.$": "$.n"}},
        "End": True}, **more)}}


def function_arn(name):
    return "arn:aws:lambda:us-east-1:111111111111:function:" + name


def map_machine(state, **more):
    return {"StartAt": "M", "States": {"M": dict({
        "Type": "Map", "ItemsPath": "$.items", "End": True,
        "ItemProcessor": {"StartAt": "I", "States": {"I": dict(state, End=True)}}}, **more)}}


def tokens(server, n):
    """{n: token} of the questions asked."""
    found = {}

    def look():
        for m in server.rest("POST", "/v1/queues/asked/receive",
                             {"maxMessages": 10, "waitSeconds": 1})[2]["items"]:
            body = json.loads(m["body"])
            found[body["n"]] = body["token"]
            server.rest("DELETE", "/v1/queues/asked/messages/" + m["receiptHandle"])
        return len(found) >= n
    wait_for(look, 30)
    return found


# ---- parking ----

def test_wait(s):
    arn = s.machine("wait3", wait_machine(3))
    before = s.machine("wait0", wait_machine(0))
    runs = [s.start_execution(arn, {"n": n}) for n in range(20)]
    short = s.start_execution(before, {})
    ok(s.ended(short), "a short Wait stays in memory")
    same(wait_for(lambda: count(s, "wake_ms > 0") == 20, 2), True,
         "twenty Waits of 3 s are parked")
    same(wait_for(lambda: resident(s) == 0, 1), True, "and none of them is in memory")
    ends = [s.ended(run, 20 * SLOW) for run in runs]
    same([d and (d["status"], json.loads(d["output"])) for d in ends],
         [("SUCCEEDED", {"n": n}) for n in range(20)], "they wake up and end")
    late = sorted(late_ms(s, run, 3) for run in runs)
    ok(late[0] >= 0 and late[10] <= 100 * SLOW and late[-1] <= 1000 * SLOW,
       "in time: by the median %.0f ms late, at most %.0f ms" % (late[10], late[-1]), late)
    same(count(s, "wake_ms IS NOT NULL"), 0, "no row is left to look for")


def test_callback(s):
    arn = s.machine("ask", ask_machine())
    runs = [s.start_execution(arn, {"n": n}) for n in range(6)]
    found = tokens(s, 6)
    same(sorted(found), list(range(6)), "six questions are asked")
    ok(wait_for(lambda: count(s, "wake_ms > 0") == 6 and resident(s) == 0, 5),
       "those who wait for an answer are parked, not in memory")
    s.aws("SendTaskHeartbeat", {"taskToken": found[0]})
    for n in range(3):
        s.aws("SendTaskSuccess", {"taskToken": found[n], "output": json.dumps({"got": n})})
    same([json.loads((s.ended(runs[n]) or {}).get("output", "null")) for n in range(3)],
         [{"got": 0}, {"got": 1}, {"got": 2}], "callbacks to parked executions end them")
    for n in range(2):
        try:
            s.aws("SendTaskSuccess", {"taskToken": found[n], "output": "1"})
            ok(False, "a spent token is refused")
        except AwsError as e:
            same(e.code, "TaskTimedOut", "a spent token is refused")
    s.aws("StopExecution", {"executionArn": runs[3]})
    same(s.ended(runs[3])["status"], "ABORTED", "a parked execution can be stopped")
    s.aws("SendTaskFailure", {"taskToken": found[4], "error": "No", "cause": "not today"})
    d = s.ended(runs[4])
    same((d["status"], d["error"], d["cause"]), ("FAILED", "No", "not today"),
         "a callback can fail a parked execution")
    return runs[5], found[5]


def test_heartbeat(s):
    s.machine("beat", ask_machine(HeartbeatSeconds=2))
    arn = "arn:aws:states:us-east-1:111111111111:stateMachine:beat"
    run = s.start_execution(arn, {"n": 100})
    quiet = s.start_execution(arn, {"n": 101})
    found = tokens(s, 2)
    for _ in range(4):
        time.sleep(0.8)
        s.aws("SendTaskHeartbeat", {"taskToken": found[100]})
    d = s.ended(quiet, 10)
    same((d and d["status"], d and d.get("error")), ("FAILED", "States.Timeout"),
         "a task without heartbeats fails")
    s.aws("SendTaskSuccess", {"taskToken": found[100], "output": "7"})
    same((s.ended(run) or {}).get("output"), "7", "one with heartbeats goes on")


def test_restart(s, asked):
    run, token = asked
    arn = s.machine("wait5", wait_machine(5))
    runs = [s.start_execution(arn, {"n": n}) for n in range(10)]
    ok(wait_for(lambda: count(s, "wake_ms > 0") == 11, 3), "ten Waits and a question are parked")
    same(s.stop(), 0, "pawld stops")
    s.start()
    same(resident(s), 0, "after a restart nothing of them is in memory")
    ends = [s.ended(r, 20 * SLOW) for r in runs]
    same([d and d["status"] for d in ends], ["SUCCEEDED"] * 10, "all wake up after the restart")
    late = max(late_ms(s, r, 5) for r in runs)
    ok(late <= 1500 * SLOW, "in time: at most %.0f ms late" % late)
    s.aws("SendTaskSuccess", {"taskToken": token, "output": "\"still here\""})
    same((s.ended(run) or {}).get("output"), "\"still here\"", "the question can be answered")
    # The same once more, killed: all of it, with its PostgreSQL.
    runs = [s.start_execution(arn, {"n": n}) for n in range(10)]
    ok(wait_for(lambda: count(s, "wake_ms > 0") == 10, 3), "ten Waits are parked")
    for pid in [s.popen.pid] + s.children():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    s.popen.wait()
    s.start()
    same([(s.ended(r, 30 * SLOW) or {}).get("status") for r in runs], ["SUCCEEDED"] * 10,
         "all wake up after a kill")


def test_many(s):
    arn = s.machine("wait3600", wait_machine(3600))
    began = time.monotonic()
    s.start_execution(arn, {})
    base_kb = memory_kb(s)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda n: s.start_execution(arn, {"n": n}), range(PARKED)))
    took = time.monotonic() - began
    ok(wait_for(lambda: count(s, "wake_ms > 0") == PARKED + 1, 10),
       "%d parked executions, started in %.1f s" % (PARKED, took))
    same(wait_for(lambda: resident(s) == 0, 5), True, "cost no entry in memory")
    grown = memory_kb(s) - base_kb
    ok(grown < 16000 * SLOW * SLOW, "and little else: %d KB" % grown, grown)
    s.aws("StopExecution", {"executionArn": runs[7]})
    same(count(s, "wake_ms > 0"), PARKED, "one of them is stopped")
    sql(s, "DELETE FROM pawl.execution WHERE wake_ms > 0")


# ---- large ones ----

def run_large(s, name, machine, value, limit_s):
    arn = s.machine(name, machine)
    began = time.monotonic()
    run = s.start_execution(arn, value)
    d = s.ended(run, limit_s * SLOW)
    return run, d or {"status": "still RUNNING"}, time.monotonic() - began


def dense(events):
    return [e["id"] for e in events] == list(range(1, len(events) + 1))


def test_map_calls(s):
    lock, now, most = threading.Lock(), [0], [0]

    def work(payload, headers):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.002)
        with lock:
            now[0] -= 1
        return payload * 2
    functions = Functions({"double": work})
    functions.server.request_queue_size = 256
    try:
        s.rest("PUT", "/v1/functions/double", {"url": functions.url + "/double"})
        run, d, took = run_large(s, "calls", map_machine(
            {"Type": "Task", "Resource": function_arn("double")}, MaxConcurrency=50),
            {"items": list(range(2000))}, 60)
        ok(d["status"] == "SUCCEEDED" and
           json.loads(d["output"]) == [2 * n for n in range(2000)],
           "a Map of 2000 calls ends: %.1f s" % took, d)
        ok(took < 60 * SLOW, "in seconds")
        ok(2 <= most[0] <= 50, "at most 50 calls at the same time: %d" % most[0])
        keys = {h["Idempotency-Key"] for _, _, h in functions.calls}
        same((len(functions.calls), len(keys)), (2000, 2000), "each is made once")
        ok(dense(s.history(run)), "its history is dense")
    finally:
        functions.close()


class Holder:
    """A server that holds each call for a while, however many there are."""

    def __init__(self, hold_s, answer=None):
        self.hold_s, self.open, self.most, self.calls = hold_s, 0, 0, 0
        self.answer = answer            # None: what it was asked
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(
            self.serve, "127.0.0.1", 0, backlog=2048))
        self.url = "http://127.0.0.1:%d/hold" % server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                              if line.lower().startswith(b"content-length:"))
                body = await reader.readexactly(length)
                self.calls += 1
                self.open += 1
                self.most = max(self.most, self.open)
                await asyncio.sleep(self.hold_s)
                self.open -= 1
                body = self.answer(body) if self.answer else body
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (
                    len(body), body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def close(self):
        def stop():
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.call_soon(self.loop.stop)
        self.loop.call_soon_threadsafe(stop)
        self.thread.join(10)
        self.loop.close()


def test_crowd(s):
    """More calls than may be under way: they wait, and their time-out with them."""
    holder, other = Holder(1.0 * SLOW), Functions({"quick": lambda payload, headers: "quick"})
    try:
        s.rest("PUT", "/v1/functions/hold", {"url": holder.url, "timeoutSeconds": 2 * SLOW})
        s.rest("PUT", "/v1/functions/quick", {"url": other.url + "/quick"})
        quick = s.machine("quick", {"StartAt": "Q", "States": {"Q": {
            "Type": "Task", "Resource": function_arn("quick"), "End": True}}})
        arn = s.machine("hold", map_machine(
            {"Type": "Task", "Resource": function_arn("hold")}))
        began = time.monotonic()
        run = s.start_execution(arn, {"items": list(range(1800))})
        wait_for(lambda: holder.most >= 512, 20 * SLOW)
        others = [s.start_execution(quick, {}) for _ in range(8)]
        ends = [s.ended(o, 10 * SLOW) for o in others]
        held = holder.open
        ok(all(d and d["status"] == "SUCCEEDED" for d in ends) and held > 0,
           "calls to another host are not held up", ends, held)
        d = s.ended(run, 60 * SLOW) or {"status": "still RUNNING"}
        ok(d["status"] == "SUCCEEDED" and json.loads(d["output"]) == list(range(1800)),
           "1800 calls at once end, %d at a time: %.1f s" % (
               holder.most, time.monotonic() - began), str(d)[:600])
        ok(holder.most <= 512, "at most 512 of them at a time")
        same(holder.calls, 1800, "none is repeated")
    finally:
        holder.close()
        other.close()


def test_map_pass(s):
    run, d, took = run_large(s, "pass5000", map_machine({"Type": "Pass"}),
                             {"items": list(range(5000))}, 60)
    ok(d["status"] == "SUCCEEDED" and json.loads(d["output"]) == list(range(5000)),
       "a Map of 5000 Pass states ends: %.1f s" % took, str(d)[:600])
    ok(dense(s.history(run)), "its history is dense")
    run, d, took = run_large(s, "pass10000", map_machine({"Type": "Pass"}),
                             {"items": list(range(10000))}, 60)
    ok(d["status"] == "FAILED" and "25000" in d.get("cause", ""),
       "one of 10000 fills the history and says so: %.1f s" % took, str(d)[:600])
    events = s.history(run)
    ok(dense(events) and len(events) <= 25000, "which stays within its limit: %d" % len(events))
    run, d, took = run_large(s, "wait2000", map_machine({"Type": "Wait", "Seconds": 2}),
                             {"items": list(range(2000))}, 60)
    ok(d["status"] == "SUCCEEDED", "a Map of 2000 Waits ends: %.1f s" % took, str(d)[:600])


def test_messages(s):
    """Messages that commit with the history, more than fit into one commit."""
    s.rest("PUT", "/v1/queues/many", {})
    run, d, took = run_large(s, "messages", map_machine({
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "http://127.0.0.1/1/many", "MessageBody": {"n.$": "$"}},
        "ResultSelector": {"id.$": "$.MessageId"}}), {"items": list(range(1500))}, 60)
    ok(d["status"] == "SUCCEEDED", "a Map of 1500 messages ends: %.1f s" % took, str(d)[:600])
    ids = {row[0] for row in sql(s, "SELECT m.id FROM pawl.message m JOIN pawl.queue q "
                                 "ON q.id = m.queue_id WHERE q.name = 'many'")}
    same({v["id"] for v in json.loads(d["output"])} == ids, True,
         "the queue holds what the history says")
    same(len(ids), 1500, "each message once")


def test_answers(s):
    """200 answers of 200 KB at the same moment: they wait for each other's commits."""
    holder = Holder(1.0 * SLOW, lambda body: b'{"blob": "%s"}' % (body.zfill(4) * 50000))
    try:
        s.rest("PUT", "/v1/functions/blob", {"url": holder.url})
        run, d, took = run_large(s, "answers", map_machine(
            {"Type": "Task", "Resource": function_arn("blob"),
             "ResultSelector": {"ok": 1}}), {"items": list(range(200))}, 120)
    finally:
        holder.close()
    ok(d["status"] == "SUCCEEDED" and json.loads(d["output"]) == [{"ok": 1}] * 200,
       "a flood of large answers is taken: %.1f s" % took, str(d)[:600])
    same(holder.calls, 200, "none of them is asked for twice")
    chunks_below(s, "answers", 16 << 20)


def chunks_below(s, machine, limit):
    chunks = sql(s, "SELECT max(length(events)), count(*), sum(length(events)) FROM pawl.history h"
                 " JOIN pawl.execution x ON x.id = h.execution_id JOIN pawl.machine m"
                 " ON m.id = x.machine_id WHERE m.name = '%s'" % machine)[0]
    ok(int(chunks[0]) < limit < int(chunks[2]),
       "in %s chunks of at most %.1f MB" % (chunks[1], int(chunks[0]) / 1e6), chunks)


def test_bytes(s):
    """400 items of 200 KB each: history of 80 MB, but never in one commit."""
    run, d, took = run_large(s, "bytes", map_machine(
        {"Type": "Pass", "Result": 1},
        ItemSelector={"n.$": "$$.Map.Item.Index", "blob.$": "$.blob"}),
        {"items": list(range(400)), "blob": "x" * 200000}, 120)
    ok(d["status"] == "SUCCEEDED", "a fan-out of large payloads ends: %.1f s" % took, str(d)[:600])
    chunks_below(s, "bytes", 16 << 20)


def main():
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    psql_program()
    try:
        with time_limit(LIMIT_S * SLOW), Pawld(
                "--park-ms", str(PARK_MS), "--lease-ms", "2000", processes=PROCESSES) as s:
            s.rest("PUT", "/v1/queues/asked", {"visibilityTimeoutSeconds": 60})
            test_wait(s)
            asked = test_callback(s)
            test_heartbeat(s)
            test_restart(s, asked)
            test_many(s)
            test_map_calls(s)
            test_crowd(s)
            test_map_pass(s)
            test_messages(s)
            test_bytes(s)
            test_answers(s)
            same(s.stop(), 0, "pawld ends well after all this")
            bad = [line for line in s.log().splitlines()
                   if "Sanitizer" in line or "runtime error" in line or (
                       " error " in line and "the master has died" not in line)]
            same(bad, [], "no sanitizer complains, no error is logged")
            ok(wait_for(lambda: not left_behind(s.folder), 30), "no process is left behind")
    except TooLong as e:
        ok(False, "in time", e)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
