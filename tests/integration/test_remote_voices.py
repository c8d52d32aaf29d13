# SPDX-License-Identifier: MIT
"""Voices of another server (TTS_HTTP_URL): used where the plan allows, and missed by nobody when they fail. That server speaks in
a tone, so its voice is known from a local one."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from speech import is_tone, media_with, probe, restart_media
from speech_server import REPLIES, SpeechServer
from suite import wait_for

PATH = "/v1/audio/speech"
KEY = "sk-very-secret-4711"
PAUSE_S = 10  # of the breaker, the first time
FAILURES = 5  # that open it
SENTENCE = "Привет всем, кто сегодня с нами!"


@pytest.fixture(scope="module")
def remote_media(suite):
    """The other server, and a media daemon that knows it."""
    with SpeechServer(key=KEY) as server, media_with(
            suite, TTS_HTTP_URL=server.url, TTS_HTTP_KEY=KEY, TTS_HTTP_VOICES="alloy, anna=ru", TTS_HTTP_MODEL="tts-9",
            TTS_HTTP_TIMEOUT_MS="1500"):
        yield server


@pytest.fixture
def server(remote_media, suite):
    """It works, and nothing is held against it."""
    remote_media.mode = "ok"
    if suite.metric("media", "ttb_remote_breaker_state") != 0:
        restart_media(suite)
    remote_media.requests.clear()
    return remote_media


@pytest.fixture
def pro(api, make_user, make_key):
    """A user whose plan has all voices."""
    user = make_user()
    api.post("/v2/auth/upgrade-license", {"license_key": make_key("pro")}, token=user.token)
    return user


@pytest.fixture
def speak(api, pro):
    def ask(text=SENTENCE, voice="http:anna", user=pro, **more):
        return api.post(PATH, {"model": "tts-1", "voice": voice, "input": text, **more}, token=user.token)
    return ask


def assert_remote(reply):
    assert reply.status_code == 200, reply.text
    assert is_tone(reply.content), "a local voice has spoken"


def assert_local(reply):
    assert reply.status_code == 200, reply.text
    assert not is_tone(reply.content), "the other server has spoken"
    assert 1 < probe(reply.content)["seconds"] < 8


def offered(api, user):
    """The other server's voices as the user sees them, by id."""
    voices = api.get("/v2/voices", token=user.token).json()["voices"]
    return {voice["id"]: voice for voice in voices if voice["engine"] == "http"}


# ---- when it works ----

def test_its_voices_are_offered(api, server, user, pro):
    voices = offered(api, pro)
    assert {name: voice["lang"] for name, voice in voices.items()} == {"http:alloy": None, "http:anna": "ru"}
    assert not any(voice.get("unavailable") for voice in voices.values())
    assert all(voice["unavailable"] for voice in offered(api, user).values())


@pytest.mark.parametrize("name,codec", [("mp3", "mp3"), ("wav", "pcm_s16le"), ("opus", "opus")])
def test_it_speaks_in_every_format(server, speak, name, codec):
    reply = speak(response_format=name)
    assert_remote(reply)
    assert probe(reply.content)["codec"] == codec
    order, = server.requests
    assert order == {"authorization": f"Bearer {KEY}", "model": "tts-9", "input": SENTENCE, "voice": "anna",
                     "response_format": "mp3", "speed": 1.0}


def test_speed_is_its_own_work(server, speak):
    normal, fast = (probe(speak(speed=speed).content)["seconds"] for speed in (1, 2))
    assert fast == pytest.approx(normal / 2, rel=0.2)
    assert [order["speed"] for order in server.requests] == [1, 2]


def test_a_page_of_text_goes_in_pieces(server, speak):
    page = " ".join(f"Это предложение номер {number}, и в нём несколько слов." for number in range(60))
    assert_remote(speak(page))
    assert len(server.requests) > 3
    assert " ".join(order["input"].strip() for order in server.requests) == page


def test_the_plan_must_allow_it(api, server, speak, user):
    reply = speak(user=user)
    assert (reply.status_code, reply.json()) == (403, {"detail": "tariff does not allow this voice"})
    assert not server.requests
    assert_local(speak(user=user, voice="alloy"))


def test_chat_is_spoken_by_it(api, server, pro, sim, watch):
    """And the same words from the cache, without asking it again."""
    api.post("/v2/settings/update", {"voice_id": "http:anna"}, token=pro.token)
    socket = watch(pro)

    def say(text):
        position = socket.count()
        sim.event(pro.name, "chat", user="masha", text=text)
        return socket.wait("chat", after=position, message=text).get("tts_url")

    wait_for(lambda: say("проба"), 20, "chat with speech")
    server.requests.clear()
    urls = [wait_for(lambda: say(SENTENCE), 20, "sentence") for _ in range(2)]  # a text that waits already is not spoken again
    for url in urls:
        assert_remote(api.session.get(url, timeout=15))
    assert [order["input"] for order in server.requests].count(SENTENCE) == 1
    server.mode = "500"
    assert_local(api.session.get(say(SENTENCE + " Ещё раз!"), timeout=15))


# ---- when it does not ----

@pytest.mark.parametrize("mode", sorted({*REPLIES, "hang", "cut", "redirect", "endless"}))
def test_a_local_voice_speaks_when_it_fails(server, speak, mode):
    server.mode = mode
    assert_local(speak())
    assert len(server.requests) == 1
    assert server.redirected == 0
    server.mode = "ok"
    assert_remote(speak())


def test_a_slow_one_is_waited_for_within_the_limit(server, speak):
    server.mode = "slow"
    assert_remote(speak())


def test_nobody_waits_for_one_that_keeps_failing_and_it_is_tried_again(api, server, speak, pro):
    server.mode = "hang"
    for _ in range(FAILURES):
        assert_local(speak())
    assert len(server.requests) == FAILURES
    assert all(voice["unavailable"] for voice in offered(api, pro).values())
    server.mode = "ok"
    with ThreadPoolExecutor(8) as pool:
        for reply in pool.map(lambda number: speak(f"{SENTENCE} {number}"), range(8)):
            assert_local(reply)
    assert len(server.requests) == FAILURES

    wait_for(lambda: not any(voice.get("unavailable") for voice in offered(api, pro).values()), 3 * PAUSE_S, "second chance")
    assert_remote(speak())
    assert_remote(speak())


def test_more_than_it_may_do_at_once_is_spoken_locally(server, speak):
    server.mode = "slow"
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda number: speak(f"{SENTENCE} {number}"), range(12)))
    assert {reply.status_code for reply in replies} <= {200, 503}
    assert any(is_tone(reply.content) for reply in replies if reply.status_code == 200)


def test_a_wrong_key_is_a_failure_and_no_key_is_ever_logged(suite, server, speak):
    server.key = "another"
    try:
        assert_local(speak())
    finally:
        server.key = KEY
    assert KEY not in (suite.state / "logs" / "media.log").read_text()
