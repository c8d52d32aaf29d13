# SPDX-License-Identifier: MIT
"""What can go wrong on the way to a live: TikTok's pages and API, and the sign server's answer for one room. Each fault has a room of
its own, and all run side by side."""
import pytest

from faults import Stage, stage
from suite import wait_for

# Modes of the sign server that cost one room one signature, and what stands in the log of it.
SIGN_FAILURES = {
    "404": "HTTP 404", "500": "HTTP 500 internal error", "200_empty": "empty answer", "200_json": "premium needed",
    "200_garbage": "the answer is no result", "no_cookie": "no cookie", "no_cursor": "cursor, push server or route parameters",
    "poll_only": "only polling is offered", "foreign_host": "host is not on the list: wss://ws-fallback.example.invalid/",
}

# Modes of the pages that lead to the live in another way.
DETOURS = {"api_500": 0, "sigi_missing": 2, "waf": 2, "params_error": 0, "all_500": 3}

# Modes of the pages that say that the live can't be watched.
FORBIDDEN = ("age_restricted", "age_flag", "prompts", "login_required")


@pytest.fixture(scope="module")
def rooms(suite, api, sim):
    all_settings = {f"sign_{mode}": {"sign": mode, "times": 1} for mode in SIGN_FAILURES}
    all_settings |= {f"pages_{mode}": {"pages": mode, "times": times} for mode, times in DETOURS.items()}
    all_settings |= {f"pages_{mode}": {"pages": mode} for mode in FORBIDDEN}
    all_settings |= {"blocked": {"pages": "waf"}, "user_agent": {"sign": "user_agent"}, "offline": {"status": 4}}
    position = suite.log_position("events")
    with stage(suite, api, sim) as stage_:
        rooms = stage_.open_all(all_settings)
        rooms["log"] = lambda room: [line for line in suite.log_lines("events", position) if line.get("tiktok") == room.name]
        yield rooms


# ---- the sign server, one room ----

@pytest.mark.parametrize("mode", SIGN_FAILURES)
def test_a_signature_that_fails_is_told_and_asked_for_again(rooms, mode):
    room = rooms[f"sign_{mode}"]
    room.socket.wait("error", 20, code="sign_failed")
    room.wait_goes_on(20)
    assert room.states() == ["connecting", "connected"]
    counters = room.counters()
    assert (counters["sign_calls"], counters["connects"], counters["refused"]) == (2, 1, 0)
    room.assert_we_did_no_wrong()
    warning = next(line for line in rooms["log"](room) if line["message"] == "no signature")
    assert SIGN_FAILURES[mode] in warning["reason"]
    if mode != "foreign_host":
        assert "request=sim-" in warning["reason"]


def test_the_user_agent_that_a_signer_chooses_is_kept(rooms):
    """The stand-in refuses a handshake with another one. From then on it is what we say who we are."""
    room = rooms["user_agent"]
    room.wait_goes_on(20)
    room.sim.drop(room.name)
    wait_for(lambda: room.count("connects") == 2, 15, "second connection")
    assert room.count("refused") == 0
    room.assert_we_did_no_wrong()


# ---- pages ----

@pytest.mark.parametrize("mode", DETOURS)
def test_a_page_that_fails_costs_no_signature(rooms, mode):
    room = rooms[f"pages_{mode}"]
    room.wait_goes_on(20)
    assert room.errors() == []
    assert (room.count("sign_calls"), room.count("connects")) == (1, 1)


@pytest.mark.parametrize("mode", FORBIDDEN)
def test_a_live_that_may_not_be_watched_is_told_and_costs_no_signature(rooms, mode):
    room = rooms[f"pages_{mode}"]
    room.socket.wait("error", 20, code="age_restricted")
    room.socket.wait("status", state="offline", connected=False)
    wanted = "this live is for logged-in viewers only" if mode in ("prompts", "login_required") else "this live is age-restricted"
    assert room.socket.all("status")[-1]["message"] == wanted
    polls = room.count("page_calls")
    room.wait_count("page_calls", polls + 2)
    assert room.count("sign_calls") == 0


def test_a_firewalls_page_is_neither_offline_nor_not_found(rooms):
    room = rooms["blocked"]
    room.socket.wait("status", 20, state="connecting", message="TikTok answers with a captcha")
    room.wait_count("page_calls", 4)
    assert room.states() == ["connecting"]
    assert room.errors() == []
    assert room.count("sign_calls") == 0
    room.set(pages="ok")
    room.wait_goes_on(45)  # after the wait that has grown meanwhile
    assert room.count("sign_calls") == 1


def test_an_offline_streamer_is_looked_for_without_signatures(rooms):
    room = rooms["offline"]
    room.socket.wait("status", 20, state="offline")
    room.socket.wait("error", code="not_live")
    polls = room.count("page_calls")
    room.wait_count("page_calls", polls + 3)
    assert room.count("sign_calls") == 0
    room.set(status=2, room_id="new")
    room.wait_goes_on(20)
    assert room.count("sign_calls") == 1
    assert room.states() == ["connecting", "offline", "connecting", "connected"]


def test_nobody_by_that_name_is_told_apart(suite, api, sim, rooms):
    missing = Stage(suite, api, sim).open(prefix="missing")
    missing.socket.wait("error", 20, code="user_not_found")
    missing.socket.wait("status", state="offline", message="no such TikTok user")
    assert missing.states() == ["connecting", "offline"]
    missing.socket.close()
