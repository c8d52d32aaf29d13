# SPDX-License-Identifier: MIT
"""Speech while the processes that make it die and hang, and where its URL begins."""
import itertools
import os
import random
import signal
import urllib.parse

import pytest

from media import workers_of
from speech import media_with, probe

numbers = itertools.count(random.randrange(10 ** 6))


@pytest.fixture
def speak(api):
    """Has a text spoken that was never spoken before: its URL."""
    return lambda: api.post("/tts/generate", {"text": f"Это фраза номер {next(numbers)}", "voice_id": "ru-RU-SvetlanaNeural"}).json()["url"]


@pytest.fixture
def hear(suite, api):
    """Fetches speech at this suite's edge, wherever its URL begins: what it is."""
    def fetch(url):
        reply = api.session.get(suite.env["BASE"] + urllib.parse.urlsplit(url).path, timeout=15)
        assert reply.status_code == 200, reply.text
        return probe(reply.content, ".mp3")
    return fetch


def signal_workers(suite, program, number):
    workers = workers_of(suite.pid("media"), program)
    assert workers, f"no {program} runs"
    for worker in workers:
        os.kill(worker, number)


@pytest.mark.parametrize("program", ["ttb-voice", "ttb-audio"])
def test_a_worker_that_was_killed_is_replaced(suite, speak, hear, program):
    with media_with(suite):
        hear(speak())
        for _ in range(3):
            signal_workers(suite, program, signal.SIGKILL)
            assert hear(speak())["seconds"] > 0.5


@pytest.mark.parametrize("program, pool", [("ttb-voice", "voice"), ("ttb-audio", "speech")])
def test_a_worker_that_hangs_is_killed_and_the_text_spoken_by_another(suite, speak, hear, program, pool):
    with media_with(suite, VOICE_TIMEOUT_MS="1000", AUDIO_TIMEOUT_MS="1000"):
        hear(speak())
        signal_workers(suite, program, signal.SIGSTOP)
        assert hear(speak())["seconds"] > 0.5
        assert suite.metric("media", f'ttb_worker_timeouts_total{{pool="{pool}"}}') == 1
        assert hear(speak())["seconds"] > 0.5


@pytest.mark.parametrize("settings, origin", [
    ({"TTS_BASE_URL": "https://voice.example/", "MEDIA_BASE_URL": "https://files.example"}, "https://voice.example"),
    ({"TTS_BASE_URL": "", "MEDIA_BASE_URL": "https://files.example//"}, "https://files.example")])
def test_the_url_begins_with_the_origin_for_v1_or_else_that_of_all_files(suite, speak, hear, settings, origin):
    with media_with(suite, **settings):
        url = speak()
        assert url.startswith(f"{origin}/static/tts/")
        hear(url)
