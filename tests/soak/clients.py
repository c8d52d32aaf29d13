# SPDX-License-Identifier: MIT
"""Users whose clients come back whenever they are thrown out, and say how far they have heard: `?since=`. What they got is kept."""
import asyncio
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field

import websockets

OPEN_SECONDS = 10
RETRY_S = (0.1, 0.6)
FAILURES = (OSError, asyncio.TimeoutError, websockets.WebSocketException)


@dataclass
class Client:
    """One user's, at one address. frames: what had an id, in order of arrival."""
    name: str
    url: str
    frames: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    refusals: Counter = field(default_factory=Counter)  # HTTP statuses of handshakes
    closes: Counter = field(default_factory=Counter)  # close codes
    connects: int = 0
    last_seq: int = 0

    async def run(self, ended):
        while not ended.is_set():
            try:
                await self.listen(ended)
            except websockets.InvalidStatusCode as refusal:
                self.refusals[refusal.status_code] += 1
            except FAILURES as failure:
                self.closes[type(failure).__name__] += 1
            await asyncio.sleep(random.uniform(*RETRY_S))

    async def listen(self, ended):
        async with websockets.connect(f"{self.url}&since={self.last_seq}", open_timeout=OPEN_SECONDS, max_size=None) as socket:
            self.connects += 1
            while not ended.is_set():
                try:
                    self.take(json.loads(await asyncio.wait_for(socket.recv(), 1)))
                except asyncio.TimeoutError:
                    continue
                except websockets.ConnectionClosed:
                    break
        self.closes[socket.close_code] += 1

    def take(self, frame):
        if frame["type"] == "gap":
            self.gaps.append({**frame, "after": len(self.frames)})
        if "id" not in frame:
            return
        self.frames.append({name: frame[name] for name in ("id", "seq", "ts", "type", "username", "count", "state") if name in frame})
        self.last_seq = max(self.last_seq, frame["seq"])


class Clients:
    """All of them, in a thread of their own."""

    def __init__(self, clients):
        self.clients = clients
        self.ended = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    async def run(self):
        await asyncio.gather(*(client.run(self.ended) for client in self.clients))
