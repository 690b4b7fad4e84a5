#!/usr/bin/env python3
"""The AWS SDK for JavaScript, unchanged, drives the order example.

Installs the SDK (sdk/package.json) with npm into the build folder, once; skips,
saying why, if there is no node or npm or no way to a registry.  sdk/order.mjs
holds the tests and prints the TAP lines.
"""

import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from example import BUILD, ORDER, SRC, TooLong, Worker, environment, time_limit  # noqa: E402
from pawld import PROGRAM, Pawld, skip_all  # noqa: E402

SOURCE = os.path.join(SRC, "tests", "e2e", "sdk")
FOLDER = os.path.join(BUILD, "sdk-node")
INSTALL_S = 240
LIMIT_S = 240
NODE_MIN = 18


def installed():
    """All that package.json names is there, in the version it names."""
    with open(os.path.join(SOURCE, "package.json")) as f:
        wanted = json.load(f)["dependencies"]
    for name, version in wanted.items():
        try:
            with open(os.path.join(FOLDER, "node_modules", name, "package.json")) as f:
                if json.load(f)["version"] != version:
                    return False
        except (OSError, ValueError):
            return False
    return True


def install():
    """None, or why not."""
    try:
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-save",
             "--package-lock=false", "--fetch-retries=1", "--loglevel=error"],
            cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return "npm install took longer than %d s" % INSTALL_S
    if done.returncode == 0 and installed():
        return None
    lines = [line for line in done.stdout.splitlines() if "code E" in line] or \
        done.stdout.splitlines() or ["status %d" % done.returncode]
    return "npm cannot install the SDK: " + lines[0].strip()


def need():
    """Skips unless the SDK is there."""
    if not os.access(PROGRAM, os.X_OK):
        skip_all("pawld is not built")
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            skip_all("%s is not installed" % program)
    version = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, text=True,
                             check=False, timeout=60).stdout.strip()
    if not version.startswith("v") or int(version[1:].split(".")[0]) < NODE_MIN:
        skip_all("node %s is older than %d" % (version, NODE_MIN))
    os.makedirs(FOLDER, exist_ok=True)
    for name in ("package.json", "order.mjs"):
        shutil.copyfile(os.path.join(SOURCE, name), os.path.join(FOLDER, name))
    why = None if installed() else install()
    if why is not None:
        skip_all(why)


def drive(server):
    """The exit status of order.mjs; its TAP goes to our standard output."""
    sys.stdout.flush()
    node = subprocess.Popen(
        ["node", "order.mjs"], cwd=FOLDER, stdin=subprocess.DEVNULL,
        env=environment(
            AWS_ENDPOINT_URL=server.url, AWS_REGION=server.region,
            AWS_ACCESS_KEY_ID=server.key_id, AWS_SECRET_ACCESS_KEY=server.secret,
            AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, ORDER=ORDER))
    try:
        return node.wait()
    finally:
        if node.poll() is None:
            node.kill()
            node.wait()


def main():
    need()
    try:
        with time_limit(LIMIT_S), Pawld() as server, Worker(server):
            status = drive(server)
            if status not in (0, 1):
                print("Bail out! order.mjs ended with %d" % status)
            return status
    except TooLong as e:
        print("Bail out! %s" % e)
        return 1


sys.exit(main())
