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

    def delivered(self, name):
        """Everything of a room that a client has acknowledged, in the order in which it was sent."""
        events, position = [], 0
        while True:
            reply = self.session.get(f"{self.url}/_sim/rooms/{name}/delivered?from={position}", timeout=TIMEOUT_S)
            assert reply.status_code == 200, reply.text
            page = reply.json()
            events += page["events"]
            if not page["events"]:
                return events
            position = page["next"]

    def set_room(self, name, **changes):
        """scenario, times, rate, status (2 live, 3 paused, 4 ended), room_id; sign, pages: modes for this room."""
        return self.call(f"rooms/{name}", changes)

    def event(self, name, kind, /, **fields):
        return self.call(f"rooms/{name}/event", {"type": kind, **fields})

    def raw(self, name, frame):
        """One WebSocket message, as it is, to all who watch the room."""
        return self.call(f"rooms/{name}/raw", data=frame)

    def message(self, name, method, payload):
        """A good frame with one message of the payload given."""
        return self.call(f"rooms/{name}/message?method={method}", data=payload)

    def drop(self, name, code=0):
        return self.call(f"rooms/{name}/drop", {"code": code})

    def stall(self, name):
        """The sockets that are open now fall silent."""
        return self.call(f"rooms/{name}/stall", {})

    def sign(self, mode, times=0, **more):
        return self.call("sign", {"mode": mode, "times": times, **more})

    def stats(self):
        reply = self.session.get(f"{self.url}/_sim/stats", timeout=TIMEOUT_S)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def pages(self, mode, times=0):
        return self.call("pages", {"mode": mode, "times": times})

    def gifts(self, mode, times=0):
        return self.call("gifts", {"mode": mode, "times": times})
