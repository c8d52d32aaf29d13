# SPDX-License-Identifier: MIT
"""The voices on offer, and speech for v1 clients, who need not say who they are. Voices of another server: test_remote_voices.py."""
import itertools
import os
import re
import signal
import subprocess
import time
import uuid

import pytest

from api import Api
from gateway import Gateway
from speech import RATE_HZ, media_with, probe, samples
from speech_server import SpeechServer
from suite import PROFILE, ROOT, wait_for

# What clients of the old backend have stored, with the language and the sex that they expect.
LEGACY = {
    "gtts-ru": ("ru", "female"), "gtts-ru-slow": ("ru", "female"), "gtts-en": ("en", "female"),
    "ru-RU-SvetlanaNeural": ("ru", "female"), "ru-RU-DariyaNeural": ("ru", "female"),
    "ru-RU-DmitryNeural": ("ru", "male"), "en-US-JennyNeural": ("en", "female"),
}
V2_LISTS, V1_LISTS = ("/v2/voices", "/v2/voices/list"), ("/voices", "/voices/voices")
GENERATE, SAMPLE = "/tts/generate", "/voices/generate-sample"
NOTHING = {"detail": "nothing to speak"}
texts = itertools.count(1)


def listed(api, path="/v2/voices", token=None):
    return api.get(path, token=token).json()["voices"]


def new_text():
    return f"Привет, это проба номер {next(texts)}"


@pytest.fixture
def fetch(api):
    """The file at a URL of speech, which is waited for."""
    def get(url):
        reply = api.session.get(url, timeout=15)
        assert reply.status_code == 200, reply.text
        assert reply.headers["Content-Type"] == "audio/mpeg"
        return reply.content
    return get


@pytest.fixture
def say(api, fetch):
    """Speech of a text by v1's endpoint."""
    def ask(text, voice=None):
        body = {"text": text} if voice is None else {"text": text, "voice_id": voice}
        return fetch(api.post(GENERATE, body).json()["url"])
    return ask


# ---- lists ----

@pytest.mark.parametrize("path", V2_LISTS + V1_LISTS)
def test_voices_are_listed_for_anybody(api, path):
    voices = listed(api, path)
    assert voices == listed(api)
    assert len({voice["id"] for voice in voices}) == len(voices) > 50
    assert {voice["engine"] for voice in voices} == {"local"}
    assert not any("unavailable" in voice for voice in voices)
    assert all(voice["name"] and voice["sex"] in ("female", "male") for voice in voices)
    assert all(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", voice["lang"]) for voice in voices)


def test_the_ids_of_the_old_backend_are_there(api):
    voices = {voice["id"]: (voice["lang"][:2], voice["sex"]) for voice in listed(api)}
    assert {name: voices[name] for name in LEGACY} == LEGACY


def test_signed_in_users_see_them_too(api, user):
    assert listed(api, token=user.token) == listed(api)


def test_a_token_that_is_shown_must_be_good(api):
    reply = api.get("/v2/voices", token="nonsense")
    assert (reply.status_code, reply.json()) == (401, {"detail": "invalid token"})


def test_voices_are_listed_while_auth_is_away(suite, api, user, make_user, make_key):
    """With the other server's unmarked, since nobody can say what the plan is."""
    pro = make_user()
    api.post("/v2/auth/upgrade-license", {"license_key": make_key("pro")}, token=pro.token)

    def marks(who):
        return {voice["id"]: voice.get("unavailable", False) for voice in listed(api, token=who and who.token)
                if voice["engine"] == "http"}

    with SpeechServer(key="k") as server, media_with(suite, TTS_HTTP_URL=server.url, TTS_HTTP_KEY="k",
                                                     TTS_HTTP_VOICES="alloy"):
        assert (marks(user), marks(pro), marks(None)) == ({"http:alloy": True}, {"http:alloy": False}, {"http:alloy": False})
        suite.stop_one("auth")
        try:
            assert marks(user) == {"http:alloy": False}
        finally:
            suite.start_one("auth")
        wait_for(lambda: marks(user) == {"http:alloy": True}, 10, "plan of the user")


def test_a_list_of_another_servers_voices_that_is_wrong_stops_the_start(suite, tmp_path):
    environment = {**os.environ, "MEDIA_ROOT": str(tmp_path), "DATABASE_URL": suite.env["DATABASE_URL"],
                   "TTS_HTTP_URL": "http://127.0.0.1:9", "TTS_HTTP_VOICES": "anna=ru, a b, anna"}
    done = subprocess.run([ROOT / "build" / PROFILE / "bin/ttb-media"], env=environment, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode != 0
    assert 'TTS_HTTP_VOICES: "a b" is no name of a voice' in done.stderr
    assert 'TTS_HTTP_VOICES: "anna" is named twice' in done.stderr


def test_an_auth_that_hangs_holds_no_list_up(suite, api, user):
    with SpeechServer(key="k") as server, media_with(suite, TTS_HTTP_URL=server.url, TTS_HTTP_KEY="k",
                                                     TTS_HTTP_VOICES="alloy"):
        os.kill(suite.pid("auth"), signal.SIGSTOP)
        try:
            assert "unavailable" not in next(voice for voice in listed(api, token=user.token) if voice["engine"] == "http")
        finally:
            os.kill(suite.pid("auth"), signal.SIGCONT)
        wait_for(lambda: suite.is_ready("auth"), 15, "auth")


# ---- v1: speech ----

def test_speech_belongs_to_nobody_and_its_id_is_of_version_7(suite, api, fetch):
    before_ms = time.time() * 1000
    url = api.post(GENERATE, {"text": new_text(), "voice_id": "gtts-ru"}).json()["url"]
    found = re.fullmatch(re.escape(suite.env["BASE"]) + r"/static/tts/([0-9a-f-]{36})\.mp3", url)
    id_ = uuid.UUID(found.group(1))
    assert id_.version == 7
    assert before_ms - 2000 < id_.int >> 80 < time.time() * 1000 + 2000
    assert probe(fetch(url), ".mp3")["codec"] == "mp3"


def test_no_voice_speaks_with_the_default(say):
    text = new_text()
    default = len(say(text, "ru-RU-SvetlanaNeural"))
    assert len(say(text)) == default
    assert len(say(text, "nobody-knows-this")) == default


def test_unknown_voices_speak_the_language_they_name(say):
    assert len(say("Guten Tag, wie geht es Ihnen?", "de-DE-KatjaNeural")) == len(say("Guten Tag, wie geht es Ihnen?", "local-de-f"))


def test_null_is_no_voice(api):
    assert "url" in api.post(GENERATE, {"text": new_text(), "voice_id": None}).json()


def test_the_slow_voice_is_slow(say):
    text = "Сегодня мы играем вместе, и каждый может выиграть."
    usual, slow = (probe(say(text, voice))["seconds"] for voice in ("gtts-ru", "gtts-ru-slow"))
    assert slow > 1.25 * usual


def test_500_characters_are_spoken_and_501_are_not(api, fetch):
    text = ("Слово за слово. " * 40)[:500]
    assert probe(fetch(api.post(GENERATE, {"text": text}).json()["url"]))["seconds"] > 15
    for body in ({"text": text + "а"}, {"text": ""}, {}, {"text": 5}, {"text": "да", "voice_id": "x" * 129}):
        assert api.post(GENERATE, body).status_code == 422, body


@pytest.mark.parametrize("path,more", [(GENERATE, {}), (SAMPLE, {"voice_id": "gtts-ru"})])
@pytest.mark.parametrize("text", ["!!!", "\U0001F600", "…"])
def test_what_has_no_sound_is_refused(api, path, more, text):
    reply = api.post(path, {"text": text, **more})
    assert (reply.status_code, reply.json()) == (400, NOTHING)


# ---- v1: samples ----

@pytest.mark.parametrize("voice", [*LEGACY, "local-de-m", "local-zh-f", "local-ar-m"])
def test_a_sample_is_in_the_voices_own_language(api, fetch, voice):
    url = api.post(SAMPLE, {"voice_id": voice}).json()["audio_url"]
    assert 0.7 < probe(fetch(url))["seconds"] < 6


def test_every_voice_has_a_sample(api, fetch):
    lengths = {voice["id"]: probe(fetch(api.post(SAMPLE, {"voice_id": voice["id"]}).json()["audio_url"]))["seconds"]
               for voice in listed(api)[::4]}
    assert min(lengths.values()) > 0.5, lengths


def test_a_sample_may_have_a_text_of_its_own(api, fetch, say):
    url = api.post(SAMPLE, {"voice_id": "gtts-en", "text": "One, two, three, four, five."}).json()["audio_url"]
    assert len(fetch(url)) == len(say("One, two, three, four, five.", "gtts-en"))
    assert "audio_url" in api.post(SAMPLE, {"voice_id": "nobody", "text": None}).json()
    assert api.post(SAMPLE, {"voice_id": "gtts-ru", "text": "а" * 501}).status_code == 422
    assert api.post(SAMPLE, {"text": "да"}).status_code == 422
    assert api.post(SAMPLE, {"voice_id": ""}).status_code == 422


def test_another_server_speaks_its_own_samples_and_no_strangers_texts(suite, api, fetch):
    with SpeechServer(key="k") as server, media_with(suite, TTS_HTTP_URL=server.url, TTS_HTTP_KEY="k",
                                                     TTS_HTTP_VOICES="anna=ru"):
        fetch(api.post(GENERATE, {"text": new_text(), "voice_id": "http:anna"}).json()["url"])
        fetch(api.post(SAMPLE, {"text": new_text(), "voice_id": "http:anna"}).json()["audio_url"])
        assert not server.requests
        fetch(api.post(SAMPLE, {"voice_id": "http:anna"}).json()["audio_url"])
        order, = server.requests
        assert (order["voice"], order["input"]) == ("anna", "Привет! Так звучит мой голос.")


# ---- what is read ----

STEP = RATE_HZ // 20


def seconds(content):
    return probe(content)["seconds"]


def loudness(content):
    """Over time, 20 values a second: the same for the same words, though a voice has some chance in its samples."""
    found = samples(content)
    return [sum(map(abs, found[at:at + STEP])) / STEP for at in range(0, len(found), STEP)]


def difference(a, b):
    """0: they sound alike; 1: they have nothing in common."""
    length = max(len(a), len(b))
    a, b = ([*values, *[0] * (length - len(values))] for values in (a, b))
    return sum(abs(x - y) for x, y in zip(a, b)) / (sum(a) + sum(b))


@pytest.mark.parametrize("written,spoken", [
    ("Подарок за 1 000 000₽!", "Подарок за один миллион рублей!"),
    ("ПРИВЕТ ВСЕМ, @маша_22", "Привет всем, маша двадцать два"),
    ("Встреча в 20:05, №5", "Встреча в двадцать ноль пять, номер пять"),
    ("<b>Жирно</b> и *важно*", "Жирно и важно"),
])
def test_texts_sound_as_they_are_meant(say, written, spoken):
    """The same words, so the same sound."""
    as_meant = loudness(say(spoken, "gtts-ru"))
    assert difference(loudness(say(written, "gtts-ru")), as_meant) < 0.1
    assert difference(loudness(say(spoken[::-1], "gtts-ru")), as_meant) > 0.2


def test_laughter_ends(say):
    assert seconds(say("а" + "ха" * 100)) < seconds(say("ахахахаха")) + 0.5


def test_latin_words_in_a_russian_text_are_spoken(say):
    """Each by a voice of its own, and nothing is lost: together they last about as long as one by one."""
    words = ["Смотрите сегодня", "Counter Strike tournament", "на канале"]
    whole = seconds(say(" ".join(words), "ru-RU-DmitryNeural"))
    alone = sum(seconds(say(word, "ru-RU-DmitryNeural")) for word in words)
    assert whole == pytest.approx(alone, rel=0.25)


# ---- rate limits ----

@pytest.fixture(scope="module")
def limited(suite, api):
    with Gateway(suite, RATE_LIMIT_FACTOR="0.01") as gateway:
        gateway.wait_ready()
        yield Api(gateway.base, api.openapi)


@pytest.mark.parametrize("number,path,body", [(1, GENERATE, {"text": "да"}), (2, SAMPLE, {"voice_id": "gtts-ru"})])
def test_speech_is_rate_limited_by_address(limited, number, path, body):
    headers = {"X-Forwarded-For": f"198.51.100.{number}"}
    replies = [limited.post(path, body, headers=headers) for _ in range(12)]
    assert replies[0].status_code == 200
    assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(replies[0].headers)
    assert replies[-1].status_code == 429
    assert replies[-1].json() == {"detail": "Too Many Requests"}
    assert limited.post(path, body, headers={"X-Forwarded-For": f"198.51.101.{number}"}).status_code == 200
