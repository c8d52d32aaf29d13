# SPDX-License-Identifier: MIT
"""A WebSocket client that reads in the background and holds every frame against proto/live.yaml."""
import asyncio
import contextlib
import json
import threading
import time
from pathlib import Path

import websockets
import yaml

from api import validator

ROOT = Path(__file__).resolve().parent.parent.parent
LIVE = yaml.safe_load((ROOT / "proto/live.yaml").read_text())
MESSAGES = LIVE["channels"]["events"]["messages"]
OPEN_SECONDS = 10


class Refused(Exception):
    """The handshake was answered with an HTTP error."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class LiveSocket:
    """Frames in order of arrival are in `frames`; what was wrong with them is told by close()."""

    def __init__(self, url, headers=None):
        self.frames = []
        self.problems = []
        self.close_code = None
        self.changed = threading.Condition()
        self.opened = threading.Event()
        self.refusal = None
        self.socket = None
        self.loop = None
        self.thread = threading.Thread(target=lambda: asyncio.run(self.read(url, headers or {})), daemon=True)
        self.thread.start()
        assert self.opened.wait(OPEN_SECONDS), "the handshake takes too long"
        if self.refusal:
            self.thread.join()
            raise self.refusal

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.close()
        if kind is None:
            self.check()

    # ---- in the background ----

    async def read(self, url, headers):
        self.loop = asyncio.get_running_loop()
        try:
            self.socket = await websockets.connect(url, extra_headers=headers, max_size=None, ping_interval=None,
                                                   open_timeout=OPEN_SECONDS)
        except websockets.InvalidStatusCode as refusal:
            self.refusal = Refused(refusal.status_code)
            self.opened.set()
            return
        except Exception as failure:  # told in the thread that waits
            self.refusal = failure
            self.opened.set()
            return
        self.opened.set()
        try:
            async for text in self.socket:
                self.take(text)
        except websockets.ConnectionClosed:
            pass
        await self.socket.close()
        with self.changed:
            self.close_code = self.socket.close_code
            self.changed.notify_all()

    def take(self, text):
        try:
            frame = json.loads(text)
            self.check_frame(frame)
        except (ValueError, AssertionError) as problem:
            self.problems.append(f"{problem}: {text}")
            return
        with self.changed:
            self.frames.append(frame)
            self.changed.notify_all()

    def check_frame(self, frame):
        message = MESSAGES.get(frame.get("type"))
        assert message, "unknown type"
        self.check_payload(message["payload"], frame)
        if "seq" in frame:
            numbered = [earlier for earlier in self.frames if "seq" in earlier]
            assert not numbered or frame["seq"] > numbered[-1]["seq"], "seq does not rise"

    def check_payload(self, schema, frame):
        errors = [error.message for error in validator(LIVE, schema).iter_errors(frame)]
        assert not errors, str(errors)

    # ---- for tests ----

    def send(self, text):
        """An object as JSON, or text as it is."""
        text = text if isinstance(text, str) else json.dumps(text)
        asyncio.run_coroutine_threadsafe(self.socket.send(text), self.loop).result(OPEN_SECONDS)

    def wait(self, type_, seconds=10, after=0, **fields):
        """The first frame of the type and with these values, also one that has come already; after skips so many."""
        def fits(frame):
            return frame["type"] == type_ and all(frame.get(name) == value for name, value in fields.items())

        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for frame in self.frames[after:]:
                    if fits(frame):
                        return frame
                left = deadline - time.monotonic()
                assert self.close_code is None, f"closed with {self.close_code}, no {type_} {fields}"
                assert left > 0, f"no {type_} {fields} in {seconds} s; the last frames: {self.frames[-5:]}"
                self.changed.wait(left)

    def wait_closed(self, seconds=10):
        """The close code."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.close_code is not None, seconds), "the socket stays open"
        return self.close_code

    def all(self, type_):
        with self.changed:
            return [frame for frame in self.frames if frame["type"] == type_]

    def count(self):
        with self.changed:
            return len(self.frames)

    def close(self):
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self.loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self.socket.close()))
        self.thread.join(OPEN_SECONDS)

    def check(self):
        assert not self.problems, "\n".join(self.problems)
        ids = [frame["id"] for frame in self.frames if "id" in frame]
        twice = [frame for frame in self.frames if "id" in frame and ids.count(frame["id"]) > 1]
        assert not twice, f"events came twice: {twice}"


class V1Socket(LiveSocket):
    """One of the old API, whose events have neither id nor seq."""

    def check_payload(self, schema, frame):
        assert not {"id", "seq"} & set(frame), "v1 has neither id nor seq"
        super().check_payload(schema, frame if frame["type"] == "pong" else {**frame, "id": "none", "seq": 1})
