# SPDX-License-Identifier: MIT
"""Two events replicas, and all that may happen to the one that serves a live. What the stand-in for TikTok has sent is held against
what a client got: each event once, none lost but those that were sent while nobody was connected to hear them.
"""
import signal
import threading
import time

import pytest

from faults import Stage, events_with
from replica import Replica
from suite import wait_for

TAKEOVER_S = 15
PAUSE_S = 0.02
MARGIN_S = 0.4  # what was sent so shortly before a process died may have died with it
RECOVERY_S = 30


@pytest.fixture
def usual_budget(suite):
    """Signatures are as scarce as by default."""
    with events_with(suite, SIGN_PER_MINUTE="20", SIGN_BURST="60"):
        yield


@pytest.fixture
def first(suite, api, db):
    """A replica that is alone when the test's live begins; the suite's own comes afterwards. Nothing is watched of the tests before."""
    suite.stop_one("events")
    db.execute("delete from events.watches")
    with Replica(suite) as replica:
        yield replica
    if not (suite.state / "pids" / "events").exists():
        suite.start_one("events")
    wait_for(lambda: api.get("/health").status_code == 200, RECOVERY_S, "health")


@pytest.fixture
def second(suite):
    """Starts the suite's own replica, and waits until it would take over what is left alone."""
    def start():
        suite.start_one("events")
        time.sleep(9)
    return start


class Talk:
    """Has something said in a live, fifty times a second."""

    def __init__(self, sim, name):
        self.sim, self.name = sim, name
        self.sent = []  # (text, when, how many heard it)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def run(self):
        while not self.stopping.wait(PAUSE_S):
            text, when = f"talk {len(self.sent)}", time.monotonic()
            clients = self.sim.event(self.name, "chat", user="masha", text=text)["clients"]
            self.sent.append((text, when, clients))

    def heard_by(self, clients, after=0.0):
        """Whether somebody has been sent something after that moment, so many at once."""
        return any(count >= clients and when > after for _, when, count in self.sent[-50:])


def heard(socket):
    return [chat["message"] for chat in socket.all("chat") if chat["message"].startswith("talk ")]


def hears_again(socket, after):
    """How long after that moment the client got a chat that was sent after it."""
    position = socket.count()
    socket.wait("chat", 40, after=position)
    return time.monotonic() - after


def in_order_and_once(texts):
    numbers = [int(text.split()[1]) for text in texts]
    return numbers == sorted(set(numbers))


def lost(talk, socket, during=()):
    """What was sent to somebody, and not while one of these spans lasted, and did not arrive."""
    socket.wait("chat", 20, message=talk.sent[-1][0])
    got = set(heard(socket))
    return [(text, round(when, 2)) for text, when, clients in talk.sent
            if text not in got and clients > 0 and not any(start <= when <= end for start, end in during)]


def connects(sim, user):
    return sim.room(user.name)["connects"]


# ---- one dies ----

def test_a_live_whose_replica_is_killed_goes_on_within_15_s(first, second, watch, sim, user):
    socket = watch(user)
    second()
    with Talk(sim, user.name) as talk:
        time.sleep(1)
        killed = time.monotonic()
        first.end(signal.SIGKILL)
        gone = wait_for(lambda: talk.heard_by(1, killed + MARGIN_S) and hears_again(socket, killed), RECOVERY_S, "chat")
        time.sleep(1)
    assert gone < TAKEOVER_S
    assert lost(talk, socket, [(killed - MARGIN_S, killed + MARGIN_S)]) == []
    assert in_order_and_once(heard(socket))
    assert connects(sim, user) == 2


def test_thirty_lives_whose_replica_is_killed_go_on_within_15_s(usual_budget, first, second, suite, api, sim):
    stage = Stage(suite, api, sim)
    rooms = [stage.open() for _ in range(30)]
    for room in rooms:
        room.socket.wait("status", 30, state="connected")
    second()
    killed = time.monotonic()
    first.end(signal.SIGKILL)
    for room in rooms:
        room.wait_count("connects", 2, RECOVERY_S)
        room.wait_goes_on()
    gone = time.monotonic() - killed
    stage.close()
    assert gone < TAKEOVER_S


def test_a_live_whose_replica_stops_goes_on_at_once(first, second, watch, sim, user):
    socket = watch(user)
    second()
    with Talk(sim, user.name) as talk:
        time.sleep(1)
        stopped = time.monotonic()
        ending = threading.Thread(target=first.end, args=(signal.SIGTERM,))
        ending.start()
        gone = wait_for(lambda: connects(sim, user) == 2 and hears_again(socket, stopped), RECOVERY_S, "chat")
        ending.join()
        time.sleep(1)
    assert gone < 4
    assert lost(talk, socket, [(stopped, stopped + gone)]) == []
    assert in_order_and_once(heard(socket))


# ---- one hangs, and goes on ----

def test_a_replica_that_was_stopped_and_goes_on_tells_nothing_twice(first, second, watch, sim, user):
    socket = watch(user)
    second()
    with Talk(sim, user.name) as talk:
        time.sleep(1)
        frozen = time.monotonic()
        first.freeze()
        wait_for(lambda: talk.heard_by(2, frozen), TAKEOVER_S, "new owner")
        taken = time.monotonic()
        gone = hears_again(socket, frozen)
        time.sleep(2)
        before = len(socket.all("status"))
        first.thaw()
        wait_for(lambda: not talk.heard_by(2, time.monotonic() - 0.3), 3, "end of the old connection")
        time.sleep(2)
    assert gone < TAKEOVER_S
    assert lost(talk, socket, [(frozen - MARGIN_S, taken)]) == []
    assert in_order_and_once(heard(socket))
    assert len(socket.all("status")) == before


# ---- Postgres is away for one ----

def test_a_replica_cut_off_from_postgres_is_quiet_before_another_speaks(first, second, watch, sim, user):
    socket = watch(user)
    second()
    with Talk(sim, user.name) as talk:
        time.sleep(1)
        cut = time.monotonic()
        first.proxy.freeze()
        wait_for(lambda: connects(sim, user) == 2, TAKEOVER_S, "new owner")
        taken = time.monotonic()
        gone = hears_again(socket, taken)
        wait_for(lambda: first.metric("ttb_live_rooms") == 0, 5, "quiet")
        first.proxy.mend()
        time.sleep(4)
    assert taken - cut < TAKEOVER_S and gone < 2
    assert max(clients for _, _, clients in talk.sent) == 1, "both were connected"
    assert lost(talk, socket, [(taken - 1, taken)]) == []
    assert in_order_and_once(heard(socket))
    wait_for(first.is_ready, RECOVERY_S, "readiness")


# ---- Postgres is away for all ----

def test_a_postgres_that_is_away_for_all_moves_no_live_and_silences_none(suite, first, second, watch, sim, user):
    """For longer than a lease lasts."""
    socket = watch(user)
    second()
    with Talk(sim, user.name) as talk:
        time.sleep(1)
        suite.stop_one("postgres")
        away = time.monotonic()
        time.sleep(12)
        assert hears_again(socket, time.monotonic()) < 2
        suite.start_one("postgres")
        assert time.monotonic() - away > 10
        wait_for(first.is_ready, RECOVERY_S, "readiness")
        time.sleep(3)
    assert lost(talk, socket) == []
    assert in_order_and_once(heard(socket))
    assert connects(sim, user) == 1


# ---- gifts ----

def test_a_streak_that_runs_across_a_takeover_ends_once_with_its_total(first, second, watch, sim, user):
    rose = {"user": "masha", "gift_id": 5655, "name": "Rose", "diamonds": 3}
    socket = watch(user)
    second()
    for count in (1, 2, 3):
        sim.event(user.name, "gift", **rose, count=count, streak=True)
    socket.wait("gift", count=3)
    first.end(signal.SIGKILL)
    wait_for(lambda: connects(sim, user) == 2, TAKEOVER_S, "new owner")
    wait_for(lambda: sim.event(user.name, "gift", **rose, count=4, streak=True)["clients"], 10, "client in the room")
    sim.event(user.name, "gift", **rose, count=5)
    final = socket.wait("gift", count=5)
    sim.event(user.name, "chat", user="masha", text="after")
    socket.wait("chat", message="after")
    gifts = socket.all("gift")
    assert [gift for gift in gifts if gift["streak"]["final"]] == [final]
    assert final["diamonds"] == 15
    assert len({gift["streak"]["id"] for gift in gifts}) == 1


# ---- many lives ----

def test_replicas_share_the_lives(suite, first, connect, make_user, db):
    suite.start_one("events")
    users = [make_user() for _ in range(8)]

    def shares():
        db.execute("select count(*) from events.streams where username = any(%s) group by owner", ([user.name for user in users],))
        return sorted(count for count, in db.fetchall())

    sockets = [connect(user) for user in users]
    for socket in sockets:
        socket.wait("status", state="connected")
    assert shares() == [4, 4]
    before = [len(socket.all("status")) for socket in sockets]
    first.end(signal.SIGTERM)
    wait_for(lambda: shares() == [8], 5, "one owner of all")
    time.sleep(2)
    moved = [len(socket.all("status")) > count for socket, count in zip(sockets, before)]
    assert sum(moved) == 4, "who was not concerned was told something"
    assert all(socket.all("status")[-1]["state"] == "connected" for socket in sockets)
