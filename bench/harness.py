# SPDX-License-Identifier: MIT
"""What the measurements share: a stack of their own, load generators, and who used the cores meanwhile."""
import asyncio
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS = int(os.environ.get("TTB_BENCH_SECONDS", "10"))
ROUNDS = 29000
DAEMONS = ("gateway", "auth", "license", "media", "events")


def free_ports(count):
    """The first of so many consecutive free ports."""
    for first in range(21000, 60000, count):
        sockets = []
        try:
            for number in range(first, first + count):
                sockets.append(socket.create_server(("127.0.0.1", number)))
            return first
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    sys.exit("bench: no free ports")


class Stack:
    def __init__(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix="ttb-bench-"))
        self.state.chmod(0o755)
        first = free_ports(12)
        names = ["EDGE", "HTTP", "WS", "MEDIA", "PG", "NATS", "SIM", "OPS"]
        self.env = {**os.environ, "TTB_STATE_DIR": str(self.state), "PBKDF2_ROUNDS": str(ROUNDS), "TTB_PROFILE": "release", "TTB_SIM_ARGS": "--rate 0",
                    "RATE_LIMIT_FACTOR": "0", "SOUNDS_PER_USER": "100000", "SOUND_BYTES_PER_USER": str(10**11),
                    "SIGN_PER_MINUTE": "10000", "WS_SOCKETS_PER_USER": "10",
                    **{f"TTB_{name}_PORT": str(first + i) for i, name in enumerate(names)}}

    def __enter__(self):
        try:
            self.call("up")
        except subprocess.CalledProcessError:
            self.__exit__()
            raise
        for line in (self.state / "env").read_text().splitlines():
            name, value = line.removeprefix("export ").split("=", 1)
            setattr(self, name, value.strip("'"))
        return self

    def __exit__(self, *_):
        self.call("down")
        shutil.rmtree(self.state)

    def call(self, *arguments):
        subprocess.run([ROOT / "tools/stack", *arguments], env=self.env, check=True)

    def secret(self, name):
        return re.search(rf"^{name}=(.*)$", (self.state / "secrets").read_text(), re.MULTILINE)[1]

    def pid(self, name):
        return int((self.state / "pids" / name).read_text())


def post(url, body, headers=None):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)


def sign_up(stack, name):
    return post(f"{stack.BASE}/v2/auth/register", {"username": name, "password": "StrongPass123"})["access_token"]


def rss_kib(pid, key="VmRSS"):
    return int(re.search(rf"^{key}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1])


def wrk(arguments, script=None, seconds=SECONDS):
    """Requests a second, p50 and p99 in ms, and how many answers were no 2xx."""
    command = ["wrk", "--latency", f"-d{seconds}s", *(["-s", script] if script else []), *arguments]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    scale = {"us": 0.001, "ms": 1, "s": 1000}

    def percentile(p):
        number, unit = re.search(rf"^\s+{p}%\s+([\d.]+)(us|ms|s)$", out, re.MULTILINE).groups()
        return float(number) * scale[unit]

    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    if errors:
        print(f"  socket errors: {errors[1]}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), percentile(50), percentile(99), int(bad[1]) if bad else 0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Shares:
    """Which process used how much of the cores meanwhile: what limits a run."""

    def __init__(self, stack):
        self.pids = {path.name: int(path.read_text()) for path in (stack.state / "pids").iterdir() if not path.suffix}
        self.before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        self.began = time.monotonic()

    def __str__(self):
        passed = time.monotonic() - self.began
        used = {name: (cpu_seconds(pid) - self.before[name]) / passed for name, pid in self.pids.items()}
        top = sorted(used.items(), key=lambda item: -item[1])[:5]
        return "cores used: " + ", ".join(f"{name} {share:.2f}" for name, share in top if share >= 0.01)


def rank(values, share):
    """The value below which that share of the sorted values lies."""
    return values[min(len(values) - 1, int(share * len(values)))]


async def inject(stack, names, rate, count):
    """Has a chat said in the lives by turns, which tells the time and its number in the live."""
    host, port = stack.SIM_URL.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    began = time.monotonic()
    for i in range(count):
        delay = began + i / rate - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        body = json.dumps({"type": "chat", "user": "viewer", "nickname": "V", "text": f"at {time.time() * 1000:.3f} {i // len(names) + 1}"})
        writer.write(f"POST /_sim/rooms/{names[i % len(names)]}/event HTTP/1.1\r\nHost: sim\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1]))
    writer.close()
    return count / (time.monotonic() - began)
