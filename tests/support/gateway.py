# SPDX-License-Identifier: MIT
"""One more gateway of the suite, with ports and settings of its own."""
import os
import subprocess
import urllib.error
import urllib.request

from suite import PROFILE, ROOT, free_ports, wait_for

STOP_SECONDS = 15


class Gateway:
    """with Gateway(suite, RATE_LIMIT_FACTOR="1") as gateway: … ; its log is among the suite's, and its problems are told with theirs."""
    count = 0

    def __init__(self, suite, **settings):
        Gateway.count += 1
        self.suite, self.name = suite, f"gateway-{Gateway.count + 1}"
        first = free_ports(3)
        self.base, self.ws, self.ops = (f"{scheme}://127.0.0.1:{first + i}" for i, scheme in enumerate(("http", "ws", "http")))
        self.environment = {
            **os.environ, "HTTP_PORT": str(first), "WS_PORT": str(first + 1), "OPS_PORT": str(first + 2),
            "NATS_URL": f"nats://127.0.0.1:{suite.ports['NATS']}", "NATS_USER": "gateway",
            "NATS_PASSWORD": suite.secret("NATS_PASSWORD_GATEWAY"), "RATE_LIMIT_FACTOR": "0",
            **{name: suite.secret(name) for name in ("JWT_SECRET", "ADMIN_API_KEY", "WEB_ISSUE_API_KEY")}, **settings}

    def __enter__(self):
        with open(self.suite.state / "logs" / f"{self.name}.log", "w") as log:
            self.process = subprocess.Popen([ROOT / "build" / PROFILE / "bin/ttb-gateway"], env=self.environment, stderr=log)
        wait_for(lambda: self.readiness() is not None, STOP_SECONDS, "ops port")
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

    def readiness(self):
        """/readyz: the status and what it says; None while nobody listens there."""
        try:
            with urllib.request.urlopen(f"{self.ops}/readyz", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError:
            return None

    def wait_ready(self, seconds=15):
        wait_for(lambda: (self.readiness() or [0])[0] == 200, seconds, f"ready {self.name}")
