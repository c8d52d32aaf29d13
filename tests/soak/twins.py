# SPDX-License-Identifier: MIT
"""More daemons of a suite: each like its sibling there, but on ports of its own."""
import signal
import subprocess
import urllib.request
from pathlib import Path

from suite import PROFILE, ROOT, free_ports, wait_for

START_SECONDS = STOP_SECONDS = 20


class Twin:
    def __init__(self, suite, daemon, name):
        """The sibling must run now, for its settings are read from it."""
        self.suite, self.daemon, self.name = suite, daemon, name
        first = free_ports(4)
        self.ops, self.ws = first, first + 1
        sibling = Path(f"/proc/{suite.pid(daemon)}/environ").read_bytes().decode().split("\0")
        self.environment = {**dict(line.split("=", 1) for line in sibling if line),
                            "OPS_PORT": str(first), "WS_PORT": str(first + 1), "HTTP_PORT": str(first + 2), "MEDIA_PORT": str(first + 3)}
        self.process = None

    def start(self):
        with open(self.suite.state / "logs" / f"{self.name}.log", "a") as log:
            self.process = subprocess.Popen([ROOT / "build" / PROFILE / f"bin/ttb-{self.daemon}"], env=self.environment, stderr=log)
        wait_for(self.is_ready, START_SECONDS, f"ready {self.name}")

    def end(self, number=signal.SIGTERM):
        process, self.process = self.process, None
        if not process:
            return
        process.send_signal(number)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code != (-signal.SIGKILL if number == signal.SIGKILL else 0):
            self.suite.problems.append(f"{self.name} ended with {code}")

    def is_ready(self):
        """False also while it waits for a server that the chaos has taken away."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}/readyz", timeout=2) as reply:
                return reply.status == 200
        except OSError:
            return False

    def rss_kib(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError(f"{self.name} is gone")


class Parts:
    """A suite's parts by their names, and one more replica among them."""

    def __init__(self, suite, extra):
        self.suite, self.extra = suite, extra

    def start_one(self, name):
        if name == self.extra.name:
            self.extra.start()
        else:
            self.suite.start_one(name)

    def stop_one(self, name):
        if name == self.extra.name:
            self.extra.end()
        else:
            self.suite.stop_one(name)

    def kill(self, name):
        if name == self.extra.name:
            self.extra.end(signal.SIGKILL)
        else:
            self.suite.kill(name)
