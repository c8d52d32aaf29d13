# SPDX-License-Identifier: MIT
"""Sessions: seeing and ending them; changing and deleting the account that they are of. What gateways do with the news is
tested in test_ended_sessions.py."""
import json
import os
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from tokens import make_token, read_claims

LOGIN, LOGOUT, SESSIONS, ME = "/v2/auth/login", "/v2/auth/logout", "/v2/auth/sessions", "/v2/auth/me"
CREDENTIALS, DELETE = "/v2/profile/credentials", "/v2/profile/delete"
PASSWORD = "correct horse"
ENDED = "evt.auth.sessions_ended"
DAY_S = 86400
PAGE = 2000


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def sid(token):
    return read_claims(token)["sid"]


@pytest.fixture
def sign_in(api):
    def open_session(user, password=PASSWORD, name=None, **headers):
        reply = api.post(LOGIN, {"username": name or user.name, "password": password}, headers=headers)
        return reply.json()["access_token"]
    return open_session


@pytest.fixture
def rows(db):
    """The user's sessions in the table."""
    def read(user):
        db.execute("select id::text from auth.sessions where user_id = %s", (user.id,))
        return {row[0] for row in db.fetchall()}
    return read


@pytest.fixture
def ended(nats):
    """What gateways are told."""
    def ask(**request):
        (_, headers, body), = nats.request("rpc.auth.ended_sessions", json.dumps(request).encode(), seconds=5, most=1)
        assert "Ttb-Status" not in headers, (headers, body)
        return json.loads(body)
    return ask


def ended_sids(reply):
    return {item["session_id"]: item["expires_s"] for item in reply["sessions"]}


def cutoff_of(reply, user):
    """(except_session, expires_s) of the user's cutoff, which is of this very moment; None without one."""
    for item in reply["cutoffs"]:
        if item["user_id"] == user.id:
            assert abs(item["issued_before_s"] - time.time()) < 30
            return item["except_session"], item["expires_s"]
    return None


# ---- logging out ----

@pytest.mark.parametrize("body", [None, {}, {"all": False}, {"all": None}])
def test_logout_ends_this_session(api, user, sign_in, rows, ended, events, body):
    other = sign_in(user)
    reply = api.post(LOGOUT, body, token=user.token)
    assert (outcome(reply), reply.json()) == (200, {"status": "ok"})
    assert rows(user) == {sid(other)}
    told = ended()
    assert ended_sids(told)[sid(user.token)] == read_claims(user.token)["exp"]
    assert sid(other) not in ended_sids(told) and cutoff_of(told, user) is None
    assert events.wait(ENDED, user_id=user.id)


def test_logout_of_all_ends_every_session(api, user, make_user, sign_in, rows, ended, events):
    tokens = [user.token, *(sign_in(user) for _ in range(3))]
    stranger = make_user()
    assert outcome(api.post(LOGOUT, {"all": True}, token=tokens[1])) == 200
    assert rows(user) == set() and rows(stranger) == {sid(stranger.token)}
    told = ended()
    assert {sid(token) for token in tokens} <= set(ended_sids(told)), "tokens of this second are not before it"
    except_session, expires_s = cutoff_of(told, user)
    assert except_session is None and expires_s >= max(read_claims(token)["exp"] for token in tokens)
    assert cutoff_of(told, stranger) is None and sid(stranger.token) not in ended_sids(told)
    assert events.wait(ENDED, user_id=user.id)


def test_older_sessions_are_ended_by_the_cutoff_alone(api, db, user, sign_in, ended):
    old = sign_in(user)
    db.execute("update auth.sessions set created_at = now() - interval '2 minutes' where id = %s", (sid(old),))
    assert outcome(api.post(LOGOUT, {"all": True}, token=user.token)) == 200
    told = ended_sids(ended())
    assert sid(user.token) in told and sid(old) not in told


def test_a_new_sign_in_after_logging_out_everywhere_is_good(api, user, sign_in, ended, rows):
    api.post(LOGOUT, {"all": True}, token=user.token)
    fresh = sign_in(user)
    told = ended()
    issued_before, = (item["issued_before_s"] for item in told["cutoffs"] if item["user_id"] == user.id)
    assert read_claims(fresh)["iat"] >= issued_before
    assert sid(fresh) not in ended_sids(told)
    assert rows(user) == {sid(fresh)}


def test_the_cutoff_covers_sessions_that_last_longer_than_today_s(api, db, user, ended):
    db.execute("update auth.sessions set expires_at = now() + interval '9 days' where user_id = %s", (user.id,))
    api.post(LOGOUT, {"all": True}, token=user.token)
    assert cutoff_of(ended(), user)[1] > time.time() + 8 * DAY_S


def test_a_token_of_the_old_backend_logs_out_of_everything(suite, api, user, sign_in, rows, ended):
    claims = read_claims(user.token)
    del claims["sid"]
    other = sign_in(user)
    assert outcome(api.post(LOGOUT, token=make_token(suite.env["JWT_SECRET"], claims))) == 200
    assert rows(user) == set()
    told = ended()
    assert cutoff_of(told, user)[0] is None and sid(other) in ended_sids(told)


def test_logout_of_a_session_without_a_row_is_noted_all_the_same(api, db, user, ended):
    """A crash of Postgres may take the row back, but not the token."""
    db.execute("delete from auth.sessions where user_id = %s", (user.id,))
    assert outcome(api.post(LOGOUT, token=user.token)) == 200
    assert ended_sids(ended())[sid(user.token)] >= read_claims(user.token)["exp"]


# ---- the list ----

def test_the_list_of_sessions(api, user, make_user, sign_in):
    make_user()
    other = sign_in(user, **{"User-Agent": "OBS/30.0", "X-Forwarded-For": "203.0.113.7"})
    first, second = api.get(SESSIONS, token=user.token).json()["items"]
    assert (first["id"], first["current"], first["ip"], first["user_agent"]) == (sid(other), False, "203.0.113.7", "OBS/30.0")
    assert (second["id"], second["current"], second["ip"]) == (sid(user.token), True, "127.0.0.1")
    assert first["created_at"] >= second["created_at"]
    assert [item["current"] for item in api.get(SESSIONS, token=other).json()["items"]] == [True, False]


def test_expired_sessions_are_not_in_the_list(api, db, user, sign_in):
    db.execute("update auth.sessions set expires_at = now() where id = %s", (sid(sign_in(user)),))
    assert [item["id"] for item in api.get(SESSIONS, token=user.token).json()["items"]] == [sid(user.token)]


def test_the_list_shows_the_newest_hundred(api, db, user):
    db.execute("""insert into auth.sessions (id, user_id, created_at, expires_at)
        select gen_random_uuid(), %s, now() + i * interval '1 second', now() + interval '1 day'
        from generate_series(1, 110) as i""", (user.id,))
    items = api.get(SESSIONS, token=user.token).json()["items"]
    times = [item["created_at"] for item in items]
    assert len(items) == 100 and times == sorted(times, reverse=True)
    assert not any(item["current"] for item in items)
    assert items[0]["ip"] is None and items[0]["user_agent"] is None


def test_the_list_says_when_a_session_was_last_used(api, db, user):
    db.execute("update auth.sessions set last_seen_at = '2026-01-02T03:04:05.678Z' where id = %s", (sid(user.token),))
    assert api.get(SESSIONS, token=user.token).json()["items"][0]["last_seen_at"] == "2026-01-02T03:04:05.678Z"
    api.get(ME, token=user.token)
    assert api.get(SESSIONS, token=user.token).json()["items"][0]["last_seen_at"] > "2026-01-02T03:04:05.678Z"


# ---- ending one ----

def test_one_of_the_user_s_sessions_is_ended(api, user, sign_in, rows, ended, events):
    other = sign_in(user)
    reply = api.call("DELETE", f"{SESSIONS}/{sid(other).upper()}", token=user.token)
    assert (outcome(reply), reply.json()) == (200, {"status": "ok"})
    assert rows(user) == {sid(user.token)}
    assert ended_sids(ended())[sid(other)] == read_claims(other)["exp"]
    assert events.wait(ENDED, user_id=user.id)


def test_the_own_session_may_be_ended_too(api, user, rows, ended):
    assert outcome(api.call("DELETE", f"{SESSIONS}/{sid(user.token)}", token=user.token)) == 200
    assert rows(user) == set() and sid(user.token) in ended_sids(ended())


def test_a_session_that_is_not_the_user_s_is_not_found(api, user, make_user, sign_in, rows, ended):
    stranger = make_user()
    gone = sign_in(user)
    assert outcome(api.call("DELETE", f"{SESSIONS}/{sid(gone)}", token=user.token)) == 200
    for session in (sid(stranger.token), sid(gone), str(uuid.uuid4()), "x", "1'or'1"):
        reply = api.call("DELETE", f"{SESSIONS}/{session}", token=user.token)
        assert outcome(reply) == (404, "session not found"), session
    assert rows(stranger) == {sid(stranger.token)} and sid(stranger.token) not in ended_sids(ended())


# ---- what gateways are told ----

def test_what_ended_comes_in_pages(db, ended):
    """Sessions and cutoffs, more than fit into one reply of either."""
    expected = {}
    for kind, table, columns in (("sessions", "ended_sessions", "session_id, user_id"), ("cutoffs", "token_cutoffs", "user_id, issued_before")):
        second = "now()" if kind == "cutoffs" else "gen_random_uuid()"
        db.execute(f"""insert into auth.{table} ({columns}, expires_at)
            select gen_random_uuid(), {second}, now() + interval '1 minute' from generate_series(1, %s)
            returning {columns.split(",")[0]}::text""", (PAGE + 500,))
        expected[kind] = {row[0] for row in db.fetchall()}
    told, page = {"sessions": [], "cutoffs": []}, {"next": None}
    for _ in range(10):
        page = ended(after=page["next"]) if page["next"] else ended()
        assert len(page["sessions"]) + len(page["cutoffs"]) <= PAGE
        told["sessions"] += [item["session_id"] for item in page["sessions"]]
        told["cutoffs"] += [item["user_id"] for item in page["cutoffs"]]
        if not page["next"]:
            break
    db.execute("delete from auth.ended_sessions where session_id = any(%s::uuid[])", (list(expected["sessions"]),))
    db.execute("delete from auth.token_cutoffs where user_id = any(%s::uuid[])", (list(expected["cutoffs"]),))
    for kind, ids in told.items():
        assert len(ids) == len(set(ids)) and expected[kind] <= set(ids)


def test_only_the_news_are_told_when_asked_for(api, db, user, make_user, ended):
    api.post(LOGOUT, {"all": True}, token=user.token)
    db.execute("update auth.ended_sessions set ended_at = now() - interval '1 minute' where user_id = %s", (user.id,))
    db.execute("update auth.token_cutoffs set ended_at = now() - interval '1 minute' where user_id = %s", (user.id,))
    before = ended()
    assert sid(user.token) in ended_sids(before) and cutoff_of(before, user)
    assert abs(before["now_ms"] / 1000 - time.time()) < 30

    other = make_user()
    api.post(LOGOUT, {"all": True}, token=other.token)
    news = ended(since_ms=before["now_ms"])
    assert sid(other.token) in ended_sids(news) and cutoff_of(news, other)
    assert sid(user.token) not in ended_sids(news) and cutoff_of(news, user) is None


def test_what_has_expired_is_not_told(api, db, user, ended):
    api.post(LOGOUT, {"all": True}, token=user.token)
    for table in ("ended_sessions", "token_cutoffs"):
        db.execute(f"update auth.{table} set expires_at = now() where user_id = %s", (user.id,))
    told = ended()
    assert sid(user.token) not in ended_sids(told) and cutoff_of(told, user) is None


# ---- changing name and password ----

@pytest.fixture
def change(api):
    def ask(user, current=PASSWORD, **new):
        return api.post(CREDENTIALS, {"current_password": current, **new}, token=user.token)
    return ask


def test_changing_the_password_ends_the_other_sessions(api, user, sign_in, change, rows, ended, events):
    other = sign_in(user)
    reply = change(user, new_password="another horse")
    assert (outcome(reply), reply.json()) == (200, {"status": "ok", "username": user.name})
    assert rows(user) == {sid(user.token)}
    told = ended()
    assert sid(other) in ended_sids(told) and sid(user.token) not in ended_sids(told)
    assert cutoff_of(told, user)[0] == sid(user.token)
    assert events.wait(ENDED, user_id=user.id)
    assert outcome(api.get(ME, token=user.token)) == 200
    assert outcome(api.post(LOGIN, {"username": user.name, "password": PASSWORD})) == (401, "invalid credentials")
    assert sign_in(user, "another horse")


def test_changing_the_name(api, user, name, sign_in, change, rows):
    sign_in(user)
    reply = change(user, new_username=f" @{name.upper()} ")
    assert reply.json() == {"status": "ok", "username": name}
    assert rows(user) == {sid(user.token)}
    assert api.get(ME, token=user.token).json()["username"] == name
    assert outcome(api.post(LOGIN, {"username": user.name, "password": PASSWORD})) == (401, "invalid credentials")
    assert sign_in(user, name=name)


def test_changing_both(user, name, sign_in, change):
    assert change(user, new_username=name, new_password="another horse").json()["username"] == name
    assert sign_in(user, "another horse", name=name)


@pytest.mark.parametrize("new", [{}, {"new_username": None, "new_password": None}, {"new_username": "its own"}])
def test_changing_nothing_ends_nothing(user, sign_in, change, rows, new):
    other = sign_in(user)
    if new.get("new_username"):
        new = {"new_username": f"@{user.name.upper()}"}
    assert change(user, **new).json() == {"status": "ok", "username": user.name}
    assert rows(user) == {sid(user.token), sid(other)}


def test_a_change_that_is_refused_changes_nothing(api, db, user, make_user, sign_in, change, rows):
    other, stranger = sign_in(user), make_user()
    assert outcome(change(user, "wrong password", new_password="another horse")) == (401, "invalid credentials")
    assert outcome(change(user, new_username="no name")) == (400, "invalid username")
    assert outcome(change(user, new_username="")) == (400, "invalid username")
    assert outcome(change(user, new_password="short")) == (400, "invalid password")
    assert outcome(change(user, new_username=stranger.name, new_password="another horse")) == (409, "user exists")
    assert rows(user) == {sid(user.token), sid(other)}
    assert sign_in(user)
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    assert outcome(change(user, new_password="another horse")) == (403, "user banned")
    db.execute("delete from auth.users where id = %s", (user.id,))
    assert outcome(change(user, new_password="another horse")) == (401, "user not found")


def test_a_weak_hash_does_not_stand_in_the_way_of_a_change(db, user, sign_in, change):
    db.execute("update auth.users set password_hash = %s where id = %s",
               ("$2b$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa", user.id))
    assert outcome(change(user, "supersecret", new_password="another horse")) == 200
    assert sign_in(user, "another horse")


# ---- deleting the account ----

TABLES = ("users where id", "settings where user_id", "sessions where user_id", "entitlements where user_id",
          "known_addresses where user_id", "tiktok_names where user_id", "ws_tokens where user_id")


def traces(db, user):
    found = []
    for table in TABLES:
        db.execute(f"select 1 from auth.{table} = %s", (user.id,))
        found += [table.split()[0]] * bool(db.fetchall())
    db.execute("select subject from auth.login_attempts where subject = %s or starts_with(subject, %s)",
               (f"account:{user.name}", f"known:{user.name}|"))
    return found + db.fetchall()


def leave_traces(api, db, user):
    """Something in each table."""
    for address in ("127.0.0.1", "203.0.113.7"):
        api.post(LOGIN, {"username": user.name, "password": "wrong password"}, headers={"X-Forwarded-For": address})
    db.execute("insert into auth.tiktok_names (user_id, name) values (%s, 'a_name')", (user.id,))
    db.execute("insert into auth.ws_tokens (token_hash, user_id, expires_at) values (decode(md5(%s::text), 'hex'), %s, now() + interval '1 hour')",
               (user.id, user.id))
    db.execute("""insert into auth.entitlements (user_id, plan_id, plan_name, platforms, may_change_tiktok, voice_engines, version)
        values (%s, 'pro', 'Pro', '{mobile}', true, 'all', 1) on conflict do nothing""", (user.id,))
    assert len(traces(db, user)) == len(TABLES) + 2


def test_deleting_the_account_leaves_nothing_of_it(suite, api, db, user, make_user, sign_in, ended, events):
    other, stranger = sign_in(user), make_user()
    leave_traces(api, db, user)
    position = suite.log_position("auth")
    reply = api.post(DELETE, {"confirm": "DELETE", "password": PASSWORD}, token=user.token)
    assert (outcome(reply), reply.json()) == (200, {"status": "ok"})
    assert traces(db, user) == []
    told = ended()
    assert {sid(user.token), sid(other)} <= set(ended_sids(told)) and cutoff_of(told, user)[0] is None
    assert events.wait("evt.auth.user_deleted", user_id=user.id) == {"user_id": user.id}
    assert any(line["message"] == "erased what was held of a user" and line["user_id"] == user.id
               for line in suite.log_lines("auth", position))
    assert api.get(ME, token=stranger.token).json()["id"] == stranger.id


def test_a_deleted_name_is_free_again(api, user):
    api.post(DELETE, {"confirm": "DELETE", "password": PASSWORD}, token=user.token)
    assert outcome(api.post(LOGIN, {"username": user.name, "password": PASSWORD})) == (401, "invalid credentials")
    assert outcome(api.post("/v2/auth/register", {"username": user.name, "password": PASSWORD})) == 200


def test_deleting_asks_for_the_word_and_the_password(api, db, user):
    for confirm in ("", "delete", "DELETE ", "yes"):
        reply = api.post(DELETE, {"confirm": confirm, "password": "wrong password"}, token=user.token)
        assert outcome(reply) == (400, "confirm must be DELETE")
    reply = api.post(DELETE, {"confirm": "DELETE", "password": "wrong password"}, token=user.token)
    assert outcome(reply) == (401, "invalid credentials")
    assert outcome(api.get(ME, token=user.token)) == 200
    db.execute("delete from auth.users where id = %s", (user.id,))
    reply = api.post(DELETE, {"confirm": "DELETE", "password": PASSWORD}, token=user.token)
    assert outcome(reply) == (401, "user not found")


# ---- the operator ----

@pytest.fixture
def command(suite):
    """Runs ttb-auth with the settings of the daemon; its exit code, what it printed, and what it complained of."""
    process = Path(f"/proc/{suite.pid('auth')}")
    environment = dict(entry.split("=", 1) for entry in (process / "environ").read_text().split("\0") if entry)
    program = os.readlink(process / "exe")

    def run(*arguments):
        done = subprocess.run([program, *arguments], env=environment, text=True, capture_output=True, timeout=30, check=False)
        complaints = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        return done.returncode, done.stdout.splitlines(), complaints
    return run


@pytest.mark.parametrize("role", ["admin", "support", "user"])
def test_the_operator_grants_roles(api, command, user, role):
    assert command("grant", f"@{user.name.upper()}", role) == (0, [f"{user.name} has the role {role} now"], [])
    assert api.get(ME, token=user.token).json()["role"] == role


def test_the_operator_bans_and_unbans(api, command, user, rows, ended, events):
    assert command("ban", user.name) == (0, [f"{user.name} is banned"], [])
    assert rows(user) == set() and cutoff_of(ended(), user)
    assert events.wait(ENDED, user_id=user.id), "the daemon tells of it"
    assert outcome(api.post(LOGIN, {"username": user.name, "password": PASSWORD})) == (403, "user banned")
    assert command("unban", user.name) == (0, [f"{user.name} is not banned"], [])
    assert outcome(api.post(LOGIN, {"username": user.name, "password": PASSWORD})) == 200


def test_the_operator_is_told_what_was_wrong(command, user):
    assert command("grant", user.name, "king") == (1, [], ["ttb-auth: there is no role king, only user, support and admin"])
    for arguments in (("grant", "nobody_at_all", "user"), ("ban", "nobody_at_all"), ("unban", "nobody_at_all")):
        assert command(*arguments) == (1, [], ["ttb-auth: there is no user nobody_at_all"])
    assert command("ban", "no name")[0] == 1
