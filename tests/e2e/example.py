"""The order example on a Pawld, for the end-to-end tests that run it.

	with Pawld() as server, Example(server) as example:
		arn = example.start("approved")
		message = example.approval(arn)

Starts pawl-worker with the example's functions, registered, and makes the queues
and the machine.  Also here: story(), a history as lines that do not depend on
which branch was faster; the time limit of a whole test; pawl (the command line).
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import urllib.parse

from pawld import wait_for

SRC = os.environ.get("srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                               "..", "..")
BUILD = os.environ.get("builddir", ".")
ORDER = os.path.join(SRC, "examples", "order")
QUEUES = ("order-approvals", "order-notifications")
FUNCTIONS = 4
PATIENCE_S = 60


class TooLong(Exception):
    """The test's own time limit."""


@contextlib.contextmanager
def time_limit(seconds):
    """Raises TooLong in the main thread, so that everything is cleaned up."""
    def over(number, frame):
        raise TooLong("not done after %d seconds" % seconds)
    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def read_input(name):
    with open(os.path.join(ORDER, "inputs", name + ".json")) as f:
        return json.load(f)


def definition_text():
    with open(os.path.join(ORDER, "order.asl.json")) as f:
        return f.read()


def environment(**more):
    """Ours without what would lead a program to another server."""
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("PAWL_", "AWS_")) and "proxy" not in k.lower()}
    env.update(more)
    return env


# ---- the programs ----

class Worker:
    """pawl-worker with the example's functions, registered at a Pawld."""

    def __init__(self, server):
        self.server = server
        self.log_name = os.path.join(server.folder, "worker.log")

    def __enter__(self):
        with open(self.log_name, "ab") as log:
            self.popen = subprocess.Popen(
                [os.path.join(BUILD, "pawl-worker"), "--register",
                 "--functions", os.path.join(ORDER, "functions"),
                 "--listen", "127.0.0.1:0", "--data", self.server.data,
                 "--runtimes", os.path.join(SRC, "worker", "runtimes")],
                stdin=subprocess.DEVNULL, stderr=log, env=environment())
        try:
            if not wait_for(self.registered, PATIENCE_S):
                raise RuntimeError("the functions were not registered:\n" + self.log())
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *what):
        self.stop()

    def registered(self):
        return len(self.server.rest("GET", "/v1/functions")[2]["items"]) == FUNCTIONS

    def stop(self):
        self.popen.terminate()
        try:
            return self.popen.wait(30)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()

    def log(self):
        with open(self.log_name, errors="replace") as f:
            return f.read()


class Example:
    def __init__(self, server):
        self.server = server
        self.worker = Worker(server)
        self.seen = {}          # queue: messages that were received

    def __enter__(self):
        self.worker.__enter__()
        self.prepare()
        return self

    def __exit__(self, *what):
        self.worker.__exit__(*what)

    def prepare(self):
        make_queues(self.server)
        status, _, body = self.server.rest("PUT", "/v1/machines/order", {
            "definition": json.loads(definition_text())})
        if status not in (200, 201):
            raise RuntimeError("the definition was refused: %r" % (body,))
        self.machine_arn = body["stateMachineArn"]

    def start(self, name, value=None, execution=None):
        """The ARN of an execution with inputs/NAME.json, or with value."""
        return self.server.start_execution(
            self.machine_arn, read_input(name) if value is None else value,
            execution or name)

    def messages(self, queue, wait_s=0):
        """Every message received of a queue until now; receiving deletes."""
        seen = self.seen.setdefault(queue, [])
        take_messages(self.server, queue, seen, wait_s)
        return seen

    def approval(self, order_id):
        """The body of the message that asks about an order."""
        def look():
            for m in self.messages("order-approvals", 1):
                if json.loads(m["body"])["order"] == order_id:
                    return m
            return None
        message = wait_for(look, PATIENCE_S, 0)
        if message is None:
            raise RuntimeError("nobody asks about the order " + order_id)
        self.seen["order-approvals"].remove(message)
        return json.loads(message["body"])

    def notifications(self, order_id):
        """What was announced about an order until now."""
        return [b for b in (json.loads(m["body"])
                            for m in self.messages("order-notifications"))
                if b["order"] == order_id]


def make_queues(server):
    for queue in QUEUES:
        status = server.rest("PUT", "/v1/queues/" + queue, {})[0]
        if status not in (200, 201):
            raise RuntimeError("the queue %s: status %d" % (queue, status))


def take_messages(server, queue, seen, wait_s=0):
    """Receives and deletes until the queue is empty; adds to seen."""
    while True:
        status, _, body = server.rest("POST", "/v1/queues/%s/receive" % queue, {
            "maxMessages": 10, "waitSeconds": wait_s})
        if status != 200:
            raise RuntimeError("receive: %d %r" % (status, body))
        for message in body["items"]:
            seen.append(message)
            server.rest("DELETE", "/v1/queues/%s/messages/%s" % (
                queue, urllib.parse.quote(message["receiptHandle"], safe="")))
        if not body["items"]:
            return
        wait_s = 0


def callback_path(link):
    return link[link.index("/callback/"):]


def pawl_start(server, *args, env=None, stdout=subprocess.PIPE):
    """The command line as a process; it finds the server by its data folder."""
    return subprocess.Popen(
        [os.path.join(BUILD, "pawl"), *args],
        stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
        env=environment(**dict({"PAWL_DATA": server.data, "HOME": tempfile.gettempdir()},
                              **(env or {}))))


def pawl_end(process):
    """(exit status, stdout, stderr)"""
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process.returncode, out, err


def pawl(server, *args, env=None):
    return pawl_end(pawl_start(server, *args, env=env))


# ---- histories ----

def details(event):
    for key, value in event.items():
        if key.endswith("EventDetails"):
            return value
    return {}


def label(event):
    """One line: the type and the one word that tells it from its like."""
    d = details(event)
    kind = event["type"]
    if "index" in d:
        word = str(d["index"])
    elif "name" in d:
        word = d["name"]
    elif "error" in d:
        word = d["error"]
    elif "resourceType" in d:
        word = "%s:%s" % (d["resourceType"], d["resource"])
    elif "resource" in d:
        word = d["resource"].rsplit(":", 1)[-1]
    else:
        word = ""
    return (kind + " " + word).rstrip()


class Thread:
    def __init__(self, parent, opened_by):
        self.parent, self.opened_by = parent, opened_by
        self.items = []         # events and Threads
        self.last = None


JOINS = ("ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited",
         "MapStateSucceeded", "MapStateFailed", "MapStateExited")


def place(event, previous, home):
    """The thread of an event: its predecessor's, or one that begins or ends there."""
    thread = home[previous["id"]]
    kind = event["type"]
    if kind in JOINS and thread.opened_by is not None and thread.opened_by["type"] == \
            ("ParallelStateStarted" if kind.startswith("Parallel") else "MapStateStarted"):
        return thread.parent
    if kind == "MapIterationStarted" and previous["type"] != "MapStateStarted":
        previous = thread.opened_by
        thread = thread.parent
    if previous["type"] in ("ParallelStateStarted", "MapStateStarted"):
        new = Thread(thread, previous)
        thread.items.append(new)
        return new
    if thread.last is not previous:
        raise AssertionError("event %d follows %d, but %d did already" % (
            event["id"], previous["id"], thread.last["id"]))
    return thread


def story(events):
    """
    The history as lines, branch by branch: "| " begins the lines of a branch, "+ "
    its first.  Raises AssertionError if the ids are not dense, time goes back, or
    the previous ids do not make one thread for each branch.
    """
    root = Thread(None, None)
    home = {}
    for i, event in enumerate(events):
        if event["id"] != i + 1:
            raise AssertionError("event %d has the id %d" % (i + 1, event["id"]))
        if i > 0 and event["timestamp"] < events[i - 1]["timestamp"]:
            raise AssertionError("time goes back at event %d" % event["id"])
        before = event["previousEventId"]
        if i < 2:
            if before != 0:
                raise AssertionError("event %d follows %d" % (event["id"], before))
            thread = root
        elif not 0 < before < event["id"]:
            raise AssertionError("event %d follows %d" % (event["id"], before))
        else:
            thread = place(event, events[before - 1], home)
        thread.items.append(event)
        thread.last = event
        home[event["id"]] = thread
    return "\n".join(lines_of(root))


def lines_of(thread):
    lines = []
    for item in thread.items:
        if isinstance(item, Thread):
            for n, line in enumerate(lines_of(item)):
                lines.append(("| " if n else "+ ") + line)
        else:
            lines.append(label(item))
    return lines


# What each part of the order leaves in the history.

VALIDATED = """\
ExecutionStarted
TaskStateEntered Validate
TaskScheduled lambda:invoke
TaskStarted lambda:invoke
TaskSucceeded lambda:invoke
TaskStateExited Validate
"""
REFUSED_AT_ONCE = """\
ExecutionStarted
TaskStateEntered Validate
TaskScheduled lambda:invoke
TaskStarted lambda:invoke
TaskFailed InvalidOrder
TaskStateExited Validate
FailStateEntered Refused
ExecutionFailed InvalidOrder
"""
CREDIT_FAILED = """\
| LambdaFunctionScheduled check-credit
| LambdaFunctionStarted
| LambdaFunctionFailed CreditServiceUnavailable
"""
PREPARED = """\
ParallelStateEntered Prepare
ParallelStateStarted
+ TaskStateEntered ReserveStock
| LambdaFunctionScheduled reserve-stock
| LambdaFunctionStarted
| LambdaFunctionSucceeded
| TaskStateExited ReserveStock
+ TaskStateEntered CheckCredit
%s| LambdaFunctionScheduled check-credit
| LambdaFunctionStarted
| LambdaFunctionSucceeded
| TaskStateExited CheckCredit
ParallelStateSucceeded
ParallelStateExited Prepare
ChoiceStateEntered IsLarge
ChoiceStateExited IsLarge
"""
ASKED = """\
TaskStateEntered AskForApproval
TaskScheduled sqs:sendMessage.waitForTaskToken
TaskStarted sqs:sendMessage.waitForTaskToken
TaskSubmitted sqs:sendMessage.waitForTaskToken
"""
ANSWERED = """\
TaskSucceeded sqs:sendMessage.waitForTaskToken
TaskStateExited AskForApproval
"""
REJECTED = """\
TaskFailed Rejected
TaskStateExited AskForApproval
FailStateEntered Refused
ExecutionFailed Rejected
"""
TIMED_OUT = """\
TaskTimedOut States.Timeout
TaskStateExited AskForApproval
FailStateEntered ApprovalTimedOut
ExecutionFailed ApprovalTimedOut
"""
PACKED_LINE = """\
+ MapIterationStarted %d
| PassStateEntered Label
| PassStateExited Label
| MapIterationSucceeded %d
"""


def packed(lines):
    return ("MapStateEntered PackLines\nMapStateStarted\n" +
            "".join(PACKED_LINE % (n, n) for n in range(lines)) +
            "MapStateSucceeded\nMapStateExited PackLines\n")


CHARGED = """\
TaskStateEntered Charge
TaskScheduled lambda:invoke
TaskStarted lambda:invoke
TaskSucceeded lambda:invoke
TaskStateExited Charge
"""
DECLINED = """\
TaskStateEntered Charge
TaskScheduled lambda:invoke
TaskStarted lambda:invoke
TaskFailed PaymentTimeout
TaskScheduled lambda:invoke
TaskStarted lambda:invoke
TaskFailed CardDeclined
TaskStateExited Charge
FailStateEntered Refused
ExecutionFailed CardDeclined
"""
SHIPPED = """\
TaskStateEntered Announce
TaskScheduled sqs:sendMessage
TaskStarted sqs:sendMessage
TaskSucceeded sqs:sendMessage
TaskStateExited Announce
SucceedStateEntered Shipped
SucceedStateExited Shipped
ExecutionSucceeded
"""

STORIES = {
    "approved": VALIDATED + PREPARED % "" + ASKED + ANSWERED + packed(2) + CHARGED + SHIPPED,
    "rejected": VALIDATED + PREPARED % "" + ASKED + REJECTED,
    "approval-timeout": VALIDATED + PREPARED % "" + ASKED + TIMED_OUT,
    "credit-fails-twice": VALIDATED + PREPARED % (2 * CREDIT_FAILED) + packed(1) + CHARGED +
    SHIPPED,
    "card-declined": VALIDATED + PREPARED % "" + packed(1) + DECLINED,
    "bad-input": REFUSED_AT_ONCE,
}



# ---- processes ----

def parents():
    """{pid: parent} of every process that is not a zombie."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry) as f:
                    text = f.read()
            except OSError:
                continue
            state, parent = text[text.rindex(")") + 2:].split()[:2]
            if state != "Z":
                found[int(entry)] = int(parent)
    return found


def descendants(pid):
    """Pids of the children, their children, and so on."""
    tree, found, front = parents(), [], {pid}
    while front:
        front = {p for p, parent in tree.items() if parent in front}
        found += sorted(front)
    return found


def sanitizer_lines(log):
    """What AddressSanitizer and its like had to say."""
    return [line for line in log.splitlines()
            if "Sanitizer" in line or "runtime error: " in line]


def left_behind(folder):
    """Command lines of processes that still work with a folder, or in it."""
    found = []
    for pid in parents():
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as f:
                text = f.read().replace(b"\0", b" ").decode(errors="replace").strip()
            cwd = os.readlink("/proc/%d/cwd" % pid)
        except OSError:
            continue            # it has ended, or is another user's
        if (folder in text or cwd.startswith(folder)) and pid != os.getpid():
            found.append("%d: %s" % (pid, text))
    return found
