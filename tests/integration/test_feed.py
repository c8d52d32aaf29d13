# SPDX-License-Identifier: MIT
"""The made-up events of old clients that have no live: section 9 of the contract, "Test feed"."""
import time

import pytest

from sounds import BEEP

KINDS = ("chat", "gift")
EVENTS = 3
LONGEST_S = 8


def of_feed(socket):
    return [frame for frame in socket.frames if frame["type"] in KINDS]


@pytest.fixture
def sign_in(api):
    return lambda key: api.post("/auth/login", {"license_key": key}).json()


@pytest.fixture
def feed(connect_v1, sign_in, make_key):
    """The client without a TikTok name, and its socket."""
    who = sign_in(make_key())
    return who, connect_v1(who["ws_token"])


def test_a_client_without_a_name_gets_chat_or_a_gift_every_3_to_8_seconds(feed):
    _, socket = feed
    socket.wait("status", state="connected", connected=True)
    times = []
    while len(times) < EVENTS + 1:
        position = len(of_feed(socket))
        deadline = time.monotonic() + LONGEST_S + 1  # a busy machine's second
        while len(of_feed(socket)) == position:
            assert time.monotonic() < deadline, "nothing for 8 seconds"
            time.sleep(0.02)
        times.append(time.monotonic())
    waits = [later - earlier for earlier, later in zip(times, times[1:])]
    assert min(waits) > 2.9, waits
    for frame in of_feed(socket):
        assert frame["user"] and frame["username"]


def test_the_feed_is_spoken_and_plays_what_the_account_s_triggers_say(api, feed):
    who, socket = feed
    token = {"ws_token": who["ws_token"]}
    sound = api.post("/sounds/upload", data={**token, "sound_name": "boom"}, files={"file": ("x.wav", BEEP)}).json()
    api.post("/triggers/set", {**token, "event_type": "gift", "action": "play_sound", "sound_filename": sound["sound_file"]})
    deadline = time.monotonic() + 60
    while not any("sound_url" in frame for frame in of_feed(socket)) or not any("tts_url" in frame for frame in of_feed(socket)):
        assert time.monotonic() < deadline, of_feed(socket)
        time.sleep(0.1)
    assert {frame["sound_url"] for frame in of_feed(socket) if "sound_url" in frame} == {sound["sound_url"]}


def test_a_demo_key_gets_the_feed_whatever_its_name(api, connect_v1, sign_in, sim):
    who = sign_in("demo")
    api.post("/auth/set-tiktok", {"ws_token": who["ws_token"], "tiktok_username": "feed.demo"})
    socket = connect_v1(who["ws_token"])
    socket.wait("status", state="connected", connected=True)
    socket.wait("chat", LONGEST_S * 4)
    assert sim.room("feed.demo")["enters"] == 0
