#!/usr/bin/env python3
"""cli_live.py - pawl against a real pawld: an order with an approval, followed
live, through a restart of the server.

tests/e2e/cli.py holds the details of each command; here is what only both
programs together can show.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pawld  # noqa: E402

PAWL = os.path.join(os.environ.get("builddir", "."), "pawl")

ORDER = {
    "StartAt": "Credit",
    "States": {
        "Credit": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:111111111111:function:credit",
            "ResultPath": "$.credit", "Next": "Both"},
        "Both": {
            "Type": "Parallel", "ResultPath": None, "Next": "Approve",
            "Branches": [
                {"StartAt": "L", "States": {"L": {"Type": "Pass", "End": True}}},
                {"StartAt": "R", "States": {"R": {"Type": "Pass", "End": True}}}]},
        "Approve": {
            "Type": "Task", "TimeoutSeconds": 600,
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl.$": "$.queue",
                           "MessageBody": {"open.$": "$$.Task.CallbackUrl"}},
            "Catch": [{"ErrorEquals": ["Rejected"], "ResultPath": "$.why",
                       "Next": "No"}],
            "End": True},
        "No": {"Type": "Fail", "Error": "NotApproved", "CausePath": "$.why.Cause"},
    },
}


class Cli:
    def __init__(self, server):
        self.env = {"PATH": os.environ["PATH"], "TZ": "UTC", "HOME": server.folder,
                    "PAWL_DATA": server.data}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def start(self, *args):
        return subprocess.Popen([PAWL, *args], env=self.env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def __call__(self, *args, stdin=""):
        p = subprocess.run([PAWL, *args], env=self.env, input=stdin, text=True,
                           capture_output=True, timeout=120)
        return p.returncode, p.stdout, p.stderr

    def json(self, *args):
        code, out, err = self(*args, "-o", "json")
        return json.loads(out) if code == 0 else (code, err)


def read_until(process, pattern):
    """Lines of the output up to one that matches; "" at the end."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(pattern, line):
            return "".join(lines)
    return ""


def definitions(tap, cli, folder):
    path = os.path.join(folder, "order.asl.json")
    with open(path, "w") as f:
        json.dump(ORDER, f, indent=2)
    tap.same(cli("validate", path)[:2], (0, path + ": valid\n"), "validate")
    tap.same(cli("machine", "create", "order", path)[:2],
             (0, "Created order\n"), "machine create")
    tap.same(cli("machine", "update", "order", path)[0], 0, "machine update")
    tap.same(json.loads(cli("machine", "show", "order", "--definition")[1]), ORDER,
             "machine show gives the definition back")
    code, out, _ = cli("machine", "ls")
    tap.ok(code == 0 and re.search(r"^order +STANDARD", out, re.M), "machine ls", out)
    with open(path, "w") as f:
        f.write(json.dumps(ORDER, indent=2).replace('"Approve"', '"Aprove"', 1))
    code, out, err = cli("machine", "update", "order", path)
    tap.ok(code == 1 and "did you mean 'Approve'?" in err and "^" in err,
           "a definition with a mistake is refused and shown", err)


def approval(tap, cli, queue):
    order = json.dumps({"queue": queue, "sum": 12})
    follow = cli.start("start", "order", "--name", "yes", "--input", order, "--follow")
    shown = read_until(follow, r"^ +open ")
    link = re.search(r"open +(http\S+/callback/\S+)", shown)
    tap.ok(link and "LambdaFunctionSucceeded" in shown, "start --follow shows the link",
           shown)
    code, out, _ = cli("show", "order:yes")
    tap.ok(code == 0 and "in state   Approve (Task" in out and link and
           link.group(1) in out, "show says where it is", out)
    tap.same(cli("approve", "order:yes", "--comment", "fine")[:2], (0, "Approved\n"),
             "approve by the execution's name")
    rest, err = follow.communicate(timeout=60)
    tap.ok(follow.returncode == 0 and "SUCCEEDED order:yes" in rest and
           '"comment": "fine"' in rest, "following ends with the result", rest, err)
    code, out, err = cli("approve", link.group(1) if link else "none")
    tap.ok(code in (3, 6) and err != "", "a link works once", code, err)

    cli("start", "order", "--name", "no", "--input", order)
    pawld.wait_for(lambda: ">>>" in cli("show", "order:no")[1], 30)
    tap.same(cli("reject", "order:no", "--reason", "too dear")[:2], (0, "Rejected\n"),
             "reject")
    code, out, _ = cli("history", "order:no", "--follow")
    tap.ok(code == 1 and "NotApproved: too dear" in out and "FAILED order:no" in out,
           "a rejected one fails with the reason", out)
    events = cli.json("history", "order:no")["items"]
    tap.same([e["id"] for e in events], list(range(1, len(events) + 1)),
             "history -o json is dense")
    back = cli.json("history", "order:no", "--reverse", "--limit", "3")["items"]
    tap.same(back, events[:-4:-1], "history --reverse --limit")
    tap.same([x["name"] for x in cli.json("ls", "--status", "failed")["items"]],
             ["no"], "ls --status failed")
    tap.same([x["name"] for x in cli.json("ls", "-m", "order")["items"]],
             ["no", "yes"], "ls, the newest first")


def restart(tap, cli, server, queue):
    order = json.dumps({"queue": queue})
    follow = cli.start("start", "order", "--name", "long", "--input", order, "--follow")
    wait = cli.start("start", "order", "--name", "long2", "--input", order, "--wait")
    shown = read_until(follow, r"^ +open ")
    server.stop()
    server.options = ["--listen", "127.0.0.1:%d" % server.port]
    server.start()
    pawld.wait_for(lambda: cli("approve", "order:long")[0] == 0, 60, 0.5)
    pawld.wait_for(lambda: cli("approve", "order:long2")[0] == 0, 60, 0.5)
    rest, err = follow.communicate(timeout=120)
    ids = [int(x) for x in re.findall(r"^\d\d:\d\d:\d\d\.\d+ +(\d+) ", shown + rest, re.M)]
    tap.ok(follow.returncode == 0 and ids == list(range(1, len(ids) + 1)),
           "following outlives a restart of the server, each event once",
           follow.returncode, rest, err)
    out, err = wait.communicate(timeout=120)
    tap.ok(wait.returncode == 0 and json.loads(out or "0") == {"decision": "approved"},
           "waiting outlives it, too", wait.returncode, out, err)


def other_things(tap, cli, queue):
    code, out, _ = cli("queues", "show", "asks")
    tap.ok(code == 0 and re.search(r"^asks +\d+ +\d+ +0 ", out, re.M), "queues show", out)
    tap.same(cli("queues", "send", "asks", "-", stdin="hello\n")[0], 0, "queues send")
    bodies = []
    for _ in range(10):
        got = cli.json("queues", "receive", "asks", "--max", "10", "--delete")["items"]
        bodies += [m["body"] for m in got]
        if not got:
            break
    tap.ok("hello\n" in bodies and any("/callback/" in b for b in bodies),
           "queues receive", bodies)
    got = cli.json("queues", "ls")["items"]
    tap.same([q["queueUrl"] for q in got], [queue], "queues ls")
    cli("start", "order", "--name", "stopped", "--input", json.dumps({"queue": queue}))
    tap.same(cli("stop", "order:stopped", "--cause", "enough")[0], 0, "stop")
    tap.same(cli.json("show", "order:stopped")["status"], "ABORTED", "it is aborted")
    code, out, _ = cli("status")
    tap.ok(code == 0 and re.search(r"^version +\d", out, re.M), "status", out)
    tap.same(cli("show", "order:nobody")[0], 3, "what is not there ends with 3")
    tap.same(cli("status", "--key", "wrong")[0], 5, "a wrong key ends with 5")
    tap.same(cli("status", "--url", "http://127.0.0.1:1")[0], 4, "no server ends with 4")
    tap.same(cli("functions", "rm", "credit")[0], 0, "functions rm")
    tap.same(cli("functions", "show", "credit")[0], 3, "it is gone")
    tap.same(cli("queues", "rm", "asks")[0], 0, "queues rm")
    tap.same(cli("machine", "rm", "order")[0], 0, "machine rm")


def main():
    tap = pawld.Tap()
    functions = pawld.Functions({"credit": lambda payload, headers: {"good": True}})
    with pawld.Pawld() as server, tempfile.TemporaryDirectory() as folder:
        cli = Cli(server)
        definitions(tap, cli, folder)
        tap.same(cli("functions", "set", "credit", functions.url + "/credit")[0], 0,
                 "functions set")
        code, out, err = cli("queues", "create", "asks")
        tap.ok(code == 0 and out.startswith("http"), "queues create", out, err)
        queue = out.strip()
        approval(tap, cli, queue)
        restart(tap, cli, server, queue)
        other_things(tap, cli, queue)
    functions.close()
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
