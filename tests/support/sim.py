# SPDX-License-Identifier: MIT
"""Steers the stand-in for TikTok: tools/webcast-sim/README.md, "Control"."""
import requests

TIMEOUT_S = 10


class Sim:
    def __init__(self, url):
        self.url = url
        self.session = requests.Session()

    def call(self, path, body=None, **options):
        reply = self.session.post(f"{self.url}/_sim/{path}", json=body, timeout=TIMEOUT_S, **options)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()

    def room(self, name):
        reply = self.session.get(f"{self.url}/_sim/rooms/{name}", timeout=TIMEOUT_S)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def set_room(self, name, **changes):
        """scenario, times, rate, status (2 live, 3 paused, 4 ended), room_id."""
        return self.call(f"rooms/{name}", changes)

    def event(self, name, kind, /, **fields):
        return self.call(f"rooms/{name}/event", {"type": kind, **fields})

    def raw(self, name, frame):
        """One WebSocket message, as it is, to all who watch the room."""
        return self.call(f"rooms/{name}/raw", data=frame)

    def message(self, name, method, payload):
        """A good frame with one message of the payload given."""
        return self.call(f"rooms/{name}/message?method={method}", data=payload)

    def drop(self, name):
        return self.call(f"rooms/{name}/drop", {})

    def sign(self, mode, times=0):
        return self.call("sign", {"mode": mode, "times": times})

    def pages(self, mode, times=0):
        return self.call("pages", {"mode": mode, "times": times})

    def gifts(self, mode, times=0):
        return self.call("gifts", {"mode": mode, "times": times})

    def stats(self):
        return self.session.get(f"{self.url}/_sim/stats", timeout=TIMEOUT_S).json()
