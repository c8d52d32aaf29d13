# SPDX-License-Identifier: MIT
"""What of the sign server's word holds for all rooms: limits, refused keys, the budget that they share; and both ways to ask it."""
import time
from contextlib import ExitStack

import pytest

from faults import restart_events, stage
from replica import Replica
from suite import wait_for


@pytest.fixture
def impatient(suite, api, sim, db):
    """Opens a stage of the test's own, on which nobody watches anything yet; the sign server is as it should be afterwards."""
    with ExitStack() as stack:
        stack.callback(sim.sign, "ok")

        def start(**settings):
            return stack.enter_context(stage(suite, api, sim, db, **settings))
        yield start


@pytest.mark.parametrize("mode", ["429_retry_after", "429_x_ratelimit_reset", "429_ratelimit_reset", "429_all"])
def test_a_limit_holds_for_all_rooms_until_it_is_over(impatient, sim, mode):
    seconds, stage_ = 3, impatient()
    sim.sign(mode, times=1, seconds=seconds)
    first = stage_.open()
    first.socket.wait("error", 10, code="rate_limited")
    began = time.monotonic()
    second = stage_.open()
    second.socket.wait("error", 10, code="rate_limited")  # without having asked
    assert second.count("sign_calls") == 0
    first.socket.wait("status", 15, state="connected")
    waited = time.monotonic() - began
    assert seconds - 2 < waited < seconds + 6
    second.socket.wait("status", 15, state="connected")
    assert (first.count("sign_calls"), second.count("sign_calls")) == (2, 1)


@pytest.mark.parametrize("mode,code", [("429_bare", "rate_limited"), ("401", "sign_failed")])
def test_a_refusal_that_time_does_not_mend_is_not_asked_about_again(impatient, sim, mode, code):
    """Nobody says for how long, or the key is bad: the next request would be refused as well. Meanwhile it is seen whether the live is on."""
    stage_ = impatient()
    sim.sign(mode)
    first = stage_.open()
    first.socket.wait("error", 10, code=code)
    second = stage_.open()
    second.socket.wait("error", 10, code=code)
    polls = first.count("page_calls")
    first.wait_count("page_calls", polls + 4)
    assert (first.count("sign_calls"), second.count("sign_calls")) == (1, 0)
    first.set(status=4)
    first.socket.wait("status", 10, state="offline")


@pytest.mark.parametrize("mode", ["402", "403"])
def test_a_refusal_of_one_live_holds_up_that_one_alone(impatient, mode):
    """It may be about this room, or about what the key may do: others are signed for."""
    stage_ = impatient()
    refused = stage_.open({"sign": mode})
    refused.socket.wait("error", 10, code="sign_failed")
    other = stage_.open()
    other.wait_goes_on()
    polls = refused.count("page_calls")
    refused.wait_count("page_calls", polls + 3)
    assert refused.count("sign_calls") == 1


def test_all_rooms_share_one_budget_of_signatures(impatient, sim):
    """Who waits for long is told so."""
    stage_ = impatient(SIGN_PER_MINUTE="2", SIGN_BURST="2")
    before = sim.stats()["sign"]["total"]
    rooms = [stage_.open() for _ in range(4)]
    wait_for(lambda: sum("connected" in room.states() for room in rooms) == 2, 15, "two connected rooms")
    for room in rooms:
        if "connected" not in room.states():
            room.socket.wait("error", 8, code="rate_limited")
    time.sleep(2)
    assert sim.stats()["sign"]["total"] - before == 2
    assert sorted(room.errors() for room in rooms) == [[], [], ["rate_limited"], ["rate_limited"]]


def test_replicas_ask_no_more_together_than_one_alone(impatient, suite, sim):
    stage_ = impatient(SIGN_PER_MINUTE="1", SIGN_BURST="4")
    with Replica(suite):
        time.sleep(3)  # a look each, to know of each other
        before = sim.stats()["sign"]["total"]
        rooms = [stage_.open() for _ in range(8)]
        for room in rooms:
            room.wait_count("page_calls", 1)
        wait_for(lambda: sum("connected" in room.states() for room in rooms) == 4, 15, "four connected rooms")
        time.sleep(3)
        assert sim.stats()["sign"]["total"] - before == 4


def test_a_live_that_was_lost_comes_back_before_new_ones_and_those_come_in_their_order(impatient):
    stage_ = impatient(SIGN_PER_MINUTE="12", SIGN_BURST="1")
    lost = stage_.open()
    lost.socket.wait("status", 10, state="connected")
    new = []
    for _ in range(3):
        new.append(stage_.open())
        new[-1].wait_count("page_calls", 1)  # else they may queue in any order
    lost.sim.drop(lost.name)
    lost.wait_count("connects", 2)
    assert sum(room.count("sign_calls") for room in new) <= 1  # one may have had its turn before the loss
    for room, later in zip(new, new[1:]):
        room.wait_count("sign_calls", 1)
        assert later.count("sign_calls") == 0
    new[-1].socket.wait("status", 15, state="connected")


def test_nobody_waits_for_the_turns_of_those_who_have_left(impatient):
    stage_ = impatient(SIGN_PER_MINUTE="6", SIGN_BURST="1")
    stage_.open().socket.wait("status", 10, state="connected")
    left = [stage_.open() for _ in range(6)]
    for room in left:
        room.wait_count("page_calls", 1)
    last = stage_.open()
    last.wait_count("page_calls", 1)
    for room in left:
        room.socket.send('{"action": "disconnect_tiktok"}')
    last.socket.wait("status", 40, state="connected")  # they are let go after 15 s; seven turns would take 70 s


@pytest.mark.parametrize("variant", ["fetch", "connect"])
def test_the_sign_server_is_asked_in_both_ways_and_finds_rooms_that_tiktok_hides(impatient, variant):
    room = impatient(SIGN_VARIANT=variant, SIGN_LOOKS_UP="1").open({"pages": "waf", "times": 2})  # the API, and the page
    room.wait_goes_on(20)
    assert (room.count("sign_calls"), room.count("connects")) == (1, 1)
    assert room.messages() == ["connecting to the live", "connected to the live"]
    room.assert_we_did_no_wrong()


def test_a_restart_of_the_daemon_connects_anew(impatient, suite):
    room = impatient().open()
    room.wait_goes_on()
    restart_events(suite)
    room.wait_goes_on(20)
    assert (room.count("connects"), room.count("sign_calls")) == (2, 2)
    room.assert_we_did_no_wrong()
