# SPDX-License-Identifier: MIT
"""What tools/stack does."""
import fcntl
import os
import shutil
import signal
import sys
import time

import demo
import process
from parts import all_parts, taken_ports
from place import DAEMONS, open_place
from process import Failure

START_SECONDS = 60
STOP_SECONDS = 15
LOG_TAIL = 8
FOLLOW_S = 0.2


class Stack:
    def __init__(self):
        self.place = open_place()
        self.parts = all_parts(self.place)
        self.state = self.place.state
        self.children = {}  # those that this command has started
        self.explanation = ""

    def pid(self, name):
        return process.find(self.state, name)

    def part(self, name):
        if name not in self.parts:
            raise Failure(f"no part {name}: there are {', '.join(self.parts)}")
        if not (self.state / "secrets").exists():
            raise Failure(f"nothing was started in {self.state} yet: tools/stack up")
        return self.parts[name]

    def wanted(self):
        """All but a simulator that a real sign server stands in for."""
        return [part for part in self.parts.values() if part.name != "sim" or self.place.sim]

    # ---- starting ----

    def up(self, with_demo=True):
        self.check_programs()
        self.place.make_folders()
        with self.lock():
            missing = [part for part in self.wanted() if not self.pid(part.name)]
            self.check_ports(missing)
            self.place.load_secrets()
            self.place.save_environment()
            self.place.write_env_file()
            for part in missing:
                self.set_log_aside(part.name)
            try:
                self.start_all(missing)
                if with_demo:
                    self.make_demo()
            except BaseException:
                self.stop_all(part.name for part in missing)
                raise

    def check_programs(self):
        if not (self.place.bin / "ttb-gateway").exists():
            raise Failure(f"{self.place.bin} holds no daemons: run make first")
        for name in ("nats-server", "nginx", "psql"):
            if not shutil.which(name):
                raise Failure(f"{name} is not installed: tools/install-packages")

    def check_ports(self, parts):
        taken = [(part.name, *port) for part in parts for port in taken_ports(self.place, part)]
        if taken:
            raise Failure("\n".join(
                f"port {port} of {name} is taken by another program: set {variable} to a free one"
                for name, port, variable in taken))

    def lock(self):
        """One `up` or `down` at a time."""
        file = open(self.state / "lock", "w")
        fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def set_log_aside(self, name):
        """The last run's log is kept as NAME.log.1."""
        log = self.state / "logs" / f"{name}.log"
        if log.exists():
            log.rename(f"{log}.1")

    def start_all(self, parts):
        """The daemons start side by side: they wait for what they need themselves."""
        daemons = [part for part in parts if part.name in DAEMONS]
        for part in parts:
            if part.name == "nginx":
                self.wait_all(daemons)
            self.spawn(part)
            if part not in daemons:
                self.wait_all([part])
        self.wait_all(daemons)

    def spawn(self, part):
        self.children[part.name] = process.spawn(
            self.state, part.name, part.command(), part.environment(), **part.options())

    def wait_all(self, parts):
        deadline = time.monotonic() + START_SECONDS
        for part in parts:
            while not part.is_ready():
                code = self.children[part.name].poll()
                if code is not None:
                    raise self.failed(part.name, f"ended with {code}")
                if time.monotonic() > deadline:
                    raise self.failed(part.name, f"is not ready after {START_SECONDS} s")
                time.sleep(process.PAUSE_S)
            part.after_ready()

    def failed(self, name, what):
        log = self.state / "logs" / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        tail = "".join(f"\n    {line}" for line in lines)
        return Failure(f"{name} {what}; the end of {log}:{tail}")

    def make_demo(self):
        token = demo.sign_in(self.place)
        self.place.write_env_file(
            DEMO_USERNAME=demo.USERNAME, DEMO_TOKEN=token,
            DEMO_PASSWORD=self.place.secrets["DEMO_PASSWORD"])
        self.explanation = demo.explanation(self.place, token)

    def start(self, name):
        part = self.part(name)
        if self.pid(name):
            return
        self.place.load_secrets()
        self.check_ports([part])
        self.spawn(part)
        self.wait_all([part])

    # ---- stopping ----

    def stop_all(self, names):
        """Whether all ended by themselves, in time."""
        return all([self.stop(name) for name in reversed(list(names))])

    def down(self):
        if not (self.state / "lock").exists():
            return True
        with self.lock():
            good = self.stop_all(self.parts)
            (self.state / "environment").unlink(missing_ok=True)
            return good

    def stop(self, name):
        good = process.stop(self.state, name, self.part(name).stop_signal, STOP_SECONDS)
        if not good:
            print(f"stack: {name} did not stop in {STOP_SECONDS} s and was killed", file=sys.stderr)
        return good

    def kill(self, name, number=signal.SIGKILL):
        self.part(name)
        if process.send(self.state, name, number) and number == signal.SIGKILL:
            process.wait_gone(self.state, name, STOP_SECONDS)

    def clean(self):
        self.down()
        self.place.clean()

    # ---- looking ----

    def describe(self, part):
        pid = self.pid(part.name)
        return f"pid {pid:<8} {'ready' if part.is_ready() else 'NOT READY'}" if pid else "stopped"

    def status(self):
        lines = {part.name: self.describe(part) for part in self.wanted()}
        for name, line in lines.items():
            print(f"{name:9} {line}")
        return all(line.endswith(" ready") for line in lines.values())

    def run(self):
        """In the foreground, until it is told to stop."""
        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in stops:
            signal.signal(number, signal.default_int_handler)
        try:
            self.up()
            print(f"{self.explanation}\nThe daemons' logs follow. Ctrl-C stops everything.\n")
            self.follow()
        except KeyboardInterrupt:
            pass
        finally:
            for number in stops:
                signal.signal(number, signal.SIG_IGN)
            print("stopping …", flush=True)
            good = self.down()
        return good

    def follow(self):
        logs = {name: self.open_log(name) for name in DAEMONS}
        running = {name for name in self.parts if self.pid(name)}
        while True:
            for name, log in logs.items():
                for line in log.readlines():
                    print(f"{name:8}| {line}", end="")
            now = {name for name in self.parts if self.pid(name)}
            for name in running - now:
                print(f"{name:8}| ended; `tools/stack start {name}` starts it again")
            running = now
            sys.stdout.flush()
            time.sleep(FOLLOW_S)

    def open_log(self, name):
        log = open(self.state / "logs" / f"{name}.log", errors="replace")
        log.seek(0, os.SEEK_END)
        return log
