# SPDX-License-Identifier: MIT
"""One more media daemon of the suite, over the same MEDIA_ROOT, with ports of its own."""
import os
import re
import subprocess
import urllib.request

from suite import PROFILE, ROOT, SETTINGS, free_ports, wait_for

STOP_SECONDS = 15


class Replica:
    """with Replica(suite, TTS_CACHE_BYTES="0") as replica: … ; its log is among the suite's, and its problems are told with theirs."""
    count = 0

    def __init__(self, suite, **settings):
        Replica.count += 1
        self.suite, self.name = suite, f"media-{Replica.count + 1}"
        port, ops_port = (free_ports(2) + i for i in range(2))
        self.base, self.ops = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{ops_port}"
        password = suite.secret("PG_PASSWORD_MEDIA")
        self.environment = {
            **os.environ, **SETTINGS, "MEDIA_PORT": str(port), "OPS_PORT": str(ops_port), "MEDIA_ROOT": str(suite.state / "media"),
            "NATS_URL": f"nats://127.0.0.1:{suite.ports['NATS']}", "NATS_USER": "media",
            "NATS_PASSWORD": suite.secret("NATS_PASSWORD_MEDIA"), "MEDIA_BASE_URL": suite.env["BASE"],
            "DATABASE_URL": f"postgresql://media:{password}@127.0.0.1:{suite.ports['PG']}/ttboost", **settings}

    def __enter__(self):
        with open(self.suite.state / "logs" / f"{self.name}.log", "w") as log:
            self.process = subprocess.Popen([ROOT / "build" / PROFILE / "bin/ttb-media"], env=self.environment, stderr=log)
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

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.ops}/readyz", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False

    def metric(self, name):
        """Summed over its labels."""
        with urllib.request.urlopen(f"{self.ops}/metrics", timeout=5) as reply:
            values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", reply.read().decode(), re.MULTILINE)
        return sum(float(value) for value in values)
