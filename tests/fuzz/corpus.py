#!/usr/bin/env python3
"""tests/fuzz/corpus.py - the seeds of all fuzz targets, out of the tests' data.

usage: corpus.py SOURCE-TREE FOLDER [FUZZ_SEEDS]

Fills FOLDER/TARGET/ anew with one small file for each seed: what the language
tests ask, the definitions of the tests, scenarios and examples, and some HTTP
written here.  FUZZ_SEEDS is the program that writes the chunks.
"""

import glob
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys

SIZE_MAX = 4096

HTTP = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /v1/executions?limit=1&x=%20 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 2\r\n"
    b"Content-Type: application/json\r\nAuthorization: Bearer k\r\n\r\n{}",
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
    b"GET http://h/p?q HTTP/1.0\r\nConnection: keep-alive, x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nhost: a\r\nX-A:\r\nx-a: \tb \r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    b"c4\r\nWiki\r\n5;a=b\r\npedia\r\n0\r\nX: y\r\n\r\n",
    b"c0\r\n\r\n",
    b"cA\r\n0123456789\r\n00\r\n\r\n",
    b"c3E9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    b"%a%20b%2Fc+d%C3%A9",
    b"%%41%%00%4",
]

ODD_JSON = [
    "[" * 999 + "]" * 999, "[" * 1001 + "]" * 1001, '{"a":' * 300 + "1" + "}" * 300,
    "123456789012345678901234567890", "[-0,-0.0,1e400,1E-400,5e-324,9223372036854775808]",
    '{"a":1,"a":{"b":2,"b":3},"\\u0061":4}', '"\\ud83d\\ude00\\u00e9\\n\\/"', " \t\r\n[ ] ",
    '"\x7f\u0080\u2028\U0001f600"',
]

JSONATA = [
    "a.b + n", "list[k='x'].v", "$sum(list.v) > 0 ? 'yes' : 'no'", "list.{k: v}", "list{k: $sum(v)}",
    "(  $x := n * 2; $f := function($y) { $y + $x }; $f(3) )", "$map([1..5], function($v, $i) { $v * $i })",
    "$filter(a.c, function($v) { $type($v) = 'number' })", "$reduce([1,2,3], function($p, $q) { $p + $q })",
    "$join($split(s, ','), '-')", "$match('ab12', /[a-z]+(\\d)/)", "$replace(s, /a|b/, '$0!')", "**.k",
    "list^(>v, k)", "list@$l.k#$i", "a ~> |$|{'z': 1}, 'b'|", "$string(o) & $length(s)", "n in [1,5,7]",
    "$merge([o, {'q': null}])", "$each(a, function($v, $k) { $k })", "$sort(a.c, function($l, $r) { $l < $r })",
    "$fromMillis(1510067557121, '[Y0001]-[M01]-[D01] [H#1]:[m01] [P]')", "$toMillis('2017-11-07T15:12:37.121Z')",
    "$formatNumber(12345.6, '#,###.00')", "$formatInteger(1999, 'w')", "$parseInteger('MCMXCIX', 'I')",
    "$pad($uppercase('x'), -5, '#')", "$base64encode('hi') ~> $base64decode", "$lookup(o, 'x')", "$keys(a)",
    "$spread(a)", "$sift(a, function($v) { $v != 1 })", "$zip([1,2],[3,4])", "$distinct([1,1,2])",
    "$number('0x1F') + $power(2, 10) % 7", "$round(2.5) + $floor(-1.5)", "$exists(a.nope) or $not(t)",
    "(function($n) { $n <= 1 ? 1 : $n * $f($n - 1) })(5)", "$parse('{\"a\":1}')", "$hash(s, 'SHA-256')",
    "$partition([1..10], 3)", "$range(0, 10, 3)", "$states.input.x", "$uuid()", "$random(7)", "$now()", "$eval('1+1')",
    "$assert(n > 0, 'positive')", "$error('stop')", "n ?: 1", "a.x ?? 'none'", "[[1,2],[3]].$[0]", "/* c */ `a`.`b`",
    "$encodeUrlComponent('a b/c')", "$single(list, function($v) { $v.k = 'y' })", "$shuffle([1,2,3])", "%.a", "list.%.n",
]


class Corpus:
    """The folder that is filled; a seed stands in it once."""

    def __init__(self, folder):
        self.folder = folder

    def add(self, target, data):
        if isinstance(data, str):
            data = data.encode()
        if len(data) > SIZE_MAX:
            return
        where = os.path.join(self.folder, target)
        os.makedirs(where, exist_ok=True)
        with open(os.path.join(where, hashlib.sha1(data).hexdigest()[:16]), "wb") as f:
            f.write(data)


def spelled(text):
    """A path or call that begins with a double quote is a JSON string."""
    return json.loads(text) if text.startswith('"') else text


def language(corpus, tree):
    """The questions of tests/data/language/*.test, each with its input."""
    for name in sorted(glob.glob(os.path.join(tree, "tests/data/language/*.test"))):
        document = "{}"
        for line in open(name, encoding="utf-8"):
            word, _, text = line.rstrip("\n").partition(" ")
            if word == "input":
                document = text
                corpus.add("jsontext", text)
            elif word in ("path", "kind", "put"):
                try:
                    path = spelled(text.split(" ")[0] if word == "put" else text)
                except ValueError:
                    continue
                corpus.add("jsonpath", f"{path}\n{document}")
            elif word == "call":
                corpus.add("intrinsic", f"{spelled(text)}\n{document}")
                corpus.add("template", f"{spelled(text)}\n{document}")
            elif word in ("template", "names"):
                corpus.add("template", f"{text}\n{document}")
            elif word in ("choice", "rule-names"):
                corpus.add("choice", f"{text}\n{document}")
            elif word == "check":
                corpus.add("jsontext", text)


def definition(corpus, text):
    """Not those that use up the budget of a step by a recursion: they cost seconds with sanitizers."""
    if "$f(" in text:
        return
    corpus.add("definition", text)
    corpus.add("jsontext", text)


def definitions(corpus, tree):
    """Of tests/data/definition, tests/scenario and examples."""
    for name in sorted(glob.glob(os.path.join(tree, "tests/data/definition/*.test"))):
        lines = None
        for line in open(name, encoding="utf-8"):
            if line.startswith("test\t"):
                lines = []
            elif lines is not None and line[0] in "=%\n":
                if lines:
                    definition(corpus, "".join(lines))
                lines = None
            elif lines is not None:
                lines.append(line)
    for name in sorted(glob.glob(os.path.join(tree, "tests/scenario/*.test"))):
        lines = []
        for line in open(name, encoding="utf-8"):
            if line.startswith("machine\t"):
                lines = [line[len("machine\t"):]]
            elif lines and line[0] in "\t {}\"":
                lines.append(line)
            elif lines:
                definition(corpus, "".join(lines))
                lines = []
    for name in sorted(glob.glob(os.path.join(tree, "examples/**/*.asl.json"), recursive=True)):
        definition(corpus, open(name, encoding="utf-8").read())


def questions(corpus, tree):
    """What tests/data/teststate/*.test asks."""
    for name in sorted(glob.glob(os.path.join(tree, "tests/data/teststate/*.test"))):
        lines = None
        for line in open(name, encoding="utf-8"):
            if line.startswith("test\t"):
                lines = []
            elif lines is not None and line[0] in "=!\n":
                corpus.add("teststate", "".join(lines))
                lines = None
            elif lines is not None:
                lines.append(line)


def pictures(corpus, tree):
    """What tests/data/jsonata/*.test asks: a number, a picture, a text."""
    number, text = "0", ""
    for name in sorted(glob.glob(os.path.join(tree, "tests/data/jsonata/*.test"))):
        for line in open(name, encoding="utf-8"):
            verb, _, rest = line.partition(" ")
            if verb not in ("format", "integer", "parse", "from", "to", "read"):
                continue
            arguments = json.loads("[" + rest + "]")
            if verb in ("parse", "to", "read"):
                text = arguments[0]
            else:
                number = str(arguments[0])
            if len(arguments) > 1 and arguments[1]:
                corpus.add("picture", "\n".join([number, arguments[1], text]))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    tree, folder = sys.argv[1:3]
    shutil.rmtree(folder, ignore_errors=True)
    corpus = Corpus(folder)
    language(corpus, tree)
    definitions(corpus, tree)
    questions(corpus, tree)
    pictures(corpus, tree)
    for text in JSONATA:
        corpus.add("jsonata", text)
    for text in ODD_JSON:
        corpus.add("jsontext", text)
    for data in HTTP:
        corpus.add("http", data)
    dice = random.Random(1)
    for _ in range(60):
        corpus.add("machine", dice.randbytes(dice.randrange(20, 400)))
    if len(sys.argv) == 4:
        chunks = os.path.join(folder, "chunk")
        os.makedirs(chunks)
        subprocess.run([sys.argv[3], chunks], check=True)


main()
