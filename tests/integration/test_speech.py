# SPDX-License-Identifier: MIT
"""Speech as events has it made: rpc.media.speak, and the file at its URL, which a client may ask for before it is there."""
import contextlib
import itertools
import json
import os
import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
import requests

from media import Media
from speech import media_with, probe, samples, timed_id
from suite import wait_for

VOICE = "ru-RU-SvetlanaNeural"
WAIT_S = 5  # of a request for speech that is being made
numbers = itertools.count(random.randrange(10 ** 6))


def new_text():
    """One that was never spoken."""
    return f"Привет, это сообщение номер {next(numbers)}"


@dataclass
class Spoken:
    id: str
    path: str
    status: int = 0
    headers: str = ""


@pytest.fixture
def owner():
    """A user of no other test."""
    return str(uuid.uuid4())


@pytest.fixture
def speak(nats, owner):
    def ask(text, user_id=owner, voice=VOICE, id_=None):
        id_ = id_ or timed_id()
        body = {"user_id": user_id, "id": id_, "text": text, "voice_id": voice}
        (_, headers, _), = nats.request("rpc.media.speak", json.dumps(body).encode(), seconds=10, most=1)
        status = next((int(line.split(":")[1]) for line in headers.splitlines() if line.startswith("Ttb-Status:")), 200)
        return Spoken(id_, path_of(id_, user_id), status, headers)
    return ask


def path_of(id_, user_id=None):
    return f"/static/tts/{user_id}/{id_}.mp3" if user_id else f"/static/tts/{id_}.mp3"


@pytest.fixture
def fetch(suite):
    def get(spoken, base=suite.env["BASE"]):
        return requests.get(base + spoken.path, timeout=30)
    return get


@pytest.fixture
def counters(suite):
    """How much counters have grown since the test began."""
    names = ("made", "cache_hits", "cache_misses", "joined", "failed", "refused")

    def now():
        return {name: suite.metric("media", f"ttb_speech_{name}_total") for name in names}
    before = now()
    return lambda: {name: value - before[name] for name, value in now().items()}


# ---- waiting ----

def test_speech_is_an_mp3_that_says_it(speak, fetch):
    short, long = speak("Привет"), speak("Привет всем, кто сегодня с нами, " * 3)
    replies = [fetch(short), fetch(long)]
    assert [(reply.status_code, reply.headers["Content-Type"]) for reply in replies] == [(200, "audio/mpeg")] * 2
    found = [probe(reply.content) for reply in replies]
    assert [(one["codec"], one["channels"]) for one in found] == [("mp3", 1)] * 2
    assert 0.2 < found[0]["seconds"] < 2 < found[1]["seconds"] < 12
    assert max(map(abs, samples(replies[1].content))) < 32767


def test_a_request_that_comes_first_waits_until_it_is_told_and_made(suite, speak, fetch, owner):
    id_ = timed_id()
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(fetch, Spoken(id_, path_of(id_, owner)))
        wait_for(lambda: suite.metric("media", "ttb_speech_waiting") > 0, WAIT_S, "waiting request")
        assert speak(new_text(), id_=id_).status == 200
        reply = early.result()
    assert reply.status_code == 200
    assert probe(reply.content)["seconds"] > 1


def test_many_requests_wait_for_one_speech(speak, fetch):
    spoken = speak(new_text())
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(fetch, [spoken] * 16))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1


@pytest.mark.parametrize("id_", [timed_id(ago_s=60), timed_id(ago_s=-3000), str(uuid.uuid4())], ids=["old", "ahead", "untimed"])
def test_what_was_not_asked_for_just_now_is_not_waited_for(suite, fetch, owner, id_):
    waits = suite.metric("media", "ttb_speech_waiting")
    assert fetch(Spoken(id_, path_of(id_, owner))).status_code == 404
    assert suite.metric("media", "ttb_speech_waiting") == waits


def test_what_is_never_made_is_not_found_in_the_end(fetch, owner):
    id_ = timed_id(ago_s=WAIT_S - 0.5)
    assert fetch(Spoken(id_, path_of(id_, owner))).status_code == 404


def test_what_can_not_be_spoken_is_told_and_not_waited_for(speak):
    assert speak("🌸🌸🌸").status == 400
    assert speak("text", id_="no-uuid").status == 422


# ---- equal texts ----

def test_equal_texts_are_made_once(speak, fetch, counters):
    text = new_text()
    spoken = [speak(text) for _ in range(20)]
    replies = [fetch(one) for one in spoken]
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    grown = counters()
    assert grown["made"] == 1
    assert grown["cache_hits"] + grown["joined"] == 19


def test_a_phrase_is_made_again_for_another_voice_only(speak, fetch, counters):
    text = new_text()
    assert fetch(speak(text)).status_code == 200
    assert fetch(speak(text, user_id=None)).status_code == 200
    assert counters()["made"] == 1
    assert fetch(speak(text, voice="ru-RU-DmitryNeural")).status_code == 200
    assert counters()["made"] == 2


def test_a_cached_phrase_is_one_file(suite, speak, fetch):
    text = new_text()
    first, second = speak(text), speak(text)
    assert fetch(first).status_code == fetch(second).status_code == 200
    files = [suite.state / "media" / one.path.removeprefix("/static/") for one in (first, second)]
    assert os.path.samefile(*files)
    assert not [entry for entry in (suite.state / "media/tts").rglob("*.mp3") if entry.name.startswith(".")]


def test_the_cache_is_not_served(suite, speak, fetch):
    assert fetch(speak(new_text())).status_code == 200
    cached = next((suite.state / "media/tts/.cache").rglob("*.mp3"))
    path = cached.relative_to(suite.state / "media")
    for base in (suite.env["BASE"], suite.env["MEDIA"]):
        assert requests.get(f"{base}/static/{path}", timeout=15).status_code == 404


# ---- replicas ----

@pytest.fixture
def replica(suite):
    with Media(suite) as replica:
        yield replica


def test_what_one_replica_makes_the_other_serves(suite, replica, speak, fetch):
    """Either may be told: of each speech both are asked."""
    spoken = []
    with ThreadPoolExecutor(8) as pool:
        replies = []
        for _ in range(12):
            spoken.append(speak(new_text()))
            replies += [pool.submit(fetch, spoken[-1], base) for base in (suite.env["MEDIA"], replica.base)]
        replies = [reply.result() for reply in replies]
    assert {reply.status_code for reply in replies} == {200}
    assert all(here.content == there.content for here, there in zip(replies[::2], replies[1::2]))


def test_a_request_that_comes_first_waits_at_any_replica(suite, replica, speak, fetch, owner):
    for base in (suite.env["MEDIA"], replica.base):
        for _ in range(4):
            id_ = timed_id()
            with ThreadPoolExecutor(1) as pool:
                early = pool.submit(fetch, Spoken(id_, path_of(id_, owner)), base)
                assert speak(new_text(), id_=id_).status == 200
                assert early.result().status_code == 200


def test_replicas_share_the_cache(suite, replica, speak, fetch, counters):
    text = new_text()
    made = replica.metric("ttb_speech_made_total")
    assert fetch(speak(text)).status_code == 200
    for _ in range(12):
        assert fetch(speak(text)).status_code == 200
    assert counters()["made"] + replica.metric("ttb_speech_made_total") - made == 1


# ---- limits ----

@pytest.fixture(scope="module")
def small_media(suite):
    """A media daemon that keeps and allows little."""
    with media_with(suite, SPEECH_PER_MINUTE="5", TTS_RETENTION_SECONDS="10", TTS_CACHE_BYTES="200000", TTS_CACHE_SECONDS="3600"):
        yield


def test_a_user_has_so_many_texts_a_minute(small_media, speak, fetch, counters):
    spoken = [speak("Привет") for _ in range(8)]
    assert [one.status for one in spoken[:5]] == [200] * 5
    refused = spoken[-1]
    assert refused.status == 429
    assert "Retry-After:" in refused.headers
    assert fetch(refused).status_code == 404
    assert fetch(spoken[0]).status_code == 200
    assert speak("Привет", user_id=str(uuid.uuid4())).status == 200
    assert counters()["refused"] >= 2


def test_speech_is_kept_so_long(suite, small_media, speak, fetch):
    """By the time in its id, whatever its file's: that is the cache's, which is kept."""
    text = new_text()
    spoken = speak(text, user_id=None)
    assert fetch(spoken).status_code == 200
    wait_for(lambda: fetch(spoken).status_code == 404, 30, "end of the retention")
    hits = suite.metric("media", "ttb_speech_cache_hits_total")
    assert fetch(speak(text, user_id=None)).status_code == 200
    assert suite.metric("media", "ttb_speech_cache_hits_total") == hits + 1


def size_of(folder):
    """Files may go while we look."""
    sizes = []
    for file in folder.rglob("*.mp3"):
        with contextlib.suppress(FileNotFoundError):
            sizes.append(file.stat().st_size)
    return sum(sizes)


def test_the_cache_holds_no_more_than_it_may(suite, small_media, speak, fetch):
    for _ in range(30):
        assert fetch(speak(f"{new_text()}. Сегодня мы играем в новую игру и говорим обо всём.", user_id=None)).status_code == 200
    assert suite.metric("media", "ttb_speech_made_total") >= 30
    wait_for(lambda: size_of(suite.state / "media/tts/.cache") <= 200000, 15, "small cache")
    assert suite.metric("media", "ttb_speech_cache_evicted_total") > 0
