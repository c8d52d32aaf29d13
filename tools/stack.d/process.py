# SPDX-License-Identifier: MIT
"""Processes that outlive the command that starts them. In the state folder, for each name:

pids/NAME      its process id
started/NAME   when that process started: with it the id means one process for ever, while an id
               alone comes round again
logs/NAME.log  its output
"""
import os
import pathlib
import signal
import subprocess
import time

PAUSE_S = 0.02
KILL_SECONDS = 5


class Failure(Exception):
    """What the person who typed the command should read, without a traceback."""


def start_time(pid):
    """In clock ticks; None when there is no such process, or only what is left of one."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rsplit(")", 1)[1].split()
    return None if fields[0] in "ZX" else fields[19]


def find(state, name):
    """The id of the process, None when it is not running."""
    try:
        pid = int((state / "pids" / name).read_text())
        started = (state / "started" / name).read_text()
    except (OSError, ValueError):
        return None
    return pid if start_time(pid) == started else None


def spawn(state, name, command, environment, **options):
    with open(state / "logs" / f"{name}.log", "ab") as log:
        child = subprocess.Popen(command, env=environment, cwd="/", stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, start_new_session=True, **options)
    (state / "started" / name).write_text(start_time(child.pid) or "")
    (state / "pids" / name).write_text(f"{child.pid}\n")
    return child


def send(state, name, number):
    """The id of the process that got the signal, None when there is none."""
    pid = find(state, name)
    if pid:
        os.kill(pid, number)
    return pid


def wait_gone(state, name, seconds):
    deadline = time.monotonic() + seconds
    while find(state, name):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    (state / "pids" / name).unlink(missing_ok=True)
    return True


def stop(state, name, number, seconds):
    """False when it did not end in time and was killed, with what it had started."""
    pid = send(state, name, number)
    if not pid or wait_gone(state, name, seconds):
        return True
    os.killpg(pid, signal.SIGKILL)
    wait_gone(state, name, KILL_SECONDS)
    return False
