# SPDX-License-Identifier: MIT
"""What the tests of TikTok's faults share: an events daemon without patience, and rooms that are set up and watched all at once, so
that their scenarios run side by side."""
import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from live import LiveSocket
from suite import wait_for

STALE_S = 4
NO_DATA_S = 2
IMPATIENT = {"STALE_AFTER_MS": str(STALE_S * 1000), "NO_DATA_AFTER_MS": str(NO_DATA_S * 1000), "OFFLINE_POLL_MS": "1000"}
NOT_OURS = ("enters_bad", "heartbeats_bad", "frames_bad", "acks_bad", "acks_missing")  # what the stand-in counts when we do something wrong


def restart_events(suite, db=None):
    """db: a cursor, for nobody to watch anything any more."""
    suite.stop_one("events")
    if db:
        db.execute("delete from events.watches")
    suite.start_one("events")


@contextmanager
def events_with(suite, db=None, **settings):
    """An events daemon with these settings; afterwards it has its old ones."""
    before = dict(suite.environment)
    try:
        suite.environment.update(settings)
        restart_events(suite, db)
        yield
    finally:
        suite.environment.clear()
        suite.environment.update(before)
        restart_events(suite)


@dataclass
class Room:
    """A user, the room of the user's live, and a socket that watches it."""
    sim: object
    name: str
    settings: dict = field(default_factory=dict)
    socket: object = None

    def counters(self):
        return self.sim.room(self.name)

    def count(self, name):
        return self.counters()[name]

    def set(self, **changes):
        return self.sim.set_room(self.name, **changes)

    def say(self, text):
        self.sim.event(self.name, "chat", user="masha", text=text)

    def states(self):
        """The states that the client was told, one after the other, without repetitions."""
        states = [frame["state"] for frame in self.socket.all("status")]
        return [state for i, state in enumerate(states) if i == 0 or states[i - 1] != state]

    def messages(self):
        return [frame["message"] for frame in self.socket.all("status")]

    def errors(self):
        return [frame["code"] for frame in self.socket.all("error")]

    def delivered(self, kind):
        """The messages of a kind that we have acknowledged, as the stand-in lists them."""
        return [event for event in self.sim.delivered(self.name) if event["type"] == kind]

    def wait_count(self, name, least, seconds=15):
        wait_for(lambda: self.count(name) >= least, seconds, f"{least} {name} of {self.settings}, but {self.counters()}")

    def wait_goes_on(self, seconds=15):
        """Says something until the client hears it: at once, in a room that is connected."""
        said = []

        def is_heard():
            said.append(f"still here {len(said)}")
            self.say(said[-1])
            return any(chat["message"] in said for chat in self.socket.all("chat"))
        wait_for(is_heard, seconds, f"chat in the room of {self.settings}, but {self.socket.frames[-3:]}, {self.counters()}")

    def assert_all_chats_arrive(self):
        """Each chat that the stand-in counts as delivered has reached the client, once and in order."""
        wait_for(lambda: len(self.socket.all("chat")) >= len(self.delivered("chat")), 10, "chat")
        self.set(rate=0)
        wanted = [chat["user"] for chat in self.delivered("chat")]
        wait_for(lambda: len(self.socket.all("chat")) >= len(wanted), 10, "chat")
        heard = [chat["username"] for chat in self.socket.all("chat")]
        assert heard[:len(wanted)] == wanted  # an ack may be a moment behind

    def assert_we_did_no_wrong(self):
        counters = self.counters()
        assert {name: counters[name] for name in NOT_OURS} == dict.fromkeys(NOT_OURS, 0)


class Stage:
    """Opens rooms and closes their sockets."""
    numbers = itertools.count(1)

    def __init__(self, suite, api, sim):
        self.suite, self.api, self.sim = suite, api, sim
        self.rooms = []

    def open(self, settings=None, prefix="fault"):
        """A user whose live's room is set up like this; the user watches it from now on."""
        name = f"{prefix}_{next(self.numbers)}"
        reply = self.api.post("/v2/auth/register", {"username": name, "password": "correct horse"})
        room = Room(self.sim, name, settings or {})
        if settings:
            room.set(**settings)
        base = self.suite.env["BASE"].replace("http", "ws")
        room.socket = LiveSocket(f"{base}/v2/ws?token={reply.json()['access_token']}")
        self.rooms.append(room)
        return room

    def open_all(self, all_settings):
        """name → settings of a room; returns name → Room."""
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(all_settings, pool.map(self.open, all_settings.values())))

    def close(self):
        for room in self.rooms:
            room.set(rate=0)
            room.socket.close()
        for room in self.rooms:
            room.socket.check()


@contextmanager
def stage(suite, api, sim, db=None, **settings):
    """A stage, and an events daemon without patience. db: a cursor, for nobody to watch anything yet."""
    with events_with(suite, db, **{**IMPATIENT, **settings}):
        stage_ = Stage(suite, api, sim)
        yield stage_
        stage_.close()
