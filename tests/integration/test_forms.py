# SPDX-License-Identifier: MIT
"""Multipart forms on their way to a service. What is passed on is seen on NATS, beside the service."""
import http.client
import json
import re
import socket
import time
import urllib.request
from urllib.parse import parse_qs

import pytest
import requests

from gateway import Gateway
from suite import wait_for

UPLOAD = "/v2/sounds/upload"
UPLOAD_V1 = "/sounds/upload"
BODY_MAX = 983040
SOUND = b"ID3\x04\0\0\r\n--boun\n\r\n\r\n--\xff" * 100
TYPE = "multipart/form-data; boundary=bound"
PARSING = "There was an error parsing the body"
NO_FILE = {"type": "missing", "loc": ["body", "file"], "msg": "Field required", "input": None}
WAIT_S = 10


# ---- seeing what a service gets ----

class Service:
    """Messages to subjects, which their service gets too."""
    def __init__(self, client):
        self.client = client

    def next(self):
        """The next message's headers and body."""
        while True:
            message = self.client.read_one(time.monotonic() + WAIT_S)
            assert message, "no message came"
            if message != "PONG":
                return dict(line.split(": ", 1) for line in message[1].split("\r\n")[1:] if line), message[2]

    def next_form(self):
        """Its texts, its file as (field, filename), and its bytes."""
        headers, body = self.next()
        texts = parse_qs(headers.get("Ttb-Form", ""), keep_blank_values=True, strict_parsing="Ttb-Form" in headers)
        file = parse_qs(headers["Ttb-File"], keep_blank_values=True, strict_parsing=True) if "Ttb-File" in headers else None
        return texts, file and (file["field"][0], file["filename"][0]), body


@pytest.fixture
def media(nats):
    nats.subscribe("rpc.media.upload_sound")
    nats.subscribe("rpc.media.v1_upload_sound")
    return Service(nats)


# ---- sending ----

def part(head, value=b""):
    return b"--bound\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + value + b"\r\n"


END = b"--bound--\r\n"
FILE = part('name="file"; filename="boom.mp3"\r\nContent-Type: audio/mpeg', b"sound")


class Connection:
    """An HTTP/1.1 connection to the gateway itself, which sends what it is told."""
    def __init__(self, port, path=UPLOAD, token=None, headers=()):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"POST {path} HTTP/1.1", "Host: localhost", *headers]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def reply(self):
        """Status and JSON."""
        with http.client.HTTPResponse(self.socket, method="POST") as reply:
            reply.begin()
            return reply.status, json.loads(reply.read())


@pytest.fixture
def send(suite, user):
    """Sends a body whole to the gateway, and gives its status and JSON."""
    def send(body, content_type=TYPE, path=UPLOAD):
        headers = [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        with Connection(suite.ports["HTTP"], path, user.token, headers) as connection:
            connection.socket.sendall(body)
            return connection.reply()
    return send


def chunked(body, size):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in [*pieces, b""])


# ---- forms ----

def test_a_file_reaches_the_service_as_it_is(api, media, user):
    api.post(UPLOAD, token=user.token, files={"file": ("boom.mp3", SOUND, "audio/mpeg")})
    headers, body = media.next()
    assert body == SOUND
    assert headers["Ttb-File"] == "field=file&filename=boom.mp3"
    assert "Ttb-Form" not in headers
    assert headers["Ttb-User"] == user.id
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")


def test_texts_come_beside_the_file(api, media):
    texts = {"ws_token": "t0k", "sound_name": "бум & co=1\r\n%00"}
    api.post(UPLOAD_V1, data=texts, files={"file": ("бум .mp3", SOUND)})
    assert media.next_form() == ({name: [text] for name, text in texts.items()}, ("file", "бум .mp3"), SOUND)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a&filename=b.mp3", "C:\\sounds\\b.mp3", "%0d%0aX: y.mp3", "a+b c.mp3"])
def test_a_name_is_passed_on_as_it_is(send, media, name):
    send(part(f'name="file"; filename="{name}"', b"sound") + END)
    assert media.next_form() == ({}, ("file", name), b"sound")


def test_a_name_cannot_break_out_of_its_header(send, media):
    send(part('name="file"; filename="a\rTtb-User: other\r\tb.mp3"', b"sound") + END)
    headers, body = media.next()
    assert headers["Ttb-File"] == "field=file&filename=a%0DTtb-User%3A%20other%0D%09b.mp3"
    assert headers["Ttb-User"] != "other"
    assert body == b"sound"


WAYS = {
    "as most": FILE + END,
    "without a last line feed": FILE + b"--bound--",
    "between other things": b"preamble\r\n" + FILE + END + b"epilogue",
    "unquoted": part("name=file; filename=boom.mp3; filename*=utf-8''boom.mp3", b"sound") + END,
    "encoded": part("name=\"file\"; filename*=UTF-8''boom%2Emp3", b"sound") + END,
    "without a space": FILE.replace(b"Content-Disposition: ", b"content-disposition:") + END,
}
TYPES = {
    "as most": TYPE,
    "quoted": 'multipart/form-data; boundary="bound"',
    "last": "Multipart/Form-Data; charset=utf-8; boundary=bound",
    "first": "multipart/form-data; boundary=bound; charset=utf-8",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", TYPES)
def test_clients_write_forms_in_many_ways(send, media, way, kind):
    send(WAYS[way], TYPES[kind])
    assert media.next_form() == ({}, ("file", "boom.mp3"), b"sound")


def test_an_empty_file_is_a_file(send, media):
    send(part('name="file"; filename="boom.mp3"') + END)
    assert media.next_form() == ({}, ("file", "boom.mp3"), b"")


def test_of_equal_fields_all_are_passed_on(send, media):
    send(part('name="sound_name"', b"a") + part('name="sound_name"') + part('name="sound_name"', b"b") + END, path=UPLOAD_V1)
    assert media.next_form() == ({"sound_name": ["a", "", "b"]}, None, b"")


# ---- how the bytes come ----

def test_a_form_may_come_byte_by_byte(suite, user, media):
    body = part('name="a"', b"1") + FILE + END
    headers = [f"Content-Type: {TYPE}", f"Content-Length: {len(body)}"]
    with Connection(suite.ports["HTTP"], token=user.token, headers=headers) as connection:
        for byte in body:
            connection.socket.sendall(bytes([byte]))
        connection.reply()
    assert media.next_form() == ({"a": ["1"]}, ("file", "boom.mp3"), b"sound")


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("port", ["HTTP", "EDGE"])
def test_a_form_may_come_in_chunks(suite, user, media, port, size):
    body = part('name="file"; filename="boom.mp3"', SOUND) + END
    headers = [f"Content-Type: {TYPE}", "Transfer-Encoding: chunked"]
    with Connection(suite.ports[port], token=user.token, headers=headers) as connection:
        connection.socket.sendall(chunked(body, size))
        connection.reply()
    assert media.next_form() == ({}, ("file", "boom.mp3"), SOUND)


@pytest.mark.parametrize("port", ["HTTP", "EDGE"])
def test_who_asks_first_is_told_to_go_on(suite, user, media, port):
    body = FILE + END
    headers = [f"Content-Type: {TYPE}", f"Content-Length: {len(body)}", "Expect: 100-continue"]
    with Connection(suite.ports[port], token=user.token, headers=headers) as connection:
        assert connection.socket.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.socket.sendall(body)
        connection.reply()
    assert media.next_form() == ({}, ("file", "boom.mp3"), b"sound")


@pytest.mark.parametrize("token,size,status,detail", [
    (True, BODY_MAX + 1, 413, "Request Entity Too Large"), (False, 10, 401, "missing bearer token")])
def test_who_asks_first_need_not_send_what_is_refused(suite, user, token, size, status, detail):
    headers = [f"Content-Type: {TYPE}", f"Content-Length: {size}", "Expect: 100-continue"]
    with Connection(suite.ports["HTTP"], token=user.token if token else None, headers=headers) as connection:
        assert connection.reply() == (status, {"detail": detail})


# ---- what is no form ----

@pytest.mark.parametrize("options", [
    {"json": {"file": "x"}}, {"data": b"bytes", "headers": {"Content-Type": "audio/mpeg"}}, {"data": {"file": "x"}}, {},
    {"data": END, "headers": {"Content-Type": TYPE}}, {"headers": {"Content-Type": TYPE}},
    {"files": {"other": ("boom.mp3", b"sound")}}])
def test_a_form_without_its_file_is_422(api, user, options):
    reply = api.call("POST", UPLOAD, token=user.token, **options)
    assert (reply.status_code, reply.json()) == (422, {"detail": [NO_FILE]})


def test_a_text_is_no_file(api, user):
    reply = api.call("POST", UPLOAD, token=user.token, data=part('name="file"', b"x") + END, headers={"Content-Type": TYPE})
    assert reply.status_code == 422
    assert [violation["loc"] for violation in reply.json()["detail"]] == [["body", "file"]]


BROKEN = {
    "JSON": b"{}",
    "no end": FILE,
    "no end of a line": FILE[:-2],
    "half an end": FILE + b"--bound-",
    "another part": FILE + b"--bound\r\n",
    "a longer boundary": FILE + b"--boundary--\r\n",
    "another boundary": (FILE + END).replace(b"bound", b"other"),
    "no name": part('filename="boom.mp3"', b"sound") + END,
    "no head": b"--bound\r\n\r\nsound\r\n" + END,
    "a NUL in a name": part('name="a\0"', b"1") + END,
    "a NUL in a text": part('name="a"', b"1\x002") + END,
    "a NUL in a filename": part('name="file"; filename="a\0.mp3"') + END,
    "a long name": part(f'name="{"a" * 65}"') + END,
    "a long filename": part(f'name="file"; filename="{"a" * 513}"') + END,
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_parsed_is_400(send, what):
    assert send(BROKEN[what]) == (400, {"detail": PARSING})


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; bound"])
def test_a_form_without_a_boundary_is_400(send, content_type):
    assert send(FILE + END, content_type) == (400, {"detail": "Missing boundary in multipart."})


@pytest.mark.parametrize("fields", [17, 1000])
def test_too_many_fields_are_400(send, fields):
    assert send(part('name="a"', b"1") * fields + END) == (400, {"detail": "Too many fields. Maximum number of fields is 16."})


def test_a_second_file_is_400(send):
    assert send(FILE + FILE + END) == (400, {"detail": "Too many files. Maximum number of files is 1."})


# ---- sizes ----

def largest_form():
    around = len(part('name="file"; filename="boom.mp3"') + END)
    return part('name="file"; filename="boom.mp3"', b"x" * (BODY_MAX - around)) + END


def assert_all_bodies_end(suite):
    wait_for(lambda: suite.metric("gateway", "ttb_http_body_memory_bytes") == 0, WAIT_S, "end of all bodies")


def test_the_whole_body_is_bounded(api, suite, user, media):
    headers = {"Content-Type": TYPE, "Authorization": f"Bearer {user.token}"}
    api.call("POST", UPLOAD, data=largest_form(), headers=headers)
    assert len(media.next()[1]) > BODY_MAX - 200
    for body in (largest_form() + b"\n", b"\r\n" * 10 + largest_form(), largest_form() * 5):
        assert api.call("POST", UPLOAD, data=body, headers=headers).status_code == 413
    assert_all_bodies_end(suite)


@pytest.mark.parametrize("before,after", [(b"", b"\n"), (b"\r\n", b""), (b"x" * BODY_MAX, b"x" * BODY_MAX)])
def test_a_body_of_unknown_size_is_bounded_too(suite, user, before, after):
    headers = [f"Content-Type: {TYPE}", "Transfer-Encoding: chunked"]
    with Connection(suite.ports["HTTP"], token=user.token, headers=headers) as connection:
        connection.socket.sendall(chunked(before + largest_form() + after, 100_000))
        assert connection.reply() == (413, {"detail": "Request Entity Too Large"})
    assert_all_bodies_end(suite)


def test_what_is_refused_is_given_up_before_its_end(suite, user):
    first = part('name="file"; filename="boom.mp3"', b"x" * 500_000)
    headers = [f"Content-Type: {TYPE}", f"Content-Length: {len(first + FILE + END)}"]
    with Connection(suite.ports["HTTP"], token=user.token, headers=headers) as connection:
        connection.socket.sendall(first)
        wait_for(lambda: suite.metric("gateway", "ttb_http_body_memory_bytes") > 490_000, WAIT_S, "first file")
        connection.socket.sendall(FILE)
        assert_all_bodies_end(suite)
        connection.socket.sendall(END)
        assert connection.reply()[0] == 400


def test_texts_are_bounded(send, media):
    assert send(part('name="ws_token"', b"x" * 4097) + END, path=UPLOAD_V1) == (413, {"detail": "Request Entity Too Large"})
    assert send(part('name="ws_token"', b"\xff" * 4096) * 6 + END, path=UPLOAD_V1)[0] == 413
    send(part('name="ws_token"', b"x" * 4096) * 15 + END, path=UPLOAD_V1)
    assert media.next_form()[0] == {"ws_token": ["x" * 4096] * 15}


def gateway_metric(gateway, name):
    with urllib.request.urlopen(f"{gateway.ops}/metrics", timeout=5) as reply:
        return int(re.search(rf"^{name} (\d+)$", reply.read().decode(), re.MULTILINE)[1])


def test_all_bodies_together_are_bounded(suite, user, media):
    """Two that fit, each alone, into the memory, but not together."""
    body = part('name="file"; filename="boom.mp3"', b"x" * 700_000)
    headers = [f"Content-Type: {TYPE}", f"Content-Length: {len(body + END)}"]
    with Gateway(suite, HTTP_BODY_MEMORY_BYTES="1048576") as gateway:
        gateway.wait_ready()
        port = int(gateway.base.rsplit(":", 1)[1])

        def used():
            return gateway_metric(gateway, "ttb_http_body_memory_bytes")

        with Connection(port, token=user.token, headers=headers) as slow:
            slow.socket.sendall(body)
            wait_for(lambda: used() > 690_000, WAIT_S, "first body")
            reply = requests.post(gateway.base + UPLOAD, data=body + END, timeout=WAIT_S,
                                  headers={"Content-Type": TYPE, "Authorization": f"Bearer {user.token}"})
            assert (reply.status_code, reply.json()) == (503, {"detail": "Service Unavailable"})
            assert reply.headers["Retry-After"] == "1"
            assert gateway_metric(gateway, "ttb_http_body_memory_refused_total") == 1
            slow.socket.sendall(END)
            assert len(media.next()[1]) == 700_000
            slow.reply()
        wait_for(lambda: used() == 0, WAIT_S, "end of all bodies")

        # One that goes away gives its memory back.
        with Connection(port, token=user.token, headers=headers) as gone:
            gone.socket.sendall(body)
            wait_for(lambda: used() > 690_000, WAIT_S, "body that never ends")
        wait_for(lambda: used() == 0, WAIT_S, "end of the body that never ended")
