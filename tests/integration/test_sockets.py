# SPDX-License-Identifier: MIT
"""The client's WebSocket itself: who may open one, what it may send, and when it is closed."""
import base64
import json
import socket as sockets
import struct
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from gateway import Gateway
from live import LiveSocket, Refused
from suite import wait_for
from tokens import make_token, read_claims

HANDSHAKE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode()}


# ---- the handshake ----

def handshake(suite, path, **headers):
    """The answer to a handshake that is refused."""
    reply = requests.get(suite.env["BASE"] + path, headers={**HANDSHAKE, **headers}, timeout=10)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["X-Request-Id"]
    return reply.status_code, reply.json()


def test_a_wrong_token_is_refused_before_the_socket_opens(suite, user):
    expired = make_token(suite.env["JWT_SECRET"], {**read_claims(user.token), "exp": 1})
    missing, invalid = (401, {"detail": "missing bearer token"}), (401, {"detail": "invalid token"})
    assert handshake(suite, "/v2/ws") == missing
    assert handshake(suite, "/v2/ws?token=") == missing
    assert handshake(suite, "/v2/ws?token=nonsense") == invalid
    assert handshake(suite, f"/v2/ws/?token={expired}") == invalid
    assert handshake(suite, "/v2/ws", Authorization=f"Bearer {user.token}x") == invalid


def test_the_token_may_stand_in_the_header(suite, user, connect):
    nobody = type(user)(user.name, "", user.id)
    socket = connect(nobody, headers={"Authorization": f"bearer {user.token}"})
    socket.wait("status")


def test_an_origin_must_be_allowed(suite, user, connect):
    connect(user, headers={"Origin": suite.env["BASE"]}).wait("status")
    with pytest.raises(Refused) as refused:
        connect(user, headers={"Origin": "https://evil.example"})
    assert refused.value.status == 403


@pytest.fixture
def desktop_user(api, user, make_key):
    """A user whose plan allows desktops only."""
    api.post("/v2/auth/redeem-license", {"username": user.name, "password": user.password, "license_key": make_key("one_desktop")})
    return user


@pytest.mark.parametrize("query", ["", "&platform=mobile", "&platform=m", "&platform=toaster"])
def test_a_plan_may_forbid_the_platform(connect, desktop_user, query):
    socket = connect(desktop_user, query)
    assert socket.wait_closed() == 4403
    assert [(frame["type"], frame["connected"]) for frame in socket.frames] == [("status", False)]


@pytest.mark.parametrize("query,headers", [("&platform=desktop", None), ("", {"X-Client-Platform": "Windows"}),
                                           ("&platform=pc", {"X-Client-Platform": "mobile"})])
def test_a_plan_may_allow_the_platform(connect, desktop_user, query, headers):
    connect(desktop_user, query, headers).wait("status", state="connected")


def test_a_banned_or_deleted_user_is_let_go(connect, make_user, db):
    banned, deleted = make_user(), make_user()
    db.execute("update auth.users set is_banned = true where id = %s", (banned.id,))
    db.execute("delete from auth.users where id = %s", (deleted.id,))
    assert connect(banned).wait_closed() == 4403
    assert connect(deleted).wait_closed() == 4401


# ---- commands ----

def test_ping_is_answered(live):
    live.send({"action": "ping"})
    live.wait("pong")


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "null", '"ping"', '{"action":5}', '{"action":"dance"}', "{" * 2000, "\0"])
def test_anything_else_is_ignored(live, text):
    live.send(text)
    live.send({"action": "ping"})
    live.wait("pong")


def test_a_frame_of_4_kib_is_read_and_a_larger_one_closes(connect, user):
    socket = connect(user)
    ping = json.dumps({"action": "ping"})
    socket.send(ping + " " * (4096 - len(ping)))
    socket.wait("pong")
    socket.send(ping + " " * (4097 - len(ping)))
    assert socket.wait_closed() == 1009


def test_watching_stops_and_begins_by_command(live, sim, user):
    live.send({"action": "disconnect_tiktok"})
    live.wait("status", state="disconnected", connected=False)
    before = live.count()
    sim.event(user.name, "chat", user="masha", text="nobody listens")
    live.send({"action": "ping"})
    live.wait("pong")
    assert live.count() == before + 1, "an event came after the client had said that it wants none"
    live.send({"action": "connect_tiktok", "username": f"@{user.name}.2"})
    live.wait("status", 40, after=before, state="connected", tiktok_username=f"{user.name}.2")
    wait_for(lambda: sim.room(f"{user.name}.2")["enters"], 10, "client in the room")
    sim.event(f"{user.name}.2", "chat", user="masha", text="another room")
    live.wait("chat", message="another room")


def test_who_watches_another_live_leaves_the_old_one_at_once(live, sim, user):
    other = f"{user.name}.3"
    live.send({"action": "connect_tiktok", "username": other})
    live.wait("status", 40, state="connected", tiktok_username=other)
    wait_for(lambda: sim.room(other)["enters"], 10, "client in the room")
    sim.event(user.name, "chat", user="masha", text="in the old room")
    for number in range(5):
        time.sleep(0.2)  # each room has a connection of its own: the old one gets its time
        sim.event(other, "chat", user="masha", text=f"in the new room {number}")
    live.wait("chat", message="in the new room 4")
    assert {chat["message"] for chat in live.all("chat")} == {f"in the new room {number}" for number in range(5)}


def test_a_choice_is_told_as_one_and_then_only_kept(connect, make_user, asked):
    """So that the renewals of two gateways do not take the live from each other."""
    who = make_user()
    socket = connect(who)
    verb, wish = asked(who.id)
    assert (verb, wish["username"], wish["choose"], wish["wants_state"]) == ("watch", who.name, False, True)
    socket.send({"action": "connect_tiktok", "username": f"{who.name}.4"})
    verb, wish = asked(who.id)
    assert (verb, wish["username"], wish["choose"]) == ("watch", f"{who.name}.4", True)
    verb, wish = asked(who.id)  # 10 s later
    assert (verb, wish["username"], wish["choose"], wish["wants_state"]) == ("watch", f"{who.name}.4", False, False)


def test_a_choice_that_nobody_heard_is_told_again(suite, connect, make_user, asked):
    """While events services are away; the second wish comes when the first was not answered for 5 s."""
    who = make_user()
    socket = connect(who)
    socket.wait("status", state="connected")
    assert asked(who.id)[1]["username"] == who.name
    suite.stop_one("events")
    try:
        socket.send({"action": "connect_tiktok", "username": f"{who.name}.7"})
        for _ in range(2):
            wishes = iter(lambda: asked(who.id)[1], None)
            wish = next(wish for wish in wishes if wish["username"] != who.name)
            assert (wish["username"], wish["choose"], wish["wants_state"]) == (f"{who.name}.7", True, True)
    finally:
        suite.start_one("events")
    socket.wait("status", 40, state="connected", tiktok_username=f"{who.name}.7")


def test_who_disconnects_is_watched_for_no_more(connect, make_user, asked, db):
    who = make_user()
    socket = connect(who)
    socket.wait("status", state="connected")
    assert asked(who.id)[0] == "watch"
    socket.send({"action": "connect_tiktok", "username": f"{who.name}.5"})
    assert asked(who.id)[0] == "watch"
    socket.send({"action": "disconnect_tiktok"})
    assert asked(who.id)[0] == "unwatch"

    def count():
        db.execute("select count(*) from events.watches where user_id = %s and not is_paused", (who.id,))
        return db.fetchone()[0]
    wait_for(lambda: count() == 0, 5, "end of the watch")
    assert asked(who.id, 12) is None
    assert count() == 0
    socket.send({"action": "connect_tiktok"})
    verb, wish = asked(who.id)
    assert (verb, wish["username"], wish["choose"]) == ("watch", who.name, False)


def test_a_name_that_is_set_later_is_watched_instead(api, connect, make_user, asked):
    who = make_user()
    connect(who)
    assert asked(who.id)[1]["username"] == who.name
    api.post("/v2/settings/update", {"tiktok_username": f"{who.name}.6"}, token=who.token)
    connect(who)
    verb, wish = asked(who.id)
    assert (verb, wish["username"], wish["choose"]) == ("watch", f"{who.name}.6", True)


def test_a_name_that_is_set_is_watched_at_once_on_the_sockets_that_are_open(api, live, user):
    other = f"{user.name}.8"
    api.post("/v2/settings/update", {"tiktok_username": other}, token=user.token)
    live.wait("status", state="connected", tiktok_username=other)


def say(sim, socket, name, text):
    """Has something said in a live that is being watched, and waits until the socket hears it."""
    wait_for(lambda: sim.room(name)["enters"], 10, "client in the room")
    sim.event(name, "chat", user="masha", text=text)
    return socket.wait("chat", message=text)


@pytest.mark.parametrize("typo", ["имя!", "some one", "x" * 65, "https://www.tiktok.com/@", "https://" + "x" * 1100, 5, {}, [], True],
                         ids=lambda typo: ascii(typo)[:30])
def test_a_typo_is_told_and_changes_nothing(live, sim, user, typo):
    before = live.count()
    live.send({"action": "connect_tiktok", "username": typo})
    error = live.wait("error", after=before)
    assert (error["code"], error["message"]) == ("user_not_found", "invalid username")
    say(sim, live, user.name, "goes on")
    before = live.count()
    live.send({"action": "connect_tiktok"})
    live.wait("status", after=before, state="connected", tiktok_username=user.name)
    say(sim, live, user.name, "goes on still")
    assert len(live.all("error")) == 1


def test_a_typo_while_nothing_is_watched_leaves_it_so(live, sim, user):
    live.send({"action": "disconnect_tiktok"})
    live.wait("status", state="disconnected")
    live.send({"action": "connect_tiktok", "username": "some one"})
    live.wait("error", code="user_not_found")
    time.sleep(1)
    sim.event(user.name, "chat", user="masha", text="nobody listens")
    time.sleep(1)
    assert not live.all("chat")


def test_after_a_typo_what_was_watched_is_renewed_at_once(connect, make_user, asked):
    """Lest it runs out while names are tried one after the other."""
    who = make_user()
    socket = connect(who)
    assert asked(who.id)[1]["username"] == who.name
    for typo in ("some one", "any one"):
        socket.send({"action": "connect_tiktok", "username": typo})
        wishes = [asked(who.id, 3)[1] for _ in range(2)]
        assert [(wish["username"], wish["choose"], wish["wants_state"]) for wish in wishes] == [
            (typo, True, True), (who.name, False, False)]


def test_of_commands_in_a_row_the_last_counts(live, sim, user):
    other = f"{user.name}.13"
    for command in ("connect_tiktok", "some one"), ("disconnect_tiktok", None), ("connect_tiktok", other), ("disconnect_tiktok", None), \
            ("connect_tiktok", None):
        live.send({"action": command[0], "username": command[1]})
    before = live.frames.index(live.wait("status", state="disconnected"))
    live.wait("status", after=before, state="connected", tiktok_username=user.name)
    say(sim, live, user.name, "the last word")


def test_a_pasted_link_of_any_length_names_a_live(live, user):
    other = f"{user.name}.9"
    link = f"https://www.tiktok.com/@{other}/live?_r=1&x="
    live.send({"action": "connect_tiktok", "username": link + "x" * (1024 - len(link))})
    live.wait("status", state="connected", tiktok_username=other)
    assert not live.all("error")


def test_a_live_chosen_over_http_is_heard_after_disconnect_tiktok(api, live, sim, user):
    live.send({"action": "disconnect_tiktok"})
    live.wait("status", state="disconnected")
    other, before = f"{user.name}.10", live.count()
    assert api.post("/v2/tiktok/connect", {"username": other}, token=user.token).status_code == 200
    live.wait("status", after=before, state="connected", tiktok_username=other)
    say(sim, live, other, "heard again")


def test_a_live_left_over_http_is_told_to_the_sockets(api, live, join, sim, user):
    other = join(user)
    api.post("/v2/tiktok/disconnect", {}, token=user.token)
    for socket in (live, other):
        socket.wait("status", state="disconnected", connected=False)
    sim.event(user.name, "chat", user="masha", text="nobody listens")
    api.post("/v2/tiktok/connect", {"username": user.name}, token=user.token)
    for socket in (live, other):
        socket.wait("status", after=socket.frames.index(socket.wait("status", state="disconnected")), state="connected")
    sim.event(user.name, "chat", user="masha", text="back")
    for socket in (live, other):
        socket.wait("chat", message="back")
        assert [chat["message"] for chat in socket.all("chat")] == ["back"]


def test_a_live_chosen_over_http_is_what_is_asked_for_from_then_on(api, make_user, connect, asked):
    """Lest the old one comes back when the events services were away; also where the choice came before the socket did."""
    who = make_user()
    api.post("/v2/tiktok/connect", {"username": f"{who.name}.11"}, token=who.token)
    connect(who).wait("status", state="connected", tiktok_username=f"{who.name}.11")
    wishes = [asked(who.id)[1] for _ in range(2)]
    assert [wish["username"] for wish in wishes] == [who.name, f"{who.name}.11"]
    api.post("/v2/tiktok/connect", {"username": f"{who.name}.12"}, token=who.token)
    verb, wish = asked(who.id)
    assert (verb, wish["username"], wish["choose"]) == ("watch", f"{who.name}.12", False)


def test_events_that_test_a_trigger_come_whatever_is_watched(api, live, user):
    live.send({"action": "disconnect_tiktok"})
    live.wait("status", state="disconnected")
    event = {"type": "chat", "user": "Masha", "username": "masha", "message": "a test"}
    assert api.post("/v2/triggers/test", {"event": event}, token=user.token).status_code == 200
    assert live.wait("chat", message="a test")["test"] is True


def test_without_any_name_there_is_nothing_to_watch(suite, api, make_key, user, connect):
    """An account of the old API has none; tokens for one are made nowhere yet."""
    nameless = api.post("/auth/login", {"license_key": make_key("pro")}).json()["user_id"]
    token = make_token(suite.secret("JWT_SECRET"), {"sub": nameless, "iat": int(time.time()), "exp": int(time.time()) + 600})
    socket = connect(type(user)("", token, nameless))
    for command in ({"action": "connect_tiktok"}, {"action": "connect_tiktok", "username": " \t"}):
        before = socket.count()
        socket.send(command)
        socket.wait("error", after=before, code="username_required")
    before = socket.count()
    socket.send({"action": "connect_tiktok", "username": "some one"})
    socket.wait("error", after=before, code="user_not_found")


# ---- events ----

def test_an_event_that_is_sent_twice_comes_once(live, tell, user):
    seq = time.time_ns() // 1000
    for number in (1, 2, 1, 3, 2, 1):
        tell(user, f"text {number}", f"id-{number}", seq + number)
    live.wait("chat", message="text 3")
    tell(user, "last", "id-last", seq + 10)
    live.wait("chat", message="last")
    assert [chat["message"] for chat in live.all("chat")] == ["text 1", "text 2", "text 3", "last"]


# ---- limits ----

def test_the_oldest_of_six_sockets_closes(live, join, connect, user):
    opened = [live, *(join(user) for _ in range(4))]
    opened.append(connect(user))
    assert opened[0].wait_closed() == 4429
    for socket in opened[1:]:
        socket.send({"action": "ping"})
        socket.wait("pong")


def open_deaf(suite, token, url=None):
    """A socket that reads its handshake's answer and then nothing more; the kernel takes little for it."""
    address = urlsplit(url or suite.env["GATEWAY_WS"])
    connection = sockets.socket()
    connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect((address.hostname, address.port))
    lines = [f"GET /v2/ws?token={token} HTTP/1.1", "Host: test", *(f"{name}: {value}" for name, value in HANDSHAKE.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    assert b" 101 " in answer
    return connection


def read_frame(reader):
    """(opcode, payload); None at the connection's end."""
    head = reader.read(2)
    if len(head) < 2:
        return None
    size = head[1]
    if size == 126:
        size, = struct.unpack(">H", reader.read(2))
    elif size == 127:
        size, = struct.unpack(">Q", reader.read(8))
    return head[0] & 15, reader.read(size)


def test_who_answers_no_ping_is_gone(suite, user):
    """A ping comes after 25 s; 10 s later the connection ends. One that answers stays."""
    with open_deaf(suite, user.token) as dead, open_deaf(suite, user.token) as alive:
        began = time.monotonic()
        for connection in (dead, alive):
            connection.settimeout(40)
        readers = dead.makefile("rb"), alive.makefile("rb")
        for reader in readers:
            opcode, payload = read_frame(reader)
            while opcode != 9:
                opcode, payload = read_frame(reader)
            assert 24 < time.monotonic() - began < 28
        alive.sendall(bytes([0x8a, 0x80 + len(payload)]) + bytes(4) + payload)
        while read_frame(readers[0]):
            pass
        assert 34 < time.monotonic() - began < 40
        alive.sendall(b"\x81\x91" + bytes(4) + b'{"action":"ping"}')
        wait_for(lambda: b"pong" in read_frame(readers[1])[1], 10, "answer")


def read_close_code(connection):
    """Reads all frames up to the close frame."""
    with connection.makefile("rb") as reader:
        while True:
            opcode, payload = read_frame(reader)
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0]


def test_who_reads_too_slowly_is_closed_and_nobody_else(suite, watch, sim, user):
    """A large chat message many times over: more than the kernel's buffers and the gateway's queue hold."""
    closes = suite.metric("gateway", "ttb_ws_slow_closes_total")
    reader = watch(user)
    with open_deaf(suite, user.token) as deaf:
        wait_for(lambda: suite.metric("gateway", "ttb_ws_sockets") >= 2, 10, "second socket")
        sim.set_room(user.name, rate=0)
        text = "x" * 3000
        for number in range(6000):
            sim.event(user.name, "chat", user="masha", text=f"{number} {text}")
            if number % 200 == 0 and suite.metric("gateway", "ttb_ws_slow_closes_total") > closes:
                break
        wait_for(lambda: suite.metric("gateway", "ttb_ws_slow_closes_total") == closes + 1, 10, "slow close")
        assert read_close_code(deaf) == 4408
    sim.event(user.name, "chat", user="masha", text="the other one")
    reader.wait("chat", message="the other one")


def test_commands_are_rate_limited_and_pings_are_not(suite, user):
    """1200 others a minute, of which a two-hundredth is left; the handshake is the first."""
    with Gateway(suite, RATE_LIMIT_FACTOR="0.005") as gateway:
        gateway.wait_ready()
        with LiveSocket(f"{gateway.ws}/v2/ws?token={user.token}") as socket:
            socket.wait("status", state="connected")
            for _ in range(8):
                socket.send({"action": "ping"})
                socket.send({"action": "dance"})
            for _ in range(5):
                socket.send({"action": "connect_tiktok"})
            socket.send({"action": "ping"})
            wait_for(lambda: len(socket.all("pong")) == 9, 10, "pong")
            assert not socket.all("error")
            socket.send({"action": "disconnect_tiktok"})
            assert socket.wait("error")["code"] == "rate_limited"
            assert not [frame for frame in socket.all("status") if frame["state"] == "disconnected"]


def test_a_user_chooses_six_lives_a_minute_and_no_more(suite, sim, user):
    with Gateway(suite, RATE_LIMIT_FACTOR="1") as gateway:
        gateway.wait_ready()
        with LiveSocket(f"{gateway.ws}/v2/ws?token={user.token}") as socket:
            socket.wait("status", state="connected")
            names = [f"{user.name}.{number}" for number in range(20, 27)]
            for name in names[:6]:
                for _ in range(3):  # the same one again costs nothing
                    socket.send({"action": "connect_tiktok", "username": name})
            socket.wait("status", state="connected", tiktok_username=names[5])
            assert not socket.all("error")
            socket.send({"action": "connect_tiktok", "username": names[6]})
            assert socket.wait("error")["code"] == "rate_limited"
            socket.send({"action": "connect_tiktok", "username": names[5]})
            say(sim, socket, names[5], "the sixth goes on")
            assert not [frame for frame in socket.all("status") if frame.get("tiktok_username") == names[6]]


def test_without_autostart_nothing_is_watched_until_the_client_asks(suite, sim, make_user, asked):
    who = make_user()
    with Gateway(suite, TT_WS_AUTOSTART="0") as gateway:
        gateway.wait_ready()
        with LiveSocket(f"{gateway.ws}/v2/ws?token={who.token}") as socket:
            assert asked(who.id, 3) is None
            socket.send({"action": "ping"})
            socket.wait("pong")
            assert socket.count() == 1
            socket.send({"action": "connect_tiktok"})
            socket.wait("status", state="connected", tiktok_username=who.name)
            say(sim, socket, who.name, "asked for")


# ---- the end ----

def test_a_gateway_that_stops_lets_its_clients_go_one_after_the_other(suite, make_user):
    """Over WS_DRAIN_MS, so that they do not come back all at once; who comes meanwhile is refused."""
    count, closed = 20, []
    with Gateway(suite, WS_DRAIN_MS="2000", WS_SOCKETS_PER_USER=str(count)) as gateway:
        gateway.wait_ready()
        who = make_user()
        opened = [LiveSocket(f"{gateway.ws}/v2/ws?token={who.token}") for _ in range(count)]
        for socket in opened:
            socket.wait("status")

        def note(socket):
            closed.append((socket.wait_closed(20), time.monotonic()))
        waiting = [threading.Thread(target=note, args=(socket,)) for socket in opened]
        for thread in waiting:
            thread.start()
        gateway.process.terminate()
        wait_for(lambda: closed, 10, "closed socket")
        late = requests.get(gateway.ws.replace("ws:", "http:") + f"/v2/ws?token={who.token}", headers=HANDSHAKE, timeout=10)
        for thread in waiting:
            thread.join()
    assert (late.status_code, late.headers["Retry-After"]) == (503, "1")
    assert [code for code, _ in closed] == [1001] * count
    times = sorted(when for _, when in closed)
    assert 1 < times[-1] - times[0] < 4
    assert times[count // 2] - times[0] > 0.3


def test_a_client_that_does_not_answer_holds_up_no_stop(suite, user):
    with Gateway(suite, WS_DRAIN_MS="60000", SHUTDOWN_TIMEOUT_MS="4000") as gateway:
        gateway.wait_ready()
        with open_deaf(suite, user.token, gateway.ws):
            began = time.monotonic()
            gateway.process.terminate()
            assert gateway.process.wait(10) == 0
            assert time.monotonic() - began < 5
