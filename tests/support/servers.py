#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Throw-away Postgres and NATS servers on free loopback ports, in a temporary folder.

servers.py -- command args…   runs the command with TTB_TEST_DATABASE_URL (a superuser's) and
                              TTB_TEST_NATS_URL set, and exits as it does
servers.py                    prints both, and serves until it is ended

Python tests use the class: `with Servers() as servers: servers.database_url`.
"""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10

# Nobody need sign in, but a wrong password is refused.
NATS_CONFIG = """
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{folder}", max_memory_store: 64MB, max_file_store: 4GB }}
authorization {{ users: [{{user: "test", password: "test"}}] }}
no_auth_user: "test"
"""


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def postgres_program(name):
    """initdb and postgres stand outside of PATH on Debian."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        sys.exit(f"servers.py: {name} is not installed")
    return program


def postgres_user():
    """Postgres refuses to run as root: then it runs as the user that its package made."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class Servers:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="ttb-test-"))
        self.processes = []
        self.database_port = free_port()
        self.nats_port = free_port()
        self.database_url = f"postgresql://postgres@127.0.0.1:{self.database_port}/postgres"
        self.nats_url = f"nats://127.0.0.1:{self.nats_port}"

    def __enter__(self):
        try:
            self.start_postgres()
            self.start_nats()
            self.wait_for(self.database_is_up, "postgres")
            self.wait_for(lambda: self.is_listening(self.nats_port), "nats")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGINT)  # postgres: end the sessions, then stop
        for process in self.processes:
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environment(self):
        return {"TTB_TEST_DATABASE_URL": self.database_url, "TTB_TEST_NATS_URL": self.nats_url}

    def spawn(self, name, command, **options):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True, cwd=self.folder, **options)
        self.processes.append(process)

    def start_postgres(self):
        user = postgres_user()
        data = self.folder / "postgres"
        data.mkdir()
        if user:
            self.folder.chmod(0o755)
            os.chown(data, user["user"], user["group"])
        subprocess.run([postgres_program("initdb"), "--pgdata", data, "--username=postgres",
                        "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd=data, **user)
        self.spawn("postgres", [postgres_program("postgres"), "-D", data, "-h", "127.0.0.1",
                                "-p", str(self.database_port), "-k", "", "-c", "fsync=off",
                                "-c", "max_connections=200"], **user)

    def start_nats(self):
        config = self.folder / "nats.conf"
        config.write_text(NATS_CONFIG.format(port=self.nats_port, folder=self.folder / "jetstream"))
        self.spawn("nats", ["nats-server", "--config", config])

    @staticmethod
    def is_listening(port):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0

    def database_is_up(self):
        ready = subprocess.run(["pg_isready", "-q", "-h", "127.0.0.1", "-p",
                                str(self.database_port)], check=False)
        return ready.returncode == 0

    def wait_for(self, is_up, name):
        deadline = time.monotonic() + START_TIMEOUT_S
        while not is_up():
            if any(process.poll() is not None for process in self.processes) or \
               time.monotonic() > deadline:
                log = (self.folder / f"{name}.log").read_text(errors="replace")
                sys.exit(f"servers.py: {name} did not start:\n{log}")
            time.sleep(0.05)


def main():
    # An end by SIGTERM stops the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Servers() as servers:
        if sys.argv[1:2] == ["--"]:
            environment = {**os.environ, **servers.environment}
            return subprocess.run(sys.argv[2:], env=environment, check=False).returncode
        for name, value in servers.environment.items():
            print(f"export {name}={value}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
