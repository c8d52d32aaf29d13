# SPDX-License-Identifier: MIT
"""One more events daemon of the suite, whose way to Postgres a test may cut."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.request

from suite import PROFILE, ROOT, free_ports, wait_for

STOP_SECONDS = 20
CHUNK = 65536


class Proxy:
    """Passes TCP connections on to a port. Frozen it is silent: what is sent waits, in both directions, for ever or until it is mended."""

    def __init__(self, target):
        self.target = target
        self.flowing = threading.Event()
        self.flowing.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:  # the end
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        self.flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        threading.Thread(target=self.pass_on, args=(server, client), daemon=True).start()
        self.pass_on(client, server)

    def pass_on(self, source, sink):
        try:
            while data := source.recv(CHUNK):
                self.flowing.wait()
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)  # wakes whoever still reads there
            end.close()

    def freeze(self):
        self.flowing.clear()

    def mend(self):
        self.flowing.set()

    def close(self):
        self.mend()
        self.listener.close()


class Replica:
    """with Replica(suite) as replica: … ; its log is among the suite's, and an unclean end is told with the suite's problems."""
    count = 0

    def __init__(self, suite):
        Replica.count += 1
        self.suite, self.name = suite, f"events-{Replica.count + 1}"
        self.proxy = Proxy(suite.ports["PG"])
        self.ops = free_ports(1)
        base, sim = suite.env["BASE"], suite.env["SIM_URL"]
        self.environment = {
            **suite.environment, "OPS_PORT": str(self.ops), "MEDIA_BASE_URL": base,
            "NATS_URL": f"nats://127.0.0.1:{suite.ports['NATS']}", "NATS_USER": "events",
            "NATS_PASSWORD": suite.secret("NATS_PASSWORD_EVENTS"),
            "DATABASE_URL": f"postgresql://events:{suite.secret('PG_PASSWORD_EVENTS')}@127.0.0.1:{self.proxy.port}/ttboost",
            "SIGN_SERVER_URL": sim, "TIKTOK_WEB_URL": sim, "TIKTOK_WEBCAST_URL": sim, "PUSH_HOSTS": "127.0.0.1"}
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.proxy.mend()
        if self.process:
            self.end(signal.SIGTERM)
        self.proxy.close()

    def start(self):
        with open(self.suite.state / "logs" / f"{self.name}.log", "a") as log:
            self.process = subprocess.Popen([ROOT / "build" / PROFILE / "bin/ttb-events"], env=self.environment, stderr=log)
        wait_for(self.is_ready, STOP_SECONDS, f"ready {self.name}")

    def end(self, number):
        """By the signal; returns when it has ended."""
        process, self.process = self.process, None
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            code = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code != (-signal.SIGKILL if number == signal.SIGKILL else 0):
            self.suite.problems.append(f"{self.name} ended with {code}")

    def freeze(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}/{path}", timeout=5) as reply:
            return reply.read().decode()

    def is_ready(self):
        try:
            return bool(self.get("readyz"))
        except (urllib.error.HTTPError, OSError):
            return False

    def metric(self, name):
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.get("metrics"), re.MULTILINE))
