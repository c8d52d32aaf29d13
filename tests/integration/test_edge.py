# SPDX-License-Identifier: MIT
"""What nginx answers by itself looks like the gateway's own errors."""
import json
import socket

import pytest
import requests

from suite import wait_for

SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}


def check_edge_reply(reply, status, detail):
    assert (reply.status_code, reply.text) == (status, json.dumps({"detail": detail}, separators=(",", ":")))
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Request-Id"]
    assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


@pytest.fixture
def without(suite):
    """Stops a daemon until the test ends."""
    stopped = []

    def stop(name):
        suite.stop_one(name)
        stopped.append(name)

    yield stop
    for name in stopped:
        suite.start_one(name)
    health = f"{suite.env['BASE']}/health"
    wait_for(lambda: requests.get(health, timeout=5).status_code == 200, 15, "health")


def test_a_gateway_that_is_away_is_503(suite, without):
    without("gateway")
    for path in ("/", "/v2/auth/me", "/v2/ws", "/ws/token"):
        reply = requests.get(suite.env["BASE"] + path, timeout=5, headers={"X-Request-Id": "mine.1"})
        check_edge_reply(reply, 503, "Service Unavailable")
        assert reply.headers["Retry-After"] == "1"
        assert reply.headers["X-Request-Id"] == "mine.1"


def test_files_stay_there_without_the_gateway_and_not_without_media(suite, without):
    url = f"{suite.env['BASE']}/static/tts/none.mp3"
    without("gateway")
    assert requests.get(url, timeout=5).status_code == 404
    without("media")
    check_edge_reply(requests.get(url, timeout=5), 503, "Service Unavailable")


def test_addresses_and_headers_are_bounded(suite):
    check_edge_reply(requests.get(f"{suite.env['BASE']}/{'a' * 9000}", timeout=5), 414, "URI Too Long")
    reply = requests.get(suite.env["BASE"], headers={"X-Long": "a" * 9000}, timeout=5)
    check_edge_reply(reply, 431, "Request Header Fields Too Large")


def test_a_body_far_too_large_is_413(suite):
    reply = requests.post(f"{suite.env['BASE']}/v2/auth/login", data=b"x" * 6_000_000, timeout=15)
    check_edge_reply(reply, 413, "Request Entity Too Large")


def test_the_page_of_errors_is_no_page_of_its_own(suite):
    check_edge_reply(requests.get(f"{suite.env['BASE']}/.edge-error", timeout=5), 404, "Not Found")


def test_what_is_no_http_is_400(suite):
    with socket.create_connection(("127.0.0.1", suite.ports["EDGE"]), 5) as connection:
        connection.sendall(b"NONSENSE / HTTP/1.1\r\n\r\n")
        assert b'{"detail":' in connection.recv(4096)


def test_the_edge_does_not_name_its_version(suite):
    assert requests.get(suite.env["BASE"], timeout=5).headers["Server"] == "nginx"


def test_tokens_in_addresses_reach_no_log(suite, without):
    without("gateway")
    requests.get(f"{suite.env['BASE']}/v2/ws?token=verysecret", timeout=5)
    requests.get(f"{suite.env['BASE']}/ws/verysecret", timeout=5)
    assert not [log.name for log in suite.log_files() if "verysecret" in log.read_text(errors="replace")]
