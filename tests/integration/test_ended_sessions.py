# SPDX-License-Identifier: MIT
"""A session that has ended is refused by every gateway, within a second and after any restart, and so is a socket that is no longer allowed."""
import os
import subprocess
import time
import uuid

import pytest
import requests

from api import Api
from gateway import Gateway
from live import LiveSocket, Refused
from suite import PROFILE, ROOT, wait_for
from tokens import make_token, read_claims

ME, LOGOUT, LOGIN = "/v2/auth/me", "/v2/auth/logout", "/v2/auth/login"
SOON_S = 1
RELAY_S = 3  # what a command has written waits for the relay's next look
RECOVERY_S = 10
DAY_S = 86400
MANY = 5000  # more than a page
INVALID = (401, {"detail": "invalid token"})
PASSWORD = "correct horse"


def outcome(reply):
    return reply.status_code, reply.json()


@pytest.fixture
def log_in(api):
    return lambda user: api.post(LOGIN, {"username": user.name, "password": user.password}).json()["access_token"]


@pytest.fixture
def is_refused(api):
    return lambda token: outcome(api.get(ME, token=token)) == INVALID


@pytest.fixture
def old_token(suite):
    """A token as the old backend makes them, without sid, of an hour ago."""
    def make(user):
        now = int(time.time())
        return make_token(suite.secret("JWT_SECRET"), {"sub": user.id, "iat": now - 3600, "exp": now + 3600})
    return make


@pytest.fixture
def note_ended(db):
    """As auth notes it, but without a word to the gateways."""
    def note(token):
        claims = read_claims(token)
        db.execute("insert into auth.ended_sessions (session_id, user_id, expires_at) values (%s, %s, now() + interval '1 day')",
                   (claims["sid"], claims["sub"]))
    return note


# ---- requests ----

def test_a_session_is_refused_soon_after_its_logout_and_no_other_is(api, user, log_in, is_refused):
    other = log_in(user)
    assert outcome(api.post(LOGOUT, token=user.token)) == (200, {"status": "ok"})
    wait_for(lambda: is_refused(user.token), SOON_S, "401")
    assert api.get(ME, token=other).status_code == 200


def test_a_session_that_was_deleted_is_refused_soon(api, user, log_in, is_refused):
    other = log_in(user)
    assert api.call("DELETE", f"/v2/auth/sessions/{read_claims(other)['sid']}", token=user.token).status_code == 200
    wait_for(lambda: is_refused(other), SOON_S, "401")
    assert api.get(ME, token=user.token).status_code == 200


def test_after_a_logout_of_all_the_old_backends_tokens_are_refused_too(api, user, log_in, old_token, is_refused):
    tokens = [user.token, log_in(user), old_token(user)]
    assert all(api.get(ME, token=token).status_code == 200 for token in tokens)
    api.post(LOGOUT, {"all": True}, token=user.token)
    for token in tokens:
        wait_for(lambda: is_refused(token), SOON_S, "401")
    assert api.get(ME, token=log_in(user)).status_code == 200


def test_a_new_password_ends_all_sessions_but_this(api, user, log_in, old_token, is_refused):
    tokens = [log_in(user), old_token(user)]
    change = {"current_password": user.password, "new_password": "another horse"}
    assert api.post("/v2/profile/credentials", change, token=user.token).status_code == 200
    for token in tokens:
        wait_for(lambda: is_refused(token), SOON_S, "401")
    assert api.get(ME, token=user.token).status_code == 200


# ---- gateways that come, go, and miss what was said ----

def statuses_until_ready(gateway, token):
    """Of all requests that were answered from the gateway's first moment to its being ready."""
    seen = set()
    while True:
        is_ready = gateway.readiness()[0] == 200
        try:
            seen.add(requests.get(gateway.base + ME, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code)
        except requests.ConnectionError:
            pass  # the port is not open yet
        if is_ready:
            return seen


def test_a_gateway_that_starts_later_never_lets_an_ended_session_in(suite, api, user, log_in, is_refused):
    good = log_in(user)
    api.post(LOGOUT, token=user.token)
    wait_for(lambda: is_refused(user.token), SOON_S, "401")
    with Gateway(suite) as gateway:
        assert statuses_until_ready(gateway, user.token) <= {401, 503}
        late = Api(gateway.base, api.openapi)
        assert outcome(late.get(ME, token=user.token)) == INVALID
        assert late.get(ME, token=good).status_code == 200


def test_every_gateway_hears_of_it(suite, api, user):
    with Gateway(suite) as first, Gateway(suite) as second:
        gateways = [Api(gateway.base, api.openapi) for gateway in (first, second)]
        for gateway in (first, second):
            gateway.wait_ready()
        assert all(gateway.get(ME, token=user.token).status_code == 200 for gateway in gateways)
        gateways[0].post(LOGOUT, token=user.token)
        for gateway in gateways:
            wait_for(lambda: outcome(gateway.get(ME, token=user.token)) == INVALID, SOON_S, "401")


def test_a_restart_does_not_forget(suite, api, user, is_refused):
    api.post(LOGOUT, token=user.token)
    suite.stop_one("gateway")
    suite.start_one("gateway")
    assert is_refused(user.token)


def test_more_than_a_page_of_ended_sessions_is_known_from_the_start(suite, db, user):
    sids = [str(uuid.UUID(int=(1 << 128) - 1 - i)) for i in range(MANY)]
    db.execute("insert into auth.ended_sessions (session_id, user_id, expires_at) "
               "select unnest(%s::uuid[]), %s, now() + interval '1 hour'", (sids, user.id))
    now = int(time.time())
    try:
        with Gateway(suite) as gateway:
            gateway.wait_ready()
            for sid in (sids[0], sids[MANY // 2], sids[-1]):
                token = make_token(suite.secret("JWT_SECRET"), {"sub": user.id, "sid": sid, "iat": now, "exp": now + DAY_S})
                reply = requests.get(gateway.base + ME, headers={"Authorization": f"Bearer {token}"}, timeout=5)
                assert outcome(reply) == INVALID
    finally:
        db.execute("delete from auth.ended_sessions where user_id = %s", (user.id,))


def test_while_auth_is_away_a_new_gateway_opens_no_door_that_needs_a_token(suite, api, user):
    suite.stop_one("auth")
    try:
        with Gateway(suite) as gateway:
            fresh = Api(gateway.base, api.openapi)
            wait_for(lambda: "ended sessions are not known yet" in gateway.readiness()[1], RECOVERY_S, "reason")
            assert gateway.readiness()[0] == 503
            reply = fresh.get(ME, token=user.token)
            assert outcome(reply) == (503, {"detail": "Service Unavailable"})
            assert reply.headers["Retry-After"] == "1"
            assert outcome(fresh.get(ME, token="nonsense")) == INVALID
            assert fresh.get("/").status_code == 200
            with pytest.raises(Refused) as refusal:
                LiveSocket(f"{gateway.ws}/v2/ws?token={user.token}")
            assert refusal.value.status == 503
            suite.start_one("auth")
            gateway.wait_ready()
            assert fresh.get(ME, token=user.token).status_code == 200
    finally:
        suite.start_one("auth")


def test_a_gateway_that_has_missed_it_asks_when_nats_is_back(suite, user, note_ended, is_refused, api):
    suite.stop_one("nats")
    try:
        note_ended(user.token)
    finally:
        suite.start_one("nats")
    wait_for(lambda: is_refused(user.token), RECOVERY_S, "401")
    wait_for(lambda: api.get("/health").status_code == 200, RECOVERY_S, "health")


# ---- sockets ----

def assert_open(socket):
    before = socket.count()
    socket.send({"action": "ping"})
    socket.wait("pong", after=before)


def test_a_logout_closes_the_sessions_sockets_and_no_others(api, user, log_in, connect):
    ended, other = connect(user), LiveSocket(f"{api.base.replace('http', 'ws')}/v2/ws?token={log_in(user)}")
    with other:
        api.post(LOGOUT, token=user.token)
        assert ended.wait_closed(SOON_S) == 4401
        assert_open(other)
    with pytest.raises(Refused) as refusal:
        connect(user)
    assert refusal.value.status == 401


def test_a_logout_of_all_closes_all_sockets(api, user, connect, make_user):
    sockets, other = [connect(user) for _ in range(3)], connect(make_user())
    api.post(LOGOUT, {"all": True}, token=user.token)
    assert [socket.wait_closed(SOON_S) for socket in sockets] == [4401] * 3
    assert_open(other)


def run_auth(suite, *arguments):
    """A command of the auth daemon, as an operator gives it."""
    password = suite.secret("PG_PASSWORD_AUTH")
    environment = {**os.environ, "JWT_SECRET": suite.secret("JWT_SECRET"),
                   "DATABASE_URL": f"postgresql://auth:{password}@127.0.0.1:{suite.ports['PG']}/ttboost"}
    done = subprocess.run([ROOT / "build" / PROFILE / "bin/ttb-auth", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_ban_closes_the_users_sockets(suite, api, user, connect, make_user):
    socket, other = connect(user), connect(make_user())
    run_auth(suite, "ban", user.name)
    assert socket.wait_closed(RELAY_S) in (4401, 4403)
    assert api.get(ME, token=user.token).status_code in (401, 403)
    assert_open(other)


def test_a_deleted_account_closes_its_sockets(api, user, connect):
    socket = connect(user)
    assert api.post("/v2/profile/delete", {"confirm": "DELETE", "password": user.password}, token=user.token).status_code == 200
    assert socket.wait_closed(SOON_S) == 4401


@pytest.fixture
def licensed(api, user, make_key):
    """A user whose key allows every platform, and the key."""
    user.key = make_key("pro")
    assert api.post("/v2/auth/upgrade-license", {"license_key": user.key}, token=user.token).status_code == 200
    return user


def test_another_plan_closes_the_sockets_of_the_platform_that_it_forbids(api, admin, licensed, connect):
    mobile, desktop = connect(licensed, "&platform=mobile"), connect(licensed, "&platform=desktop")
    assert_open(mobile)
    plan = {"key": licensed.key, "plan": "nova_streamer_one_desktop"}
    assert api.post("/v2/license/set-plan", plan, headers=admin).status_code == 200
    assert mobile.wait_closed(SOON_S) == 4403
    assert mobile.all("status")[-1]["message"] == "tariff does not allow this platform"
    assert_open(desktop)
    assert_open(desktop)


def test_another_plan_that_allows_the_platform_changes_nothing_for_a_socket(api, admin, licensed, connect):
    socket = connect(licensed)
    socket.wait("status", state="connected")
    told = len(socket.all("status"))
    assert api.post("/v2/license/set-plan", {"key": licensed.key, "plan": "nova_streamer_duo"}, headers=admin).status_code == 200
    time.sleep(SOON_S)
    assert_open(socket)
    assert len(socket.all("status")) == told
