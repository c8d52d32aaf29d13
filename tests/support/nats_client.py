# SPDX-License-Identifier: MIT
"""As much of NATS' protocol as the tests need: https://docs.nats.io/reference/reference-protocols/nats-protocol."""
import json
import random
import socket
import time

TIMEOUT_S = 5


class NatsRefused(Exception):
    """The server's -ERR."""


class NatsClient:
    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.reader = self.socket.makefile("rb")
        self.next_sid = 0
        self.reader.readline()  # INFO
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True,
                   "user": user, "pass": password, "name": "test", "lang": "python", "version": "0"}
        self.send(f"CONNECT {json.dumps(options)}")
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.close()
        self.socket.close()

    def send(self, line, payload=None):
        data = line.encode() + b"\r\n"
        if payload is not None:
            data += payload + b"\r\n"
        self.socket.sendall(data)

    def flush(self):
        """Returns when the server has dealt with everything sent so far; NatsRefused when it minded something.
        Messages that come meanwhile are dropped."""
        self.send("PING")
        while self.read_one(time.monotonic() + TIMEOUT_S) != "PONG":
            pass

    def subscribe(self, subject):
        self.next_sid += 1
        self.send(f"SUB {subject} {self.next_sid}")
        self.flush()

    def publish(self, subject, payload=b"", reply="", headers=None):
        if headers is None:
            self.send(f"PUB {subject} {reply} {len(payload)}".replace("  ", " "), payload)
            return
        lines = ["NATS/1.0", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        head = "\r\n".join(lines).encode()
        self.send(f"HPUB {subject} {reply} {len(head)} {len(head) + len(payload)}".replace("  ", " "), head + payload)

    def read_one(self, deadline):
        """"PONG", or a message as (subject, headers' text, payload); None when there is none until the deadline."""
        while True:
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                line = self.reader.readline().decode().strip()
            except TimeoutError:
                # A timed-out makefile object reads no more.
                self.reader = self.socket.makefile("rb")
                return None
            word, *rest = line.split(" ")
            if word == "PONG":
                return "PONG"
            if word == "PING":
                self.send("PONG")
            elif word == "-ERR":
                raise NatsRefused(" ".join(rest).strip("'"))
            elif word in ("MSG", "HMSG"):
                return self.read_message(word, rest)
            elif not word:
                raise NatsRefused("the server closed the connection")

    def read_message(self, word, rest):
        self.socket.settimeout(TIMEOUT_S)
        data = self.reader.read(int(rest[-1]) + 2)[:-2]
        headers_size = int(rest[-2]) if word == "HMSG" else 0
        return rest[0], data[:headers_size].decode(), data[headers_size:]

    def request(self, subject, payload=b"", seconds=1, most=100):
        """All answers that come within the time, at most so many."""
        inbox = f"_INBOX.test.{random.getrandbits(64):x}"
        self.subscribe(inbox)
        self.publish(subject, payload, inbox)
        deadline = time.monotonic() + seconds
        answers = []
        while len(answers) < most:
            message = self.read_one(deadline)
            if message is None:
                break
            if message != "PONG":
                answers.append(message)
        return answers
