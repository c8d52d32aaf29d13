# SPDX-License-Identifier: MIT
"""Replies in parts, as a double of media gives them in its place."""
import threading
import time

import pytest
import requests

from nats_client import NatsClient
from suite import wait_for

SPEECH = "/v1/audio/speech"
WAIT_S = 10


class Double(NatsClient):
    """Answers one call after another in media's place: by a function that is given one to say messages with."""
    def __init__(self, suite, subject, answer):
        super().__init__(suite.ports["NATS"], "operator", suite.secret("NATS_PASSWORD_OPERATOR"))
        self.answer = answer
        self.reply_to = None
        self.stopping = False
        self.subscribe(subject)
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def read_message(self, word, rest):
        self.reply_to = rest[2]
        return super().read_message(word, rest)

    def say(self, body, **headers):
        """Header_Name="value"."""
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"NATS/1.0\r\n{lines}\r\n".encode()
        self.send(f"HPUB {self.reply_to} {len(head)} {len(head) + len(body)}", head + body)

    def run(self):
        while not self.stopping:
            if self.read_one(time.monotonic() + 0.2) not in (None, "PONG"):
                self.answer(self.say)

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.__exit__()


@pytest.fixture
def speech(suite):
    """Lets a function answer instead of media until the test ends."""
    doubles = []

    def start(answer):
        suite.stop_one("media")
        doubles.append(Double(suite, "rpc.media.create_speech", answer))

    yield start
    for double in doubles:
        double.stop()
        suite.start_one("media")
    wait_for(lambda: requests.get(f"{suite.env['BASE']}/health", timeout=5).status_code == 200, 15, "health")


def say_in_parts(say, body, size, lost=None):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    for number, piece in enumerate(pieces[:-1]):
        if number != lost:
            say(piece, Ttb_More="1")
    say(pieces[-1], Ttb_Size=len(body), Content_Type="audio/mpeg")


def ask_for_speech(suite, user):
    return requests.post(suite.env["BASE"] + SPEECH, json={"input": "hi", "voice": "x", "model": "x"}, timeout=40,
                         headers={"Authorization": f"Bearer {user.token}"})


def test_parts_become_one_reply(suite, speech, user):
    body = bytes(range(256)) * 40_000
    speech(lambda say: say_in_parts(say, body, 500_000))
    for _ in range(3):
        reply = ask_for_speech(suite, user)
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, "audio/mpeg")
        assert reply.content == body
        assert int(reply.headers["Content-Length"]) == len(body)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert not [name for name in reply.headers if name.startswith("Ttb-")]
    wait_for(lambda: suite.metric("gateway", "ttb_http_body_memory_bytes") == 0, WAIT_S, "end of all bodies")


def test_a_body_is_not_kept_while_its_service_works(suite, speech, user):
    def answer(say):
        wait_for(lambda: suite.metric("gateway", "ttb_http_body_memory_bytes") == 0, WAIT_S, "end of the body")
        say(b"sound", Content_Type="audio/wav")

    speech(answer)
    assert ask_for_speech(suite, user).content == b"sound"


@pytest.mark.parametrize("lost", [0, 2])
def test_a_lost_part_is_503(suite, speech, user, lost):
    speech(lambda say: say_in_parts(say, bytes(5_000), 1_000, lost))
    reply = ask_for_speech(suite, user)
    assert (reply.status_code, reply.json(), reply.headers["Retry-After"]) == (503, {"detail": "Service Unavailable"}, "1")


def test_parts_of_one_too_large_are_503(suite, speech, user):
    speech(lambda say: say_in_parts(say, bytes(34_000_000), 1_000_000))
    assert ask_for_speech(suite, user).status_code == 503
    wait_for(lambda: suite.metric("gateway", "ttb_http_body_memory_bytes") == 0, WAIT_S, "end of all bodies")
