# SPDX-License-Identifier: MIT
"""From the stand-in for TikTok to the client's WebSocket. Every frame is held against proto/live.yaml by the client."""
import json
import subprocess
import time

import pytest
import requests

from suite import wait_for
from webcast import BAD_FRAMES


@pytest.fixture
def spoken(live, sim, user):
    """As live, once the events service knows that the user wants to hear it: it asks auth when the watch begins, and meanwhile
    sends chat without speech."""
    def is_spoken():
        position = live.count()
        sim.event(user.name, "chat", user="masha", text="Раз, два")
        return "tts_url" in live.wait("chat", after=position)
    wait_for(is_spoken, 10, "speech")
    return live


def sound_seconds(content, folder):
    """The duration of an MP3, which must decode without a complaint."""
    path = folder / "speech.mp3"
    path.write_bytes(content)
    decoded = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True, text=True,
                             timeout=30, check=True)
    assert decoded.stderr == ""
    probe = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name:format=duration", "-of", "json", path],
                           capture_output=True, text=True, timeout=30, check=True)
    found = json.loads(probe.stdout)
    assert [stream["codec_name"] for stream in found["streams"]] == ["mp3"]
    return float(found["format"]["duration"])


# ---- events ----

def test_a_live_session_brings_every_kind_of_event_soon(connect, sim, user):
    sim.set_room(user.name, rate=4)
    deadline = time.monotonic() + 10
    socket = connect(user)
    for kind in ("chat", "gift", "like", "viewer_join", "follow", "share"):
        socket.wait(kind, deadline - time.monotonic())
    socket.wait("chat", 5, after=socket.count())
    wait_for(lambda: any("tts_url" in chat for chat in socket.all("chat")), 5, "spoken chat")


def test_chat_is_spoken(api, spoken, sim, user, tmp_path):
    words = {"short": "Привет!", "long": "Сегодня мы играем в новую игру и рассказываем обо всём, что в ней есть, " * 2,
             "english": "Hello everybody, how are you today?"}
    seconds, urls = {}, {}
    for kind, text in words.items():
        sim.event(user.name, "chat", user="masha", nickname="Маша 🌸", text=text, language="ru")
        chat = spoken.wait("chat", message=text)
        assert (chat["user"], chat["username"]) == ("Маша 🌸", "masha")
        assert chat["tts_url"].startswith(f"{api.base}/static/tts/{user.id}/")
        reply = requests.get(chat["tts_url"], timeout=15)
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, "audio/mpeg")
        seconds[kind], urls[kind] = sound_seconds(reply.content, tmp_path), chat["tts_url"]
    assert 0.3 < seconds["short"] < 2.5
    assert 1 < seconds["english"] < 6
    assert 5 < seconds["long"] < 20
    assert len(set(urls.values())) == len(words)


def test_speech_is_a_file_like_any_other(api, spoken, sim, user):
    sim.event(user.name, "chat", user="masha", text="Раз, два, три.")
    url = spoken.wait("chat", message="Раз, два, три.")["tts_url"]
    whole = requests.get(url, timeout=15)
    head = requests.head(url, timeout=15)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(whole.content)))
    assert whole.headers["Cache-Control"] == "public, max-age=2592000"
    assert whole.headers["Access-Control-Allow-Origin"] == "*"
    part = requests.get(url, headers={"Range": "bytes=10-19"}, timeout=15)
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.content)}"
    same = requests.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=15)
    assert (same.status_code, same.content) == (304, b"")
    for path in ("/static/", "/static/tts/", f"/static/tts/{user.id}/", "/static/tts/../../secrets", "/static/%2e%2e/secrets"):
        assert requests.get(api.base + path, timeout=15).status_code in (400, 404), path


def test_chat_without_words_is_not_spoken(live, sim, user):
    sim.event(user.name, "chat", user="masha", text="🌸🌸🌸")
    assert "tts_url" not in live.wait("chat", message="🌸🌸🌸")


def test_nobody_hears_what_he_turned_off(watch, sim, user, db):
    db.execute("update auth.settings set tts_enabled = false where user_id = %s", (user.id,))
    socket = watch(user)
    # Settings are asked for when the watch begins; the first events may be faster.
    def spoken(number):
        sim.event(user.name, "chat", user="masha", text=f"Проверка {number}")
        return "tts_url" in socket.wait("chat", message=f"Проверка {number}")
    numbers = iter(range(100))
    wait_for(lambda: not spoken(next(numbers)), 10, "silence")


def test_odd_texts_arrive_as_they_were_sent(live, sim, user):
    for text in ['quote " and \\ backslash', "شكرا", "a\tb", "\u202eright to left", "👨‍👩‍👧‍👦", "<b>bold</b>", "x" * 1000]:
        sim.event(user.name, "chat", user="masha", nickname=text[:40], text=text)
        assert live.wait("chat", message=text)["user"] == text[:40]


def test_a_streak_is_final_once(live, sim, user):
    rose = {"user": "masha", "gift_id": 5655, "name": "Rose", "diamonds": 3}
    for count in (1, 2, 4):
        sim.event(user.name, "gift", **rose, count=count, streak=True)
    sim.event(user.name, "gift", **rose, count=5)
    final = live.wait("gift", count=5)
    sim.event(user.name, "chat", user="masha", text="after")
    live.wait("chat", message="after")
    gifts = live.all("gift")
    assert [gift for gift in gifts if gift["streak"]["final"]] == [final]
    assert (final["gift_id"], final["gift_name"], final["diamonds"], final["username"]) == ("5655", "Rose", 15, "masha")
    assert len({gift["streak"]["id"] for gift in gifts}) == 1
    assert [gift["count"] for gift in gifts] == sorted(gift["count"] for gift in gifts)


def test_a_gift_that_cannot_streak_fires_at_once(live, sim, user):
    sim.event(user.name, "gift", user="petya", gift_id=6000, name="Crown", diamonds=500, gift_type=2, count=1)
    gift = live.wait("gift", gift_name="Crown")
    assert (gift["count"], gift["diamonds"], gift["gift_id"]) == (1, 500, "6000")
    assert "streak" not in gift or gift["streak"]["final"]


def test_the_total_of_likes_never_falls(live, sim, user):
    for total in (100, 250, 180, 40, 300):
        sim.event(user.name, "like", user="masha", count=7, total=total)
    live.wait("like", total=300)
    assert [like["total"] for like in live.all("like")] == [100, 250, 250, 250, 300]
    assert {like["count"] for like in live.all("like")} == {7}


@pytest.mark.parametrize("kind,type_", [("join", "viewer_join"), ("follow", "follow"), ("share", "share"), ("subscribe", "subscribe")])
def test_people(live, sim, user, kind, type_):
    sim.event(user.name, kind, user="masha", nickname="Маша")
    event = live.wait(type_)
    assert (event["user"], event["username"]) == ("Маша", "masha")


def test_viewers(live, sim, user):
    sim.event(user.name, "viewers", total=321, total_ever=4000)
    viewer = live.wait("viewer")
    assert (viewer["current"], viewer["total"]) == (321, 4000)


def test_an_event_that_comes_twice_counts_once(live, sim, user):
    sim.set_room(user.name, scenario="duplicate_msg_id")
    for number in range(3):
        sim.event(user.name, "chat", user="masha", text=f"once {number}")
    live.wait("chat", message="once 2")
    before = live.count()
    sim.drop(user.name)
    live.wait("status", 20, after=before, state="connected")
    sim.event(user.name, "chat", user="masha", text="after")
    live.wait("chat", message="after")
    assert [chat["message"] for chat in live.all("chat")] == ["once 0", "once 1", "once 2", "after"]


def test_two_sockets_of_a_user_hear_the_same(watch, join, sim, user):
    first, second = watch(user), join(user)
    sim.event(user.name, "chat", user="masha", text="for both")
    assert second.wait("chat", message="for both") == first.wait("chat", message="for both")
    assert sim.room(user.name)["connects"] == 1


def test_a_client_that_comes_back_is_told_how_things_stand(watch, join, sim, user):
    watch(user).close()
    returned = join(user)
    sim.event(user.name, "chat", user="masha", text="welcome back")
    returned.wait("chat", message="welcome back")
    assert sim.room(user.name)["connects"] == 1


def test_nobody_hears_anothers_live(watch, make_user, sim):
    masha, petya = make_user(), make_user()
    masha_socket, petya_socket = watch(masha), watch(petya)
    sim.event(masha.name, "chat", user="x", text="for masha")
    sim.event(petya.name, "chat", user="x", text="for petya")
    masha_socket.wait("chat", message="for masha")
    petya_socket.wait("chat", message="for petya")
    assert len(masha_socket.all("chat")) == len(petya_socket.all("chat")) == 1


def test_what_tiktok_gets_is_right(live, sim, user):
    """The stand-in checks what it is sent: enters, heartbeats, and acks to the byte."""
    sim.set_room(user.name, rate=20)
    wait_for(lambda: sim.room(user.name)["acks_good"] > 20, 10, "20 acks")
    room = sim.room(user.name)
    assert {name: room[name] for name in ("enters_bad", "heartbeats_bad", "acks_bad", "frames_bad")} == \
        dict.fromkeys(("enters_bad", "heartbeats_bad", "acks_bad", "frames_bad"), 0)
    assert room["heartbeats"] >= 1


# ---- status ----

def test_the_end_of_a_live(live, sim, user):
    sim.event(user.name, "control", action=3)
    assert live.wait("status", state="ended")["connected"] is False


def test_a_lost_connection_comes_back(live, sim, user):
    sim.drop(user.name)
    live.wait("status", state="reconnecting")
    before = live.count()
    live.wait("status", 20, state="connected", after=before)
    wait_for(lambda: sim.room(user.name)["enters"] == 2, 10, "client in the room")
    sim.event(user.name, "chat", user="masha", text="back again")
    live.wait("chat", message="back again")


def test_an_offline_streamer_is_waited_for(connect, sim, user):
    sim.set_room(user.name, status=4)
    socket = connect(user)
    assert socket.wait("status", state="offline")["connected"] is False
    sim.set_room(user.name, status=2)
    socket.wait("status", 20, state="connected")


@pytest.mark.parametrize("name,code", [("missing_person", "user_not_found"), ("restricted_person", "age_restricted")])
def test_an_error_names_its_reason(connect, user, name, code):
    socket = connect(user)
    socket.send({"action": "connect_tiktok", "username": name})
    socket.wait("error", 20, code=code)


# ---- trouble ----

TROUBLE = ("ttb_webcast_bad_frames_total", "ttb_webcast_bad_messages_total", "ttb_webcast_unknown_messages_total")


def counted(suite):
    return [suite.metric("events", name) for name in TROUBLE]


def send_trouble(sim, name):
    """How many bad frames, broken messages and unknown methods were sent."""
    for frame in BAD_FRAMES.values():
        sim.raw(name, frame)
        sim.raw(name, frame)
    sim.raw(name, b"\xff" * 300_000)
    for _ in range(3):
        sim.message(name, "WebcastChatMessage", b"\x12\xff\x01\x08")
        sim.message(name, "WebcastNobodyKnowsMessage", b"\x0a\x03\x0a\x01?")
    return [2 * len(BAD_FRAMES) + 1, 3, 3]


def test_broken_frames_and_messages_are_counted_and_the_stream_goes_on(suite, live, sim, user):
    position = suite.log_position("events")
    before = counted(suite)
    sim.event(user.name, "chat", user="masha", text="before")
    sent = send_trouble(sim, user.name)
    sim.event(user.name, "chat", user="masha", text="after")
    live.wait("chat", message="after")
    assert [chat["message"] for chat in live.all("chat")] == ["before", "after"]
    assert [now - then for now, then in zip(counted(suite), before)] == sent
    logged = [line["message"] for line in suite.log_lines("events", position)
              if line.get("tiktok") == user.name and line["level"] == "warning"]
    assert len(logged) == len(set(logged)) == len(TROUBLE)
    assert sim.room(user.name)["connects"] == 1


@pytest.mark.parametrize("scenario", ["broken_message", "unknown_method", "truncated_gzip", "gzip_bomb", "garbage", "text_message",
                                      "unknown_type", "none_frames", "bare_frames", "unlabelled_gzip", "no_ack"])
def test_a_live_full_of_trouble_goes_on(watch, sim, user, scenario):
    sim.set_room(user.name, scenario=scenario, rate=10)
    socket = watch(user)
    time.sleep(1.5)  # for the trouble to strike once
    sim.event(user.name, "chat", user="masha", text="still here")
    socket.wait("chat", message="still here")
    assert sim.room(user.name)["connects"] == 1
    assert sim.room(user.name)["acks_bad"] == 0


@pytest.mark.parametrize("mode", ["429_retry_after", "500", "200_empty", "200_json", "200_garbage", "no_cookie", "foreign_host"])
def test_a_sign_server_that_fails_once_is_asked_again(connect, sim, user, mode):
    sim.call("sign", {"mode": mode, "times": 1, "seconds": 1})
    try:
        connect(user).wait("status", 30, state="connected")
    finally:
        sim.sign("ok")


@pytest.mark.parametrize("mode", ["waf", "sigi_missing", "api_500"])
def test_pages_that_fail_have_a_second_way(connect, sim, user, mode):
    sim.pages(mode, 1)
    try:
        connect(user).wait("status", 30, state="connected")
    finally:
        sim.pages("ok")
