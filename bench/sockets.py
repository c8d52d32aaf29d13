# SPDX-License-Identifier: MIT
"""Many WebSockets at one gateway: what arrives when they are busy, and what they cost when they are idle."""
import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
import uuid

from harness import ROOT, SECONDS, Shares, cpu_seconds, free_ports, inject, rss_kib

sys.path.insert(0, str(ROOT / "tests/support"))
from tokens import make_token  # noqa: E402

IDLE_SECONDS = int(os.environ.get("TTB_BENCH_IDLE_SECONDS", "60"))
DAY_S = 86400


def make_users(stack, name, count, lives=0):
    """Users without a password, by SQL; their tokens. Each watches one of so many lives."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    users = ", ".join(f"('{id_}'::uuid, '{name}.{number}', '', '{name}.live{number % lives if lives else number}')" for number, id_ in enumerate(ids))
    subprocess.run(["psql", "-qX", stack.DATABASE_URL], check=True, text=True, input=f"""
        with new (id, username, password_hash, live) as (values {users}),
        users as (insert into auth.users (id, username, password_hash) select id, username, password_hash from new)
        insert into auth.settings (user_id, tts_enabled, tiktok_username) select id, false, live from new""")
    secret, now = stack.secret("JWT_SECRET"), int(time.time())
    return [make_token(secret, {"sub": id_, "sid": str(uuid.uuid4()), "iat": now, "exp": now + DAY_S}) for id_ in ids]


class Clients:
    """bench-sockets, with all of its sockets open."""

    def __init__(self, stack, url, tokens):
        host, port = re.fullmatch(r"ws://(.*):(\d+)", url).groups()
        paths = stack.state / "sockets.txt"
        paths.write_text("".join(f"/v2/ws?token={token}\n" for token in tokens))
        self.process = subprocess.Popen([ROOT / "build/release/bin/bench-sockets", host, port, paths], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "open\n"

    def report(self):
        return json.loads(self.process.communicate(timeout=60)[0])


# ---- busy ----

def get_json(url):
    with urllib.request.urlopen(url, timeout=5) as reply:
        return json.load(reply)


def wait_for_lives(stack, names):
    deadline = time.monotonic() + 60
    while not all(get_json(f"{stack.SIM_URL}/_sim/rooms/{name}")["enters"] for name in names):
        if time.monotonic() > deadline:
            sys.exit("bench: the lives are not being watched")
        time.sleep(0.5)
    time.sleep(3)  # settings are asked for


def busy(stack):
    """Each chat is an event for each of the ten users that watch the live, and a frame on each of their ten sockets."""
    users, per_user, lives, rate = 500, 10, 50, 2000
    watchers = users // lives
    tokens = make_users(stack, "bs", users, lives)
    clients = Clients(stack, stack.GATEWAY_WS, [token for token in tokens for _ in range(per_user)])
    names = [f"bs.live{number}" for number in range(lives)]
    wait_for_lives(stack, names)
    shares = Shares(stack)
    chats = rate // watchers * SECONDS
    reached = asyncio.run(inject(stack, names, rate // watchers, chats)) * watchers
    used = str(shares)
    told = clients.report()
    wanted = chats * watchers * per_user
    print(f"sockets: {told['open']} of {users} users, {reached:.0f} events/s for them ({reached * per_user:.0f} frames/s): {told['chats']} of {wanted} arrived, {told['faults']} out of "
          f"order, closed {told['closes'] or 0}; from the simulator p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f}, p99.9 {told['p999']:.1f}, max {told['max']:.0f}   "
          f"(goal: 5,000 sockets, 2,000 events/s, none dropped, p99 25 ms)\n  {used}")


# ---- idle ----

class Gateway:
    """A gateway of its own, which watches nothing by itself."""

    def __init__(self, stack):
        self.stack, first = stack, free_ports(3)
        self.ws, self.ops = f"ws://127.0.0.1:{first + 1}", f"http://127.0.0.1:{first + 2}"
        self.environment = {
            **os.environ, "HTTP_PORT": str(first), "WS_PORT": str(first + 1), "OPS_PORT": str(first + 2), "RATE_LIMIT_FACTOR": "0",
            "NATS_URL": stack.NATS_URL, "NATS_USER": "gateway", "NATS_PASSWORD": stack.secret("NATS_PASSWORD_GATEWAY"),
            "JWT_SECRET": stack.secret("JWT_SECRET"), "TT_WS_AUTOSTART": "0"}

    def __enter__(self):
        with open(self.stack.state / "logs" / "gateway-idle.log", "w") as log:
            self.process = subprocess.Popen(["chrt", "--batch", "0", ROOT / "build/release/bin/ttb-gateway"], env=self.environment, stderr=log)
        deadline = time.monotonic() + 20
        while not self.is_ready():
            if time.monotonic() > deadline:
                sys.exit("bench: the gateway does not start")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.ops}/readyz", timeout=2):
                return True
        except OSError:
            return False


def idle(stack):
    """The dearest kind: a user each, so that no two share a room and a subscription."""
    count = 15000
    tokens = make_users(stack, "idle", count)
    with Gateway(stack) as gateway:
        pid = gateway.process.pid
        time.sleep(2)
        before = rss_kib(pid)
        began = time.monotonic()
        clients = Clients(stack, gateway.ws, tokens)
        opening = time.monotonic() - began
        time.sleep(5)
        opened = rss_kib(pid)
        cpu, began = cpu_seconds(pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        share = (cpu_seconds(pid) - cpu) / (time.monotonic() - began)
        after = rss_kib(pid)
        told = clients.report()
    print(f"idle: {told['open']} of {count} sockets of as many users open after {IDLE_SECONDS} s, closed {told['closes'] or 0}, refused {told['refused']}; opened at {count / opening:.0f}/s; "
          f"{(opened - before) / count:.2f} KiB of RSS a socket, {(after - before) / count:.2f} at the end; gateway {share:.3f} of a core   (goal: 15,000 for 300 s, 8 KB)")
