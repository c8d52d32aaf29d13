# SPDX-License-Identifier: MIT
"""?since=: a client that comes back misses nothing and hears nothing twice."""
import json
import time

import pytest

from gateway import Gateway
from live import LiveSocket
from suite import wait_for


@pytest.fixture
def talk(sim, user):
    """Has something said in the user's live."""
    def say(*texts):
        for text in texts:
            sim.event(user.name, "chat", user="masha", text=text)
    return say


@pytest.fixture
def history(connect, sim, user, talk):
    """The numbers of five chats, heard by a socket that has gone since; the live is watched for a while yet."""
    socket = connect(user)
    socket.wait("status", state="connected")
    wait_for(lambda: sim.room(user.name)["enters"], 10, "client in the room")
    talk(*(f"chat {i}" for i in range(5)))
    socket.wait("chat", message="chat 4")
    socket.close()
    return [chat["seq"] for chat in socket.all("chat")]


def texts(socket):
    return [chat["message"] for chat in socket.all("chat")]


@pytest.mark.parametrize("last_heard", [0, 3, 4])
def test_what_was_missed_comes_first_and_once(connect, user, talk, history, nats, last_heard):
    talk("missed 1", "missed 2")
    wait_for(lambda: stored_count(nats, user) >= 8, 10, "stored event")  # 5, 2, and a status at least
    socket = connect(user, f"&since={history[last_heard]}")
    socket.wait("chat", message="missed 2")
    talk("live again")
    socket.wait("chat", message="live again")
    assert texts(socket) == [f"chat {i}" for i in range(last_heard + 1, 5)] + ["missed 1", "missed 2", "live again"]
    assert not socket.all("gap")


def test_a_replay_under_load_has_no_gap_and_no_repeat(connect, sim, user, history):
    sim.set_room(user.name, rate=100)
    socket = connect(user, f"&since={history[0]}")
    witness = connect(user)
    start = witness.wait("chat", 10)["seq"]
    wait_for(lambda: len(witness.frames) > 200, 20, "events")
    sim.set_room(user.name, rate=0)
    end = witness.all("chat")[-1]["seq"]
    socket.wait("chat", seq=end)
    heard, seen = ([frame["id"] for frame in one.frames if start <= frame.get("seq", 0) <= end] for one in (socket, witness))
    assert heard == seen
    assert not socket.all("gap")


def test_who_comes_back_again_and_again_misses_nothing(suite, connect, sim, user, history):
    """At a gateway where nobody else listens: each time it begins to listen while events are on their way."""
    sim.set_room(user.name, rate=100)
    witness, heard, last = connect(user), [], history[4]
    with Gateway(suite) as gateway:
        gateway.wait_ready()
        for _ in range(20):
            with LiveSocket(f"{gateway.ws}/v2/ws?token={user.token}&since={last}") as socket:
                wait_for(lambda: socket.count() > 5, 10, "events")
                time.sleep(0.05)
            assert not socket.all("gap")
            heard += [frame for frame in socket.frames if "seq" in frame]
            last = heard[-1]["seq"]
    sim.set_room(user.name, rate=0)
    witness.wait(heard[-1]["type"], seq=last)
    first = witness.frames[0]["seq"]
    seen, ids = ([frame["id"] for frame in frames if first <= frame.get("seq", 0) <= last] for frames in (witness.frames, heard))
    assert len(ids) > 100
    assert ids == seen


@pytest.mark.parametrize("end,counts", [("kill", True), ("stop_one", False)])
def test_a_socket_misses_nothing_when_nats_starts_anew(suite, api, connect, sim, user, history, end, counts):
    """Gateway and events come back at different moments: what the one publishes before the other listens is read from the stream."""
    socket = connect(user, f"&since={history[-1]}" if counts else "")
    sim.set_room(user.name, rate=60)
    wait_for(lambda: socket.count() > 30, 10, "events")
    for _ in range(3):
        getattr(suite, end)("nats")
        suite.start_one("nats")
        time.sleep(2)
    sim.set_room(user.name, rate=0)

    def missing():
        events = sim.session.get(f"{sim.url}/_sim/rooms/{user.name}/delivered?from=0").json()["events"]
        heard = {frame.get("id") for frame in socket.frames}
        told = [event["msg_id"] for event in events if event["type"] in ("chat", "like", "join", "follow", "share")][5:]  # the history
        assert len(told) > 100
        return [msg_id for msg_id in told if msg_id not in heard]

    wait_for(lambda: not missing(), 20, "whole stream")
    assert not socket.all("gap")
    assert socket.close_code is None
    wait_for(lambda: api.get("/health").status_code == 200, 30, "health")


def stored_count(nats, user):
    answers = nats.request("$JS.API.STREAM.INFO.LIVE", json.dumps({"subjects_filter": f"live.{user.id}"}).encode(), 2, 1)
    return json.loads(answers[0][2])["state"].get("subjects", {}).get(f"live.{user.id}", 0)


def test_what_is_no_longer_kept_is_a_gap(connect, user, talk, history, nats):
    nats.request("$JS.API.STREAM.PURGE.LIVE", json.dumps({"filter": f"live.{user.id}"}).encode(), 2, 1)
    talk("kept")
    wait_for(lambda: stored_count(nats, user), 10, "stored event")
    socket = connect(user, f"&since={history[2]}")
    gap = socket.wait("gap")
    socket.wait("chat", message="kept")
    assert socket.frames[0] == gap
    assert gap["from"] > history[2] and gap["to"] >= gap["from"]
    assert texts(socket) == ["kept"]


def test_a_user_has_1000_events_of_10_minutes_kept(nats):
    config = json.loads(nats.request("$JS.API.STREAM.INFO.LIVE", b"", 2, 1)[0][2])["config"]
    assert (config["max_msgs_per_subject"], config["max_age"]) == (1000, 600 * 10**9)


def test_of_what_was_missed_the_last_1000_events_come(connect, user, tell, history, nats):
    first = time.time_ns() // 1000
    for number in range(1100):
        tell(user, f"missed {number}", f"missed-{number}", first + number)
    wait_for(lambda: stored_count(nats, user) >= 1000, 10, "stored event")
    socket = connect(user, f"&since={history[4]}")
    socket.wait("chat", 20, message="missed 1099")
    chats = socket.all("chat")
    oldest = 1100 - len(chats)  # a status may be among the thousand
    assert 100 <= oldest < 105
    assert [chat["message"] for chat in chats] == [f"missed {number}" for number in range(oldest, 1100)]
    gap = socket.all("gap")
    assert gap == socket.frames[:1]
    assert (gap[0]["from"], gap[0]["to"]) == (history[4] + 1, chats[0]["seq"] - 1)


def test_more_may_come_during_a_replay_than_can_wait(connect, user, tell, history, nats):
    """A socket has place for 256. The numbers are of the next hour, lest a status that comes meanwhile makes one of them old."""
    numbers, first = iter(range(700)), time.time_ns() // 1000 + 3600 * 10**6

    def tell_some(count):
        for _ in range(count):
            number = next(numbers)
            tell(user, f"event {number}", f"event-{number}", first + number)
    tell_some(200)
    wait_for(lambda: stored_count(nats, user) >= 206, 10, "stored event")
    socket = connect(user, f"&since={history[4]}")
    tell_some(500)
    socket.wait("chat", 30, message="event 699")
    assert texts(socket) == [f"event {number}" for number in range(700)]
    assert not socket.all("gap")


def test_an_event_that_was_replayed_and_is_sent_again_comes_once(connect, user, tell, history, nats):
    seq = time.time_ns() // 1000
    tell(user, "again", "again", seq)
    wait_for(lambda: stored_count(nats, user) >= 7, 10, "stored event")
    socket = connect(user, f"&since={history[4]}")
    socket.wait("chat", message="again")
    socket.wait("status", state="connected")  # whose number is of the same moment as ours would be
    tell(user, "again", "again", seq)
    tell(user, "last", "last", time.time_ns() // 1000)
    socket.wait("chat", message="last")
    assert texts(socket) == ["again", "last"]


@pytest.mark.parametrize("since", ["", "x", "-5", "99999999999999999999999", "1.5"])
def test_a_since_that_is_no_number_is_as_none(connect, user, talk, history, since):
    socket = connect(user, f"&since={since}")
    wait_for(lambda: talk("again") or socket.all("chat"), 10, "event")
    assert set(texts(socket)) == {"again"}


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_since_that_is_ahead_of_all_clocks_mutes_nobody(connect, user, talk, history, nats, is_kept):
    if not is_kept:
        nats.request("$JS.API.STREAM.PURGE.LIVE", json.dumps({"filter": f"live.{user.id}"}).encode(), 2, 1)
    socket = connect(user, f"&since={history[-1] + 1000 * 10**6}")
    socket.wait("status", state="connected")
    talk("after that")
    socket.wait("chat", message="after that")
    assert texts(socket) == ["after that"]
