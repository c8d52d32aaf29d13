# SPDX-License-Identifier: MIT
"""WebSockets of the old API, /ws/<ws_token>: section 9 of the contract."""
import contextlib
import json
import os
import signal
import socket as sockets
import threading
import time
import uuid
from urllib.parse import urlsplit

import pytest
import requests

from gateway import Gateway
from suite import wait_for
from test_sockets import HANDSHAKE
from tokens import make_token

INVALID = (401, {"detail": "Invalid token"})


@pytest.fixture
def client(api, make_key, db):
    """Somebody who is signed in by a key, and whose live has a name that nobody else has."""
    def sign_in(key=None, username=None):
        reply = api.post("/auth/login", {"license_key": key or make_key("pro")}).json()
        reply["name"] = username or f"v1.{reply['user_id'][:8]}"
        if username != "":
            api.post("/auth/set-tiktok", {"ws_token": reply["ws_token"], "tiktok_username": reply["name"]})
        return reply
    return sign_in


@pytest.fixture
def watch_v1(connect_v1, sim):
    """Opens a v1 socket and returns when the client's live is being watched."""
    def start(client, query=""):
        socket = connect_v1(client["ws_token"], query)
        socket.wait("status", state="connected", tiktok_username=client["name"])
        wait_for(lambda: sim.room(client["name"])["enters"], 10, "client in the room")
        return socket
    return start


def refusal(suite, token, base=None, **headers):
    """The answer to a handshake that is refused."""
    reply = requests.get(f"{base or suite.env['BASE']}/ws/{token}", headers={**HANDSHAKE, **headers}, timeout=20)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Request-Id"]
    return reply.status_code, reply.json()


# ---- the handshake ----

def test_a_v1_socket_gets_events_without_id_and_seq(client, watch_v1, sim):
    ours = client()
    socket = watch_v1(ours)
    sim.event(ours["name"], "chat", user="masha", nickname="Маша", text="привет")
    chat = socket.wait("chat")
    assert (chat["user"], chat["username"], chat["message"]) == ("Маша", "masha", "привет")
    assert set(chat) - {"tts_url"} == {"type", "ts", "user", "username", "message"}


@pytest.mark.parametrize("token", ["", "x", "demo", "' or 1=1", "%00", "a/b", "../v2/ws", str(uuid.uuid4())])
def test_a_bad_token_is_refused_with_401(suite, token):
    direct = suite.env["GATEWAY_WS"].replace("ws:", "http:")
    assert refusal(suite, token, base=direct)[0] in (401, 404) if ".." in token else refusal(suite, token, base=direct) == INVALID


def test_an_expired_token_or_that_of_a_banned_user_is_refused(suite, client, db):
    expired, banned = client(), client()
    db.execute("update auth.ws_tokens set expires_at = now() where user_id = %s", (expired["user_id"],))
    db.execute("update auth.users set is_banned = true where id = %s", (banned["user_id"],))
    assert refusal(suite, expired["ws_token"]) == INVALID
    assert refusal(suite, banned["ws_token"]) == INVALID


def test_a_slash_at_the_end_and_upper_case_are_fine(client, connect_v1):
    token = client()["ws_token"]
    connect_v1(token + "/").wait("status")
    connect_v1(token.upper()).wait("status")


def test_an_origin_must_be_allowed(suite, client, connect_v1):
    token = client()["ws_token"]
    connect_v1(token, headers={"Origin": suite.env["BASE"]}).wait("status")
    assert refusal(suite, token, Origin="https://evil.example")[0] == 403


def test_a_token_is_no_password_for_v2_and_the_other_way_round(suite, client, user):
    assert refusal(suite, user.token) == INVALID
    reply = requests.get(f"{suite.env['BASE']}/v2/ws?token={client()['ws_token']}", headers=HANDSHAKE, timeout=10)
    assert (reply.status_code, reply.json()) == (401, {"detail": "invalid token"})


def request_text(path):
    lines = [f"GET {path} HTTP/1.1", "Host: test", *(f"{name}: {value}" for name, value in HANDSHAKE.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def send_slowly(suite, path, size):
    """The status line that a handshake gets which comes in pieces of that size."""
    address = urlsplit(suite.env["GATEWAY_WS"])
    with sockets.create_connection((address.hostname, address.port), 10) as connection:
        connection.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        text = request_text(path)
        for start in range(0, len(text), size):
            connection.sendall(text[start:start + size])
            time.sleep(0.01)
        return connection.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_a_request_may_come_in_pieces(suite, client, user, size):
    assert send_slowly(suite, f"/ws/{client()['ws_token']}", size) == b"HTTP/1.1 101 Switching Protocols"
    assert send_slowly(suite, f"/ws/{uuid.uuid4()}", size) == b"HTTP/1.1 401 Unauthorized"
    assert send_slowly(suite, f"/v2/ws?token={user.token}", size) == b"HTTP/1.1 101 Switching Protocols"
    assert send_slowly(suite, "/ws", size) == b"HTTP/1.1 404 Not Found"


def test_a_request_that_never_ends_is_hung_up_on(suite):
    address = urlsplit(suite.env["GATEWAY_WS"])
    with sockets.create_connection((address.hostname, address.port), 10) as half, \
            sockets.create_connection((address.hostname, address.port), 10) as silent:
        half.sendall(b"GET /ws/")
        for connection in (half, silent):
            connection.settimeout(20)
            with contextlib.suppress(ConnectionResetError):
                assert connection.recv(1) == b""


@pytest.fixture
def stopped_auth(suite):
    """Auth hangs, until the function is called or the test is over."""
    pid = suite.pid("auth")
    os.kill(pid, signal.SIGSTOP)
    yield lambda: os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGCONT)
    wait_for(lambda: suite.is_ready("auth"), 20, "auth")


def test_who_waits_for_auth_holds_up_nobody_else(live, client, connect_v1, suite, request):
    """The answer comes late, and then the socket opens; meanwhile others are served at once."""
    token = client()["ws_token"]
    go_on = request.getfixturevalue("stopped_auth")
    opened = []
    waiting = [threading.Thread(target=lambda: opened.append(connect_v1(token))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    time.sleep(0.5)
    for _ in range(5):
        before = live.count()
        live.send({"action": "ping"})
        live.wait("pong", 2, after=before)
    assert not opened
    go_on()
    for thread in waiting:
        thread.join()
    assert len(opened) == 3


def test_without_auth_the_answer_is_503(suite, client, request):
    token = client()["ws_token"]
    suite.stop_one("auth")
    try:
        reply = requests.get(f"{suite.env['BASE']}/ws/{token}", headers=HANDSHAKE, timeout=20)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert reply.json() == {"detail": "Service Unavailable"}
    finally:
        suite.start_one("auth")
        wait_for(lambda: suite.is_ready("auth"), 20, "auth")


def test_handshakes_are_rate_limited_by_address(suite):
    """1200 others a minute, of which a hundredth is left."""
    with Gateway(suite, RATE_LIMIT_FACTOR="0.01") as gateway:
        gateway.wait_ready()
        base = gateway.ws.replace("ws:", "http:")
        answers = [refusal(suite, uuid.uuid4(), base, **{"X-Forwarded-For": "198.18.200.1"})[0] for _ in range(14)]
        assert answers[:12] == [401] * 12
        assert answers[-1] == 429
        assert refusal(suite, uuid.uuid4(), base, **{"X-Forwarded-For": "198.18.200.2"})[0] == 401


# ---- while it is open ----

def test_commands_are_those_of_v2_and_since_is_ignored(client, watch_v1):
    socket = watch_v1(client(), "?since=1")
    socket.send({"action": "ping"})
    socket.wait("pong")
    socket.send({"action": "disconnect_tiktok"})
    socket.wait("status", state="disconnected", connected=False)
    assert not socket.all("gap")


def test_a_token_that_runs_out_ends_its_socket(client, connect_v1, db):
    ours = client()
    db.execute("update auth.ws_tokens set expires_at = now() + interval '3 seconds' where user_id = %s", (ours["user_id"],))
    socket = connect_v1(ours["ws_token"])
    socket.wait("status")
    assert socket.wait_closed(15) == 4401


def test_a_user_who_is_deleted_is_let_go_at_once(api, make_user, make_key, connect_v1):
    """A key that a v2 user owns signs in to that account."""
    who, key = make_user(), make_key("pro")
    api.post("/v2/auth/upgrade-license", {"license_key": key}, token=who.token)
    socket = connect_v1(api.post("/auth/login", {"license_key": key}).json()["ws_token"])
    socket.wait("status")
    api.post("/v2/profile/delete", {"confirm": "DELETE", "password": who.password}, token=who.token)
    assert socket.wait_closed(5) == 4401


def test_sockets_of_both_kinds_are_one_users(suite, api, client, watch_v1, connect_v1, connect, sim, user):
    ours = client()
    claims = {"sub": ours["user_id"], "iat": int(time.time()), "exp": int(time.time()) + 600}
    owner = type(user)(ours["name"], make_token(suite.secret("JWT_SECRET"), claims), ours["user_id"])
    oldest = watch_v1(ours)
    v2 = connect(owner)
    v2.wait("status", state="connected")
    sim.event(ours["name"], "chat", user="masha", text="for both")
    event = v2.wait("chat", message="for both")
    assert {"id": 0, "seq": 0, **oldest.wait("chat", message="for both")}.keys() == event.keys()
    for _ in range(4):
        connect_v1(ours["ws_token"]).wait("status", state="connected")
    assert oldest.wait_closed() == 4429
    v2.send({"action": "ping"})
    v2.wait("pong")


# ---- what is watched ----

def test_the_live_with_the_clients_name_is_watched(client, connect_v1, asked):
    ours = client()
    connect_v1(ours["ws_token"])
    verb, wish = asked(ours["user_id"])
    assert (verb, wish["username"], wish.get("choose", False)) == ("watch", ours["name"], False)


def test_without_a_name_it_is_the_test_feed(client, connect_v1, asked):
    ours = client(username="")
    connect_v1(ours["ws_token"])
    verb, wish = asked(ours["user_id"])
    assert (verb, wish["username"]) == ("watch", "")


def test_of_a_demo_key_too_whatever_name_it_has(api, client, connect_v1, asked):
    ours = client(key="demo", username="somebody")
    connect_v1(ours["ws_token"])
    verb, wish = asked(ours["user_id"])
    assert (verb, wish["username"]) == ("watch", "")


def test_a_name_that_is_set_later_is_watched_instead(api, client, connect_v1, asked):
    ours = client(username="")
    connect_v1(ours["ws_token"])
    assert asked(ours["user_id"])[1]["username"] == ""
    api.post("/auth/set-tiktok", {"ws_token": ours["ws_token"], "tiktok_username": "some.body"})
    connect_v1(ours["ws_token"])  # for which auth is asked, too
    wishes = iter(lambda: asked(ours["user_id"])[1], None)
    wish = next(wish for wish in wishes if wish["username"])
    assert (wish["username"], wish["choose"]) == ("some.body", True)


def test_a_name_that_is_set_is_watched_at_once_on_the_socket_that_is_open(api, client, connect_v1):
    ours = client(username="")
    socket = connect_v1(ours["ws_token"])
    socket.wait("status", state="connected")
    name = f"v1.{ours['user_id'][:8]}"
    api.post("/auth/set-tiktok", {"ws_token": ours["ws_token"], "tiktok_username": name})
    socket.wait("status", state="connected", tiktok_username=name)


def test_without_autostart_the_test_feed_comes_all_the_same(suite, client, connect_v1, asked):
    nameless, named = client(username=""), client()
    with Gateway(suite, TT_WS_AUTOSTART="0") as gateway:
        gateway.wait_ready()
        connect_v1(named["ws_token"], base=gateway.ws)
        socket = connect_v1(nameless["ws_token"], base=gateway.ws)
        wait_for(lambda: socket.all("chat") + socket.all("gift"), 15, "made-up event")
        assert asked(named["user_id"], 1) is None


def test_a_deletion_is_not_sent_to_who_knows_no_ids(client, watch_v1, nats):
    ours = client()
    socket = watch_v1(ours)
    for number, kind in enumerate(("delete", "share")):
        event = {"type": kind, "id": f"{kind}-1", "seq": time.time_ns() // 1000 + number, "ts": "2026-01-01T00:00:00.000Z"}
        event |= {"ids": ["x"]} if kind == "delete" else {"user": "M", "username": "masha"}
        nats.publish(f"live.{ours['user_id']}", json.dumps(event).encode(), headers={"Nats-Msg-Id": f"{ours['user_id']}:{kind}-1"})
    socket.wait("share")
    assert not socket.all("delete")
