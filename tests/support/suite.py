# SPDX-License-Identifier: MIT
"""A whole suite of its own for the integration tests, started by tools/stack as people start it: on free
ports, in a temporary folder. At the end it says what went wrong that no test would see: errors in the
logs, sanitizer reports, unclean exits, processes left behind.
"""
import ctypes
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROFILE = os.environ.get("TTB_PROFILE", "release")
DAEMONS = ("gateway", "auth", "license", "media", "events")
PORT_NAMES = ("EDGE", "HTTP", "WS", "MEDIA", "PG", "NATS", "SIM", "OPS")  # OPS is the first of five
COMMAND_SECONDS = 120
STOP_SECONDS = 15

# What differs from a suite in use: cheap passwords, no patience with TikTok, whose heart beats fast, and no rate limits.
SETTINGS = {
    "PBKDF2_ROUNDS": "1000", "SIGN_PER_MINUTE": "10000", "OFFLINE_POLL_MS": "1000",
    "SPEECH_PER_MINUTE": "6000", "RATE_LIMIT_FACTOR": "0", "TTB_SIM_ARGS": "--rate 0 --ping-interval 1",
}

# Exit codes of an orderly stop, where they aren't 0.
CLEAN_EXITS = {"nats": (0, 1, 143)}
SANITIZER_REPORT = re.compile(r"(Address|Thread|Leak|Memory|UndefinedBehavior)Sanitizer|runtime error:")
PR_SET_CHILD_SUBREAPER = 36


def wait_for(check, seconds, what):
    """What check returns as soon as that is true; fails the test after the time."""
    deadline = time.monotonic() + seconds
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s there is still no {what}")
        time.sleep(0.05)


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """The first of count free ports in a row, below those that the kernel gives to clients."""
    while True:
        first = random.randrange(20000, 32000 - count)
        if all(is_free(port) for port in range(first, first + count)):
            return first


def children():
    """Ids of all our children, those adopted included, and whether each has ended."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found[int(stat.parent.name)] = state == "Z"
    return found


class Suite:
    def __init__(self, name="integration"):
        """name: of the folder that keeps the logs."""
        self.name = name
        self.state = Path(tempfile.mkdtemp(prefix="ttb-", dir="/tmp"))
        first = free_ports(len(PORT_NAMES) + len(DAEMONS) - 1)
        self.ports = {name: first + i for i, name in enumerate(PORT_NAMES)}
        self.ops_ports = {name: self.ports["OPS"] + i for i, name in enumerate(DAEMONS)}
        self.environment = {
            **os.environ, **SETTINGS, "TTB_STATE_DIR": str(self.state), "TTB_PROFILE": PROFILE,
            **{f"TTB_{name}_PORT": str(port) for name, port in self.ports.items()}}
        self.environment.pop("SIGN_SERVER_URL", None)
        self.pids = {}  # of everything that was ever started: pid → name
        self.problems = []
        self.expected_errors = []
        self.env = {}

    # ---- start and stop ----

    def start(self, *options):
        """Daemons outlive the command that starts them; adopted, they tell us how they end. options: of `stack up`."""
        if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError("prctl refuses to make this process a reaper")
        self.stack("up", *options)
        for name in os.listdir(self.state / "pids"):
            self.note_pid(name)
        for line in (self.state / "env").read_text().splitlines():
            name, value = line.removeprefix("export ").split("=", 1)
            self.env[name] = value.strip("'")

    def stack(self, *arguments):
        """A command of tools/stack; returns what it printed."""
        done = subprocess.run([ROOT / "tools/stack", *arguments], env=self.environment, cwd=ROOT, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS, check=False)
        if done.returncode != 0:
            raise AssertionError(f"tools/stack {' '.join(arguments)} failed:\n{done.stdout}")
        return done.stdout

    def note_pid(self, name):
        if not name.endswith(".born"):
            self.pids[int((self.state / "pids" / name).read_text())] = name

    def pid(self, name):
        return int((self.state / "pids" / name).read_text())

    def start_one(self, name):
        self.stack("start", name)
        self.note_pid(name)

    def stop_one(self, name):
        """Orderly; an unclean exit is told at the end of the run."""
        pid = self.pid(name)
        self.stack("stop", name)
        self.reap(pid)

    def kill(self, name):
        """As a crash would end it, at once."""
        pid = self.pid(name)
        self.stack("kill", name)
        self.reap(pid, clean=(-signal.SIGKILL,))

    def reap(self, pid, clean=None):
        """Takes the exit code of a process that has ended; helpers of daemons have no name here."""
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        name = self.pids.pop(pid, None)
        if name and code not in (clean or CLEAN_EXITS.get(name, (0,))):
            self.problems.append(f"{name} ended with {code}")

    def stop(self):
        """Stops everything; returns what was wrong during the whole run."""
        try:
            self.stack("down")
        except (AssertionError, subprocess.TimeoutExpired) as failure:
            self.problems.append(str(failure))
        deadline = time.monotonic() + STOP_SECONDS
        while children() and time.monotonic() < deadline:
            for pid, has_ended in children().items():
                if has_ended:
                    self.reap(pid)
            time.sleep(0.05)
        for pid in children():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            self.problems.append(f"left behind: {command}")
            os.kill(pid, signal.SIGKILL)
        for log in self.log_files():
            self.problems += self.problems_of(log)
        self.keep_logs()
        shutil.rmtree(self.state, ignore_errors=True)
        return self.problems

    # ---- logs ----

    def log_files(self):
        return sorted((self.state / "logs").glob("*.log"))

    def problems_of(self, path):
        for line in path.read_text(errors="replace").splitlines():
            is_error = '"level":"error"' in line
            if is_error and not any(re.search(pattern, line) for pattern in self.expected_errors):
                yield f"{path.stem} logged an error: {line}"
            if SANITIZER_REPORT.search(line):
                yield f"{path.stem}: {line}"

    def keep_logs(self):
        folder = ROOT / "build" / PROFILE / f"{self.name}-logs"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.state / "logs", folder)

    def log_position(self, name):
        return (self.state / "logs" / f"{name}.log").stat().st_size

    def log_lines(self, name, position=0):
        """A daemon's lines, decoded, from a log_position on."""
        with open(self.state / "logs" / f"{name}.log", errors="replace") as log:
            log.seek(position)
            return [json.loads(line) for line in log if line.startswith("{")]

    # ---- looking in ----

    def metric(self, daemon, name):
        """A metric's value from a daemon's ops port, summed over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ops_ports[daemon]}/metrics", timeout=5) as reply:
            text = reply.read().decode()
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
        assert values, f"{daemon} has no metric {name}"
        return sum(float(value) for value in values)

    def is_ready(self, daemon):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops_ports[daemon]}/readyz", timeout=2) as reply:
                return reply.status == 200
        except OSError:
            return False

    def secret(self, name):
        for line in (self.state / "secrets").read_text().splitlines():
            key, value = line.split("=", 1)
            if key == name:
                return value
        raise KeyError(name)
