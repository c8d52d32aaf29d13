# SPDX-License-Identifier: MIT
"""One more media daemon of the suite, over the same folder; and media's commands."""
import os
import re
import subprocess
import urllib.request
from pathlib import Path

from suite import free_ports, wait_for

STOP_SECONDS = 15
COMMAND_SECONDS = 60


def environment_of(suite):
    """What the suite's media was started with."""
    environ = Path(f"/proc/{suite.pid('media')}/environ").read_text()
    return dict(entry.split("=", 1) for entry in environ.split("\0") if entry)


def program_of(suite):
    return os.readlink(f"/proc/{suite.pid('media')}/exe")


def run_command(suite, *arguments):
    """What a command of ttb-media prints; it must end well."""
    done = subprocess.run([program_of(suite), *arguments], env=environment_of(suite), text=True, capture_output=True,
                          timeout=COMMAND_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def workers_of(pid, program):
    """Ids of the processes of that program that a media daemon has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:  # the thread has ended
            pass
    return [child for child in found if name_of(child) == program]


class Media:
    """with Media(suite, SOUND_SWEEP_S="1") as media: … ; its log is among the suite's, and its problems are told with theirs."""
    count = 0

    def __init__(self, suite, **settings):
        Media.count += 1
        self.suite, self.name = suite, f"media-{Media.count + 1}"
        port, ops_port = free_port_pair()
        self.base, self.ops = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{ops_port}"
        self.environment = {**environment_of(suite), "MEDIA_PORT": str(port), "OPS_PORT": str(ops_port), **settings}

    def __enter__(self):
        with open(self.suite.state / "logs" / f"{self.name}.log", "w") as log:
            self.process = subprocess.Popen([program_of(self.suite)], env=self.environment, stderr=log)
        wait_for(self.is_ready, STOP_SECONDS, f"ready {self.name}")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if code != 0:
            self.suite.problems.append(f"{self.name} ended with {code}")

    def metric(self, name):
        """A metric's value, summed over its labels."""
        with urllib.request.urlopen(f"{self.ops}/metrics", timeout=5) as reply:
            values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", reply.read().decode(), re.MULTILINE)
        assert values, f"{self.name} has no metric {name}"
        return sum(float(value) for value in values)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.ops}/readyz", timeout=2) as reply:
                return reply.status == 200
        except OSError:
            return False


def free_port_pair():
    first = free_ports(2)
    return first, first + 1
