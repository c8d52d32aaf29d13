# SPDX-License-Identifier: MIT
"""Holds what TikTok's stand-in says it has delivered against what clients got. No I/O.

delivered   the stand-in's events of a live whose frames were acknowledged, in the order of sending: tools/webcast-sim/README.md
frames      what a client got that had an id, in the order of arrival: clients.py
gaps        the gap frames among them

All that was delivered is told: chats, likes and what people do each by its id, gifts by one last event with their count. Viewer counts and
states are not told one to one. What was told without having been acknowledged is well: the word of it got lost.
"""
from collections import Counter, defaultdict, namedtuple
from datetime import datetime, timedelta

Violation = namedtuple("Violation", "kind text")

STREAK_PATIENCE = timedelta(seconds=11.5)  # services/events/domain/streaks.h says 12

TOLD = {"chat": "chat", "like": "like", "join": "viewer_join", "follow": "follow", "share": "share"}


def check(delivered, frames, gaps):
    yield from check_frames(frames, gaps)
    yield from check_told(delivered, frames)
    yield from check_gifts(delivered, frames)
    yield from check_order(delivered, frames)


def check_frames(frames, gaps):
    for gap in gaps:
        yield Violation("gap", str(gap))
    for frame_id, count in Counter(frame["id"] for frame in frames).items():
        if count > 1:
            yield Violation("twice", f"{frame_id}: {[frame for frame in frames if frame['id'] == frame_id]}")
    for before, after in zip(frames, frames[1:]):
        if after["seq"] <= before["seq"]:
            yield Violation("seq does not rise", f"{before} {after}")


def check_told(delivered, frames):
    got = {frame["id"]: frame for frame in frames}
    for event in delivered:
        if event["type"] not in TOLD:
            continue
        frame = got.get(event["msg_id"])
        if not frame:
            yield Violation("lost", str(event))
        elif (frame["type"], frame.get("username")) != (TOLD[event["type"]], event["user"]):
            yield Violation("told wrongly", f"{event} {frame}")


def check_gifts(delivered, frames):
    """A streak's last message has a last event of that count; other gifts have one by their id."""
    got = {frame["id"]: frame for frame in frames if frame["type"] == "gift"}
    for event in delivered:
        if event["type"] != "gift" or event["group_id"] != "0" and not event["end"]:
            continue
        streak = f"g{event['user_id']}-{event['gift_id']}-{event['group_id']}"
        frame = got.get(event["msg_id"] if event["group_id"] == "0" else f"{streak}-final")
        if not frame:
            yield Violation("lost gift", str(event))
        elif frame["count"] != event["count"] and not ended_by_itself(streak, got):
            yield Violation("wrong total", f"{event} {frame}")


def ended_by_itself(streak, got):
    """Whether nothing was heard of it for so long, as while nobody was connected, that its end was not waited for any more."""
    final = got[f"{streak}-final"]
    step = got.get(f"{streak}-{final['count']}")
    return step and datetime.fromisoformat(final["ts"]) - datetime.fromisoformat(step["ts"]) >= STREAK_PATIENCE


def check_order(delivered, frames):
    """What one viewer did is told in the order of sending."""
    place = {frame["id"]: number for number, frame in enumerate(frames)}
    latest = defaultdict(lambda: (-1, None))
    for event in delivered:
        if event["type"] not in TOLD or event["msg_id"] not in place:
            continue
        now, before = place[event["msg_id"]], latest[event["user"]]
        if now < before[0]:
            yield Violation("out of order", f"{event} was told before {before[1]}")
        latest[event["user"]] = (now, event)
