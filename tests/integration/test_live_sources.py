# SPDX-License-Identifier: MIT
"""One event for what TikTok tells in several ways, and recorded numbers that contradict each other."""
import json
import os
import time
from pathlib import Path

import pytest

from suite import ROOT, wait_for

SHARED = Path(os.environ.get("TTB_SHARED", ROOT.parent / "shared")) / "webcast"
recorded = pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings are not here")


@pytest.mark.parametrize("first,others", [
    ("subscribe", ("subscribe_banner", "subscribe_member")),
    ("subscribe_banner", ("subscribe_member", "subscribe")),
    ("subscribe_member", ("subscribe", "subscribe_banner")),
])
def test_a_subscription_is_told_once_whatever_tells_of_it(live, sim, user, first, others):
    for kind in (first, *others):
        sim.event(user.name, kind, user="masha", nickname="Маша")
    sim.event(user.name, others[0], user="petya", nickname="Петя")
    live.wait("subscribe", username="petya")
    assert [(event["user"], event["username"]) for event in live.all("subscribe")] == [("Маша", "masha"), ("Петя", "petya")]
    assert not live.all("viewer_join")


def test_a_chat_of_emotes_only_is_shown_and_not_spoken(live, sim, user):
    sim.event(user.name, "emote", user="masha", nickname="Маша")
    chat = live.wait("chat", username="masha")
    assert chat["message"] == "🙂"
    assert "tts_url" not in chat


@recorded
def test_recorded_totals_of_likes_never_fall(live, sim, user):
    likes = json.loads((SHARED / "stats/likes.json").read_text())["events"]
    for count, total in likes:
        sim.event(user.name, "like", user="masha", count=count, total=total)
    live.wait("like", 20, total=max(total for _, total in likes))
    sim.event(user.name, "like", user="petya", count=1, total=1)
    live.wait("like", username="petya")
    totals = [like["total"] for like in live.all("like")]
    assert totals == sorted(totals)
    assert sum(like["count"] for like in live.all("like") if like["username"] == "masha") == sum(count for count, _ in likes)


@recorded
def test_a_recorded_live_is_understood(live, sim, suite, user):
    """Every recorded message but the ends, sent as it is: none is unknown, none can't be read."""
    counters = ("ttb_webcast_bad_messages_total", "ttb_webcast_unknown_messages_total", "ttb_webcast_bad_frames_total")

    def count():
        return [suite.metric("events", name) for name in counters]

    def settles():  # lives of other tests may still be open, and play rubbish
        earlier = count()
        time.sleep(3)
        return count() == earlier
    wait_for(settles, 60, "quiet")
    before = count()
    files = [file for file in sorted(SHARED.glob("core/*/*.pb")) if file.parent.name != "WebcastControlMessage"]
    for file in files:
        sim.message(user.name, file.parent.name, file.read_bytes())
    sim.event(user.name, "chat", user="masha", text="after")
    live.wait("chat", 20, message="after")
    assert count() == before
    finals = [gift for gift in live.all("gift") if gift.get("streak", {"final": True})["final"]]
    assert len(live.all("chat")) > 80 and len(finals) > 10 and len(live.all("subscribe")) == 1
    room = sim.room(user.name)
    assert room["acks_bad"] == room["acks_missing"] == 0
