# SPDX-License-Identifier: MIT
"""What services tell each other, seen as it passes. Each event is held against its schema in proto: one that is not
described there fails the test."""
import json
import re
import time
from pathlib import Path

import yaml

from api import validator

PROTO = Path(__file__).resolve().parents[2] / "proto"
SECONDS = 10


def described():
    """(document, schema) by subject."""
    found = {}
    for path in PROTO.glob("*.yaml"):
        document = yaml.safe_load(path.read_text())
        for name, event in document.get("x-events", {}).items():
            found[f"evt.{path.stem}.{name}"] = (document, event["schema"])
    return found


class Events:
    """From the moment it is made. The client is for it alone."""

    def __init__(self, client):
        self.client = client
        self.described = described()
        self.waiting = []  # (subject, body) that nobody has asked for yet
        client.subscribe("evt.>")

    def wait(self, subject, seconds=SECONDS, **fields):
        """The body of the next event with this subject and these fields; None when there is none in time. Those that
        come before it stay for later waits."""
        deadline = time.monotonic() + seconds
        checked = 0
        while True:
            for index, (told, body) in enumerate(self.waiting[checked:], checked):
                if told == subject and fields.items() <= body.items():
                    del self.waiting[index]
                    return body
            checked = len(self.waiting)
            message = self.client.read_one(deadline)
            if message is None:
                return None
            if message != "PONG":
                self.waiting.append(self.check(*message))

    def check(self, subject, headers, payload):
        assert subject in self.described, f"{subject} is not described in proto"
        assert re.search(r"(?im)^Nats-Msg-Id: ?[0-9a-f-]{36}\s*$", headers), f"{subject} has no id: {headers}"
        document, schema = self.described[subject]
        body = json.loads(payload)
        errors = [f"{error.json_path}: {error.message}" for error in validator(document, schema).iter_errors(body)]
        assert not errors, f"{subject} breaks its schema: {errors}\n{payload}"
        named = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]["properties"]
        assert set(body) <= set(named), f"{subject} says more than its schema: {payload}"
        return subject, body
