#!/usr/bin/env python3
"""The ratchet: recorded cases that have passed once must pass.

Replays the cases of passed.txt, and those of exceptions.txt, against a pawld of
its own.  A listed case that fails is a failure; so is an exception that passes:
it belongs into passed.txt.  Skips plainly without the conformance folder.
"""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import conformance  # noqa: E402
from pawld import Pawld, Tap, skip_all  # noqa: E402


def main():
    if conformance.missing():
        skip_all(conformance.missing())
    passed, exceptions = conformance.read_passed(), conformance.read_exceptions()
    verdicts, lines, last = {}, {}, None
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as ids, \
            Pawld() as server:
        ids.write("".join(i + "\n" for i in [*passed, *exceptions]))
        ids.flush()
        for line in conformance.replay(server, [
                "--expect-passed", ids.name, "--only-expected", "--jobs", "8",
                os.path.join(conformance.folder(), "states", "cases")]):
            if isinstance(line, int):
                break
            case = conformance.verdict(line)
            if case:
                last = case[0]
                verdicts[last], lines[last] = case[1], [line]
            elif last and line.startswith("    "):
                lines[last].append(line)
            else:
                last = None
    tap = Tap()
    tap.ok(passed and not set(passed) & set(exceptions),
           "passed.txt and exceptions.txt are there and apart",
           *sorted(set(passed) & set(exceptions)))
    for i in passed:
        tap.ok(verdicts.get(i), i.replace("#", "\\#"), *lines.get(i, ["it was not replayed"]))
    for i, why in exceptions.items():
        tap.ok(verdicts.get(i) is False and why, "still an exception: " + i.replace("#", "\\#"),
               "it passes" if verdicts.get(i) else "it was not replayed, or has no reason")
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
