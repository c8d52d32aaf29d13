# SPDX-License-Identifier: MIT
"""Speech that is not wanted any more: rpc.media.cancel_speech, which goes to every replica."""
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from media import Media
from speech import media_with, timed_id
from suite import wait_for

WAIT_S = 5  # the longest that media lets a request wait
SOON_S = 3
VOICE = "ru-RU-SvetlanaNeural"


@pytest.fixture
def owner():
    """A user of no other test."""
    return str(uuid.uuid4())


@pytest.fixture
def call(nats):
    """Statuses of all answers to a call of media."""
    def ask(verb, count=1, **request):
        answers = nats.request(f"rpc.media.{verb}", json.dumps(request).encode(), seconds=10 if count == 1 else 2, most=count)
        return [next((int(line.split(":")[1]) for line in headers.splitlines() if line.startswith("Ttb-Status:")), 200)
                for _, headers, _ in answers]
    return ask


@pytest.fixture
def speak(call, owner):
    """Asks for speech; its id."""
    def ask(text, id_=None, user_id=owner):
        id_ = id_ or timed_id()
        assert call("speak", user_id=user_id, id=id_, text=text, voice_id=VOICE) == [200]
        return id_
    return ask


@pytest.fixture
def cancel(call, owner):
    def ask(id_, replicas=1):
        assert call("cancel_speech", replicas, user_id=owner, id=id_) == [200] * replicas
    return ask


@pytest.fixture
def fetch(suite, owner):
    def get(id_, base=suite.env["BASE"], user_id=owner):
        return requests.get(f"{base}/static/tts/{user_id}/{id_}.mp3", timeout=30).status_code
    return get


@pytest.fixture
def replica(suite):
    with Media(suite) as replica:
        yield replica


def test_what_was_made_is_gone_and_nothing_else(suite, speak, cancel, fetch, owner):
    text = f"Здравствуйте, {uuid.uuid4()}"
    wanted, unwanted = speak(text), speak(text)
    assert fetch(wanted) == fetch(unwanted) == 200
    cancel(unwanted)
    assert (fetch(wanted), fetch(unwanted)) == (200, 404)
    assert not (suite.state / "media/tts" / owner / f"{unwanted}.mp3").exists()
    assert fetch(speak(text)) == 200, "the same may be said again"


def test_nobodys_speech_is_cancelled_by_another_users_id(speak, call, fetch):
    id_ = speak("Привет")
    assert call("cancel_speech", user_id=str(uuid.uuid4()), id=id_) == [200]
    assert fetch(id_) == 200


def test_what_there_is_not_may_be_cancelled(cancel, fetch):
    id_ = timed_id()
    cancel(id_)
    cancel(id_)
    assert fetch(id_) == 404


def test_what_is_cancelled_first_is_not_spoken_afterwards(suite, speak, cancel, fetch):
    id_ = timed_id()
    made = suite.metric("media", "ttb_speech_made_total")
    cancel(id_)
    speak(f"Поздно, {uuid.uuid4()}", id_)
    assert fetch(id_) == 404
    assert suite.metric("media", "ttb_speech_made_total") == made


@pytest.mark.parametrize("ids", [{"id": "x"}, {"user_id": "../.."}, {"id": None}, {"user_id": None}])
def test_an_impossible_id(call, owner, ids):
    assert call("cancel_speech", **{"user_id": owner, "id": timed_id(), **ids}) == [422]


def test_who_waits_is_told_at_every_replica(suite, replica, cancel, fetch):
    """For speech that nobody has asked for yet: each replica can only have it from the cancelling."""
    id_ = timed_id()
    bases = (suite.env["MEDIA"], replica.base)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(fetch, id_, base) for base in bases]
        wait_for(lambda: suite.metric("media", "ttb_speech_waiting") == replica.metric("ttb_speech_waiting") == 1, WAIT_S, "requests")
        began = time.monotonic()
        cancel(id_, replicas=2)
        assert [reply.result() for reply in waiting] == [404, 404]
    assert time.monotonic() - began < SOON_S, "not when their time is up"


def test_cancelled_at_once_speech_is_served_by_no_replica(suite, replica, speak, cancel, fetch):
    """Whichever replica makes it, and however far it has got."""
    bases = (suite.env["MEDIA"], replica.base, suite.env["BASE"])
    for _ in range(8):
        kept, id_ = speak(f"Останется {uuid.uuid4()}"), speak(f"Исчезнет {uuid.uuid4()}")
        cancel(id_, replicas=2)
        assert [fetch(id_, base) for base in bases] == [404] * 3
        assert [fetch(kept, base) for base in bases] == [200] * 3


@pytest.fixture
def slow_media(suite):
    with media_with(suite, VOICE_WORKERS="1"):
        yield


def test_what_is_queued_is_not_made(slow_media, suite, speak, cancel, fetch):
    def grown(name, before=0):
        return suite.metric("media", f"ttb_speech_{name}_total") - before

    before = {name: grown(name) for name in ("made", "cancelled", "failed")}
    long = "Это очень длинный рассказ, который никак не кончается. " * 60
    ids = [speak(f"{uuid.uuid4()} {long}") for _ in range(4)]
    for id_ in ids[1:]:
        cancel(id_)
    assert [fetch(id_) for id_ in ids] == [200, 404, 404, 404]
    cancelled = grown("cancelled", before["cancelled"])
    assert cancelled >= 2, "the queue was empty"
    last = speak("И наконец")
    assert fetch(last) == 200
    assert grown("made", before["made"]) == 5 - cancelled
    assert grown("failed", before["failed"]) == 0
