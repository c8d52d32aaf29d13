# SPDX-License-Identifier: MIT
"""What can go wrong on TikTok's socket, each fault in a live of its own, all at the same time: what the client sees of it, and that
the stand-in for TikTok has nothing to complain of."""
import time

import pytest

from faults import NO_DATA_S, STALE_S, stage
from suite import wait_for

RATE = 10
WARNING = "connected, but TikTok sends nothing: it may be for logged-in viewers only"

# Faults that must not end the connection. Each strikes at once and then every second.
HARMLESS = ("normal", "none_frames", "bare_frames", "unlabelled_gzip", "no_ack", "unknown_type", "unknown_method", "broken_message",
            "truncated_gzip", "gzip_garbage", "gzip_bomb", "garbage", "text_message", "gift_out_of_order", "gift_late", "gift_no_end",
            "like_totals", "server_ping", "no_hb_reply", "pause_resume")
STRIKES = {"normal": 0, "none_frames": 0, "bare_frames": 0, "unlabelled_gzip": 0, "no_ack": 0, "no_hb_reply": 0, "pause_resume": 2}

# Faults that end it, or keep data from coming; with them, what is special about the room.
OTHERS = {
    "no_pong": {"rate": RATE},
    "stall": {"rate": RATE},
    "stall_quiet": {"scenario": "stall"},
    "no_data": {},
    "drops": {"rate": RATE, "times": 2},
    "room_id_change": {"rate": RATE, "times": 1},
    "device_blocked": {"rate": RATE, "times": 1},
    "illegal_secret_key": {"rate": RATE, "times": 2},
    "duplicate_msg_id": {},
    "history_chats": {},
    "end_control_3": {"rate": RATE, "times": 1},
    "end_control_4": {"rate": RATE, "times": 1},
    "end_status": {"rate": RATE, "times": 1},
    "end_in_silence": {"scenario": "normal"},
    "closed_in_order": {"scenario": "normal"},
}


@pytest.fixture(scope="module")
def rooms(suite, api, sim):
    all_settings = {name: {"scenario": name, "rate": RATE} for name in HARMLESS}
    all_settings |= {name: {"scenario": name, **settings} for name, settings in OTHERS.items()}
    with stage(suite, api, sim) as stage_:
        yield stage_.open_all(all_settings)


def gifts_by_streak(room):
    streaks = {}
    for gift in room.socket.all("gift"):
        if "streak" in gift:
            streaks.setdefault((gift["username"], gift["streak"]["id"]), []).append(gift)
    return streaks


# ---- nothing that the client would notice ----

@pytest.mark.parametrize("scenario", HARMLESS)
def test_a_fault_that_is_passed_over(rooms, scenario):
    room = rooms[scenario]
    room.wait_count("faults", STRIKES.get(scenario, 3))
    if scenario == "pause_resume":  # ends as it began: not paused
        room.set(scenario="normal", status=2)
    assert WARNING not in room.messages()  # nor while it is paused
    room.wait_goes_on()
    room.assert_all_chats_arrive()
    assert [state for state in room.states() if state != "connecting"] == ["connected"]
    assert room.errors() == []
    counters = room.counters()
    assert (counters["connects"], counters["sign_calls"], counters["refused"]) == (1, 1, 0)
    room.assert_we_did_no_wrong()
    assert (counters["acks_good"] == 0) == (scenario == "no_ack")
    if scenario == "server_ping":
        assert counters["pongs"] >= 2


def test_a_streak_that_comes_out_of_order_ends_once_with_its_total(rooms):
    room = rooms["gift_out_of_order"]
    wait_for(lambda: sum(gifts[-1]["streak"]["final"] for gifts in gifts_by_streak(room).values()) >= 2, 15, "finished streak")
    whole = [gifts for gifts in gifts_by_streak(room).values() if gifts[-1]["streak"]["final"] and gifts[-1]["count"] == 5]
    assert whole
    for gifts in whole:
        counts = [gift["count"] for gift in gifts]
        assert counts == [1, 3, 5, 5]  # 2 and 4 came late
        assert [gift["streak"]["final"] for gift in gifts] == [False, False, False, True]
        assert gifts[-1]["diamonds"] % 5 == 0 and gifts[-1]["diamonds"] > 0


def test_what_comes_after_the_end_of_a_streak_counts_for_nothing(rooms):
    room = rooms["gift_late"]
    wait_for(lambda: len(gifts_by_streak(room)) >= 3, 10, "streak")
    for gifts in list(gifts_by_streak(room).values())[:2]:
        if gifts[-1]["count"] == 2:  # the crowd gives, too
            assert [(gift["count"], gift["streak"]["final"]) for gift in gifts] == [(1, False), (2, False), (2, True)]


def test_the_total_of_likes_never_falls(rooms):
    room = rooms["like_totals"]
    wait_for(lambda: len(room.socket.all("like")) >= 10, 15, "likes")
    totals = [like["total"] for like in room.socket.all("like")]
    assert totals == sorted(totals)


# ---- silence ----

def test_pings_that_nobody_answers_are_no_reason_to_hang_up(rooms):
    """TikTok answers none of ours; this stand-in reads nothing at all after the first frame, acks included."""
    room = rooms["no_pong"]
    began = time.monotonic()
    room.wait_goes_on()
    while time.monotonic() - began < STALE_S + 2:
        room.wait_goes_on()
    assert room.states()[-1] == "connected"
    assert room.count("connects") == 1


@pytest.mark.parametrize("name", ["stall", "stall_quiet"])
def test_a_connection_that_falls_silent_is_made_again(rooms, name):
    room = rooms[name]
    room.socket.wait("status", 20, state="reconnecting", message="the connection went silent")
    room.wait_goes_on(20)
    assert room.states()[-2:] == ["reconnecting", "connected"]
    counters = room.counters()
    assert (counters["connects"], counters["sign_calls"]) == (2, 2)
    assert counters["acks_bad"] == 0
    assert room.errors() == []


def test_a_live_that_tells_nothing_is_told_as_a_warning(rooms):
    """Heartbeats are answered, so the connection is kept; when something comes the warning is taken back."""
    room = rooms["no_data"]
    room.socket.wait("status", NO_DATA_S + 13, state="connected", message=WARNING)
    position = room.socket.count()
    room.set(scenario="normal")
    room.wait_goes_on()
    room.socket.wait("status", state="connected", message="connected to the live", after=position)
    counters = room.counters()
    assert (counters["connects"], counters["sign_calls"]) == (1, 1)
    assert room.errors() == []


# ---- losing the connection ----

def test_a_connection_that_is_cut_again_and_again_is_made_again(rooms):
    room = rooms["drops"]
    room.wait_count("faults", 2, 30)
    wait_for(lambda: room.count("clients") == 1 and room.states()[-1] == "connected", 20, "third connection")
    room.wait_goes_on()
    assert room.states() == ["connecting", "connected", "reconnecting", "connected", "reconnecting", "connected"][-len(room.states()):]
    counters = room.counters()
    assert (counters["connects"], counters["sign_calls"]) == (3, 3)
    room.assert_all_chats_arrive()
    room.assert_we_did_no_wrong()


def test_the_next_room_of_a_live_that_began_anew_is_found(rooms):
    room = rooms["room_id_change"]
    room.wait_count("faults", 1)
    wait_for(lambda: room.count("connects") == 2, 15, "connection to the new room")
    room.wait_goes_on()
    assert room.count("sign_calls") == 2
    room.assert_we_did_no_wrong()


@pytest.mark.parametrize("scenario,refusals,message", [
    ("device_blocked", 1, "TikTok refuses this device"),
    ("illegal_secret_key", 2, "TikTok refuses the connection"),
])
def test_a_refused_handshake_is_named_and_tried_again_with_a_new_signature(rooms, scenario, refusals, message):
    room = rooms[scenario]
    room.wait_goes_on(20)
    assert message in room.messages()
    counters = room.counters()
    assert (counters["refused"], counters["connects"], counters["sign_calls"]) == (refusals, 1, refusals + 1)
    room.assert_we_did_no_wrong()


def test_a_close_in_order_is_a_loss_too(rooms):
    room = rooms["closed_in_order"]
    room.wait_goes_on()
    room.sim.drop(room.name, 1011)
    wait_for(lambda: room.count("connects") == 2, 15, "second connection")
    room.wait_goes_on()
    assert room.states()[-2:] == ["reconnecting", "connected"]


def test_what_comes_again_after_a_reconnect_is_told_once(rooms):
    room = rooms["duplicate_msg_id"]
    room.wait_goes_on()
    texts = [f"once {number}" for number in range(5)]
    for text in texts:
        room.say(text)
    room.socket.wait("chat", message=texts[-1])
    room.sim.drop(room.name)
    room.wait_count("faults", 1, 20)  # the last messages were sent again
    room.wait_goes_on()
    assert [chat["message"] for chat in room.socket.all("chat") if chat["message"] in texts] == texts
    room.assert_we_did_no_wrong()


def test_chats_of_before_the_connection_are_not_told(rooms):
    room = rooms["history_chats"]
    room.wait_goes_on()
    room.sim.drop(room.name)
    wait_for(lambda: room.count("connects") == 2, 20, "second connection")
    room.wait_goes_on()
    assert {chat["username"] for chat in room.socket.all("chat")} == {"masha"}  # nobody of the crowd


# ---- the end ----

@pytest.mark.parametrize("scenario", ["end_control_3", "end_control_4", "end_status"])
def test_the_end_of_a_live_is_told_and_the_next_one_found(rooms, scenario):
    room = rooms[scenario]
    room.socket.wait("status", 20, state="ended", connected=False)
    polls = room.count("page_calls")
    room.wait_count("page_calls", polls + 2)  # it is looked for the next one, at no cost
    assert (room.count("connects"), room.count("sign_calls")) == (1, 1)
    room.set(status=2, room_id="new", scenario="normal")
    room.wait_goes_on(20)
    assert (room.count("connects"), room.count("sign_calls")) == (2, 2)
    assert room.errors() == []
    room.assert_we_did_no_wrong()


def test_a_live_that_ends_without_a_word_is_found_out(rooms):
    """The connection stays, heartbeats are answered: only its status tells."""
    room = rooms["end_in_silence"]
    room.wait_goes_on()
    room.set(status=4)
    room.socket.wait("status", NO_DATA_S + 13, state="ended", connected=False)
    wait_for(lambda: room.count("clients") == 0, 10, "hang-up")
    assert room.count("sign_calls") == 1


# ---- last, since it takes a streak's patience ----

def test_a_streak_that_nothing_ends_ends_by_itself(rooms):
    room = rooms["gift_no_end"]

    def ended():
        return [gifts for gifts in gifts_by_streak(room).values()
                if [(gift["count"], gift["streak"]["final"]) for gift in gifts] == [(1, False), (2, False), (2, True)]]
    wait_for(lambda: len(ended()) >= 2, 25, "streak that ended by itself")
