#!/usr/bin/env python3
"""Tests tests/conformance/run with files of our own: counts, differences, exit status."""

import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))
from pawld import Tap  # noqa: E402


def path_row(selector, result, **more):
    return dict({"id": selector, "selector": selector, "document": {"a": [1, 2]},
                 "aws": {"path": True, "reference_path": selector == "$.a"},
                 "aws_like": {"status": "OK", "result": result,
                              "definite": "*" not in selector}}, **more)


def expression_row(expr, **more):
    return dict({"source": "x::" + expr, "lang": "JSONPath", "state": "S", "type": "Pass",
                 "field": "Parameters/v.$", "expr": expr, "input": {"a": 1}}, **more)


CAUSE = ("An error occurred while executing the state 'S' (entered at the event id #2). "
         "Invalid path '$.b' : No results for path: $['b']")


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="pawl-conformance-") as folder:
        def write(name, rows):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.writelines(json.dumps(r) + "\n" for r in rows)
            return path

        def run(*arguments):
            done = subprocess.run([os.path.join(HERE, "run"), *arguments], text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=dict(os.environ, PAWL_CONFORMANCE=folder))
            return done.returncode, done.stdout.rstrip("\n").split("\n")[-1], done.stdout

        good = write("good.jsonl", [
            path_row("$.a", [1, 2]), path_row("$.a[*]", [1, 2]),
            path_row("$.a[?(@ > 1)].length()", [], aws={"path": False})])
        bad = write("bad.jsonl", [path_row("$.a", [1])])
        tap.same(run("jsonpath", good)[:2], (0, "2 passed, 0 failed, 1 skipped"),
                 "jsonpath: rows that pass, a row that the real service refuses")
        status, last, text = run("jsonpath", good, bad)
        tap.ok((status, last) == (1, "2 passed, 1 failed, 1 skipped") and "want" in text,
               "jsonpath: a row that fails, with what was wanted", text)
        rows = write("rows.jsonl", [
            expression_row("$.a", output=1),
            expression_row("States.MathAdd($.a, 1)", lang="Intrinsic", output=2),
            expression_row("$.b", field="InputPath", error="States.Runtime", cause=CAUSE),
            expression_row("{% 1 %}", lang="JSONPath", query_language="JSONata", output=1)])
        tap.same(run("expressions", rows)[:2], (0, "4 passed, 0 failed, 0 skipped"),
                 "expressions: values, and failures that a state words")
        wrong = write("wrong.jsonl", [
            expression_row("$.b", field="InputPath", error="States.Runtime", cause=CAUSE + "!"),
            expression_row("$.a", output=2)])
        tap.same(run("expressions", wrong)[:2], (1, "0 passed, 2 failed, 0 skipped"),
                 "expressions: another cause, another value")
        write("definitions/good.asl.json", [{"StartAt": "A", "States": {
            "A": {"Type": "Succeed"}}}])
        tap.same(run("definitions", os.path.join(folder, "definitions"))[:2],
                 (0, "1 passed, 0 failed, 0 skipped"), "definitions: a folder")
        lost = write("definitions/lost.asl.json", [{"StartAt": "B", "States": {
            "A": {"Type": "Succeed"}}}])
        status, last, text = run("definitions", lost)
        tap.ok((status, last) == (1, "0 passed, 1 failed, 0 skipped") and "/StartAt" in text,
               "definitions: one that is wrong, with its findings", text)
        for kind in ("states", "jsonpath", "expressions", "definitions"):
            status, last, text = run(kind) if kind == "states" else run(kind, folder + "/none")
            tap.ok(status == 2 and last == "0 passed, 0 failed, 0 skipped" and
                   "conformance: there is no " in text,
                   kind + ": what is not there is said plainly", text)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
