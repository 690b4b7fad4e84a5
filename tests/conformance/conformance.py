"""What ./dev conformance and the ratchet share: the folder, the driver, the lists.

The conformance folder holds recordings of the real service and the driver that
replays them.  It is $PAWL_CONFORMANCE, or ../shared/conformance beside the
repository; nothing of it is part of the repository.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PASSED = os.path.join(HERE, "passed.txt")
EXCEPTIONS = os.path.join(HERE, "exceptions.txt")

sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))


def folder():
    """Where the conformance folder is, or should be."""
    return os.environ.get("PAWL_CONFORMANCE") or os.path.normpath(
        os.path.join(TOP, "..", "shared", "conformance"))


def missing():
    """A sentence when there is no folder to work with, else None."""
    if os.path.isfile(os.path.join(folder(), "replay", "replay.py")):
        return None
    return ("there is no conformance folder at %s (PAWL_CONFORMANCE says where it is)"
            % folder())


def read_passed():
    """Ids of cases that must pass."""
    with open(PASSED, encoding="utf-8") as f:
        return [line.rstrip("\n") for line in f if line.strip() and line[0] != "#"]


def read_exceptions():
    """{id: why it cannot be met}.  An id stands alone, its reason is indented below."""
    found, last = {}, None
    with open(EXCEPTIONS, encoding="utf-8") as f:
        for line in f:
            if not line.strip() or line[0] == "#":
                continue
            if line[0] not in " \t":
                last = line.rstrip("\n")
                found[last] = ""
            elif last is not None:
                found[last] = (found[last] + " " + line.strip()).strip()
    return found


def replay(server, arguments):
    """The driver's lines, as they come; its exit status is the last item, an int."""
    command = [sys.executable, os.path.join(folder(), "replay", "replay.py"),
               "--endpoint", server.url, "--access-key", server.key_id,
               "--secret-key", server.secret, "--api-key", server.api_key, *arguments]
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
    driver = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment,
                              text=True, encoding="utf-8", errors="replace")
    try:
        for line in driver.stdout:
            yield line.rstrip("\n")
    finally:
        if driver.poll() is None:
            try:
                driver.wait(10)
            except subprocess.TimeoutExpired:
                driver.kill()
                driver.wait()
    yield driver.returncode


def verdict(line):
    """(id, passed) of a line about one case, or None."""
    found = re.match(r"(pass|FAIL) (.*) \([0-9.]+ s\)(: .*)?$", line)
    return (found.group(2), found.group(1) == "pass") if found else None
