# SPDX-License-Identifier: MIT
"""What holds deliveries against frames, for the soak, finds what it is there to find: a good run, and each way of breaking it."""
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/soak"))

from delivery import check  # noqa: E402

GIFT = {"type": "gift", "user": "masha", "user_id": "7", "gift_id": "5655"}
DELIVERED = [
    {"msg_id": "1", "type": "chat", "user": "masha"},
    {"msg_id": "2", "type": "join", "user": "petya"},
    {"msg_id": "3", "type": "viewers", "user": ""},
    {**GIFT, "msg_id": "4", "group_id": "99", "count": 2, "end": False},
    {**GIFT, "msg_id": "5", "group_id": "99", "count": 3, "end": True},
    {**GIFT, "msg_id": "6", "group_id": "0", "count": 1, "end": False},
    {"msg_id": "7", "type": "like", "user": "masha"},
]


def frame(seq, frame_id, kind, **fields):
    return {"id": frame_id, "seq": seq, "type": kind, "username": "masha", "ts": f"2026-01-01T00:00:{seq}.000Z", **fields}


@pytest.fixture
def frames():
    return [frame(10, "s10", "status", state="connected"), frame(11, "1", "chat"), frame(12, "2", "viewer_join", username="petya"),
            frame(13, "g7-5655-99-2", "gift", count=2), frame(14, "g7-5655-99-final", "gift", count=3), frame(15, "6", "gift", count=1),
            frame(16, "7", "like", count=5)]


def kinds(frames, gaps=(), delivered=DELIVERED):
    return {violation.kind for violation in check(delivered, frames, gaps)}


def test_a_good_run_has_no_violations(frames):
    assert kinds(frames) == set()


def test_what_was_told_without_an_acknowledgement_is_well(frames):
    assert kinds(frames, delivered=DELIVERED[:-1]) == set()


@pytest.mark.parametrize("place,kind", [(1, "lost"), (2, "lost"), (4, "lost gift"), (5, "lost gift"), (6, "lost")])
def test_an_event_that_is_missing_is_lost(frames, place, kind):
    del frames[place]
    assert kinds(frames) == {kind}


def test_an_event_that_comes_again_is_told_twice(frames):
    assert kinds([*frames, {**frames[1], "seq": 20}]) == {"twice", "out of order"}


def test_a_number_that_falls_is_noticed(frames):
    frames[-1]["seq"] = frames[-2]["seq"]
    assert kinds(frames) == {"seq does not rise"}


def test_a_gap_is_a_loss(frames):
    assert kinds(frames, [{"type": "gap", "from": 1, "to": 2}]) == {"gap"}


def test_a_wrong_total_is_noticed(frames):
    frames[4]["count"] = 2
    assert kinds(frames) == {"wrong total"}


def test_a_streak_that_was_not_heard_of_for_long_may_have_ended_by_itself(frames):
    frames[4] |= {"count": 2, "ts": "2026-01-01T00:00:25.000Z"}
    assert kinds(frames) == set()


def test_what_one_viewer_did_keeps_its_order(frames):
    frames[1], frames[6] = {**frames[6], "seq": 11}, {**frames[1], "seq": 16}
    assert kinds(frames) == {"out of order"}


def test_an_event_of_another_kind_or_viewer_is_told_wrongly(frames):
    frames[1]["type"] = "share"
    frames[2]["username"] = "masha"
    assert kinds(frames) == {"told wrongly"}
