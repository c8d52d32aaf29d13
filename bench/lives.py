# SPDX-License-Identifier: MIT
"""From the simulator's frame to the client's socket."""
import asyncio
import json
import os
import pathlib
import subprocess
import time
import urllib.request

import websockets

from harness import ROOT, SECONDS, Shares, inject, rank, sign_up


async def read_latencies(url, count, latencies):
    async with websockets.connect(url, max_queue=None) as ws:
        while len(latencies) < count:
            event = json.loads(await ws.recv())
            if event["type"] == "chat" and event["message"].startswith("at "):
                latencies.append(time.time() * 1000 - float(event["message"].split()[1]))


async def run_live(stack, name, token, rate, count):
    latencies = []
    url = f"{stack.GATEWAY_WS}/v2/ws?token={token}"
    reading = asyncio.create_task(read_latencies(url, count, latencies))
    for _ in range(100):
        await asyncio.sleep(0.1)
        room = json.load(urllib.request.urlopen(f"{stack.SIM_URL}/_sim/stats", timeout=5))
        if name in json.dumps(room):
            break
    await asyncio.sleep(2)
    await inject(stack, [name], rate, count)
    try:
        await asyncio.wait_for(reading, 5)
    except asyncio.TimeoutError:
        reading.cancel()
    return sorted(latencies)


def live(stack):
    name, rate = "bench.live", 500
    token = sign_up(stack, name)
    subprocess.run(["psql", "-qX", stack.DATABASE_URL, "-c",
                    "update auth.settings set tts_enabled = false from auth.users where users.id = user_id and username = 'bench.live'"], check=True)
    shares = Shares(stack)
    latencies = asyncio.run(run_live(stack, name, token, rate, rate * SECONDS))
    if not latencies:
        print("live: no event arrived")
        return
    print(f"live: simulator to socket at {rate} events/s: p50 {rank(latencies, .5):.2f} ms, p99 {rank(latencies, .99):.2f} ms, max {latencies[-1]:.1f} ms, "
          f"{len(latencies)} of {rate * SECONDS} arrived   (goal: p99 5 ms; includes the simulator, and this reader in Python)\n  {shares}")


def decode(_):
    """Recorded traffic, from the socket's frames to events, on one core."""
    recordings = pathlib.Path(os.environ.get("TTB_SHARED", ROOT.parent / "shared")) / "webcast/core"
    if not recordings.is_dir():
        print("decode: no recordings here")
        return
    for mix, what in (("traffic", "methods as often as in a live"), ("even", "each recording as often as any other")):
        command = [ROOT / "build/release/bin/bench-decode", recordings, str(SECONDS), mix]
        rate, size = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        print(f"decode: {rate} messages/s on one core, of {size} bytes, {what}   (goal: 200,000/s)")
