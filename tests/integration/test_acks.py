# SPDX-License-Identifier: MIT
"""TikTok is told that we have a frame when what it brought is stored, not before: what is lost with us it may send again."""
import time

from suite import wait_for

AWAY_S = 2


def test_frames_are_acknowledged_in_their_order_when_their_events_are_stored(suite, live, connect, sim, user):
    sim.event(user.name, "chat", user="masha", text="before")
    before = live.wait("chat", message="before")
    wait_for(lambda: sim.room(user.name)["acks_good"] == 1, 5, "ack")
    texts = [f"meanwhile {number}" for number in range(20)]
    suite.stop_one("nats")
    for text in texts:
        sim.event(user.name, "chat", user="masha", text=text)
    time.sleep(AWAY_S)
    room = sim.room(user.name)
    assert (room["acks_good"], room["acks_bad"], room["connects"]) == (1, 0, 1)
    assert room["heartbeats"] > 0  # the connection is alive, only silent about those frames
    assert len(sim.delivered(user.name)) == 1

    suite.start_one("nats")
    wait_for(lambda: sim.room(user.name)["acks_good"] == 1 + len(texts), 20, "acks")
    room = sim.room(user.name)
    assert (room["acks_bad"], room["acks_missing"], room["connects"]) == (0, 0, 1)
    returned = connect(user, f"&since={before['seq']}")
    returned.wait("chat", message=texts[-1])
    assert [chat["message"] for chat in returned.all("chat")] == texts
