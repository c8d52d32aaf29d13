# SPDX-License-Identifier: MIT
"""Sign-in of the old API, what its clients set, and what the events service is told of them: section 9 of the contract."""
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

LOGIN, SET_TIKTOK, SET_VOICE = "/auth/login", "/auth/set-tiktok", "/auth/set-voice"
CHECK = "/v2/license/check"
REFUSED = (401, "Invalid license key")
BAD_TOKEN, BAD_NAME = (400, "Invalid token"), (400, "Invalid token or username")
DEMO_KEYS = ["demo", "TTBOOST-TEST-2024", "TTBOOST-PRO-2024"]


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def parse_time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture
def login(api):
    return lambda key: api.post(LOGIN, {"license_key": key})


@pytest.fixture
def count(db):
    def select(table):
        db.execute(f"select count(*) from {table}")
        return db.fetchone()[0]
    return select


# ---- login ----

def test_login_by_a_fresh_key_makes_an_account(api, login, make_key, suite, db):
    key = make_key("pro")
    reply = login(key).json()
    assert set(reply) == {"status", "user_id", "ws_token", "ws_url", "server_time", "expires_at"}
    assert reply["status"] == "ok"
    uuid.UUID(reply["ws_token"])
    assert reply["ws_url"] == suite.env["BASE"].replace("http:", "ws:") + f"/ws/{reply['ws_token']}"
    assert parse_time(reply["expires_at"]) - parse_time(reply["server_time"]) - timedelta(hours=24) < timedelta(seconds=5)
    assert abs(parse_time(reply["server_time"]) - datetime.now(timezone.utc)) < timedelta(seconds=30)
    assert api.get(CHECK, params={"key": key}).json()["user_id"] == reply["user_id"]
    db.execute("select username, password_hash, plan_id, voice_id from auth.users join auth.settings on user_id = id "
               "join auth.entitlements using (user_id) where id = %s", (reply["user_id"],))
    assert db.fetchone() == (None, None, "pro", "ru-RU-SvetlanaNeural")


def test_login_again_is_the_same_user_with_another_token(login, make_key):
    key = make_key()
    first, again = login(key).json(), login(f" {key.lower()}\n").json()
    assert first["user_id"] == again["user_id"]
    assert first["ws_token"] != again["ws_token"]


def test_login_by_the_key_of_a_v2_user(api, login, user, make_key):
    key = make_key()
    api.post("/v2/auth/upgrade-license", {"license_key": key}, token=user.token)
    assert login(key).json()["user_id"] == user.id


@pytest.mark.parametrize("key", ["", " ", "abc", "TTB-AAAA-BBBB-CCCC", "' or 1=1", "ключ", "x" * 5000])
def test_an_unknown_key(login, key):
    assert outcome(login(key)) == REFUSED


@pytest.mark.parametrize("state", ["status = 'revoked'", "status = 'inactive'", "expires_at = now()"])
@pytest.mark.parametrize("is_owned", [False, True])
def test_a_key_that_is_good_no_more(login, make_key, db, count, state, is_owned):
    key = make_key()
    if is_owned:
        login(key)
    before = count("auth.users")
    db.execute(f"update license.keys set {state} where key = %s", (key,))
    assert outcome(login(key)) == REFUSED
    assert count("auth.users") == before


def test_the_owner_is_banned_or_gone(login, make_key, db):
    key = make_key()
    user_id = login(key).json()["user_id"]
    db.execute("update auth.users set is_banned = true where id = %s", (user_id,))
    assert outcome(login(key)) == REFUSED
    db.execute("delete from auth.users where id = %s", (user_id,))
    assert outcome(login(key)) == REFUSED


def test_logins_that_race_for_a_fresh_key_are_one_user(login, make_key, count):
    key, before = make_key(), count("auth.users")
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: login(key), range(16)))
    assert {outcome(reply) for reply in replies} == {200}
    assert len({reply.json()["user_id"] for reply in replies}) == 1
    assert len({reply.json()["ws_token"] for reply in replies}) == 16
    assert count("auth.users") == before + 1, "spare accounts are dropped"


@pytest.mark.parametrize("key", DEMO_KEYS)
def test_a_demo_key_is_one_account(login, key):
    replies = [login(spelling).json() for spelling in (key, key.lower(), f"  {key.upper()} ")]
    assert len({reply["user_id"] for reply in replies}) == 1


def test_demo_keys_are_different_accounts(login):
    assert len({login(key).json()["user_id"] for key in DEMO_KEYS}) == 3


def test_first_logins_with_a_demo_key_that_race(login, db):
    db.execute("delete from auth.users where demo_key = 'demo'")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: login("demo"), range(8)))
    assert {outcome(reply) for reply in replies} == {200}
    assert len({reply.json()["user_id"] for reply in replies}) == 1


@pytest.fixture
def in_production(suite):
    """Auth runs with ENV=prod meanwhile."""
    def restart(env):
        suite.environment["ENV"] = env
        suite.stop_one("auth")
        suite.start_one("auth")

    restart("prod")
    yield
    restart("dev")


def test_in_production_there_are_no_demo_keys_and_sockets_have_tls(in_production, login, make_key):
    assert [outcome(login(key)) for key in DEMO_KEYS] == [REFUSED] * 3
    assert login(make_key()).json()["ws_url"].startswith("wss://127.0.0.1:")


def test_tokens_are_stored_as_hashes_and_bounded(login, make_key, db):
    key = make_key()
    replies = [login(key).json() for _ in range(22)]
    db.execute("select encode(token_hash, 'escape') from auth.ws_tokens where user_id = %s", (replies[0]["user_id"],))
    hashes = [text for text, in db.fetchall()]
    assert len(hashes) == 20
    assert not any(reply["ws_token"] in text for reply in replies for text in hashes)


def test_a_key_is_needed(api):
    reply = api.post(LOGIN, {})
    assert reply.json()["detail"][0]["loc"] == ["body", "license_key"]
    assert api.post(LOGIN, {"license_key": None}).status_code == 422


# ---- what clients set ----

@pytest.fixture
def client(login, make_key):
    """A signed-in client of a plan."""
    return lambda plan="pro": login(make_key(plan)).json()


@pytest.fixture
def set_tiktok(api):
    return lambda token, name: api.post(SET_TIKTOK, {"ws_token": token, "tiktok_username": name})


@pytest.fixture
def set_voice(api):
    return lambda token, voice: api.post(SET_VOICE, {"ws_token": token, "voice_id": voice})


@pytest.fixture
def setting(db):
    def select(client, name):
        db.execute(f"select {name} from auth.settings where user_id = %s", (client["user_id"],))
        return db.fetchone()[0]
    return select


def test_set_tiktok(client, set_tiktok, setting):
    ours = client()
    reply = set_tiktok(ours["ws_token"], " @Some.Body ")
    assert reply.json() == {"status": "ok", "message": "TikTok username saved"}
    assert setting(ours, "tiktok_username") == "some.body"


def test_set_voice(client, set_voice, setting):
    ours = client()
    assert set_voice(ours["ws_token"].upper(), "gtts-en").json() == {"status": "ok", "message": "Voice saved"}
    assert setting(ours, "voice_id") == "gtts-en"


@pytest.mark.parametrize("token", ["", "x", str(uuid.uuid4()), "' or 1=1"])
def test_a_bad_token(set_tiktok, set_voice, token):
    assert outcome(set_tiktok(token, "somebody")) == BAD_NAME
    assert outcome(set_voice(token, "gtts-en")) == BAD_TOKEN


@pytest.mark.parametrize("name", ["", " ", "@", "a b", "имя", "x" * 65])
def test_a_bad_name(client, set_tiktok, setting, name):
    ours = client()
    assert outcome(set_tiktok(ours["ws_token"], name)) == BAD_NAME
    assert setting(ours, "tiktok_username") is None


def test_a_token_ends(client, set_voice, db):
    ours = client()
    db.execute("update auth.ws_tokens set expires_at = now() where user_id = %s", (ours["user_id"],))
    assert outcome(set_voice(ours["ws_token"], "gtts-en")) == BAD_TOKEN


def test_a_banned_users_token_is_bad(client, set_voice, set_tiktok, db):
    ours = client()
    db.execute("update auth.users set is_banned = true where id = %s", (ours["user_id"],))
    assert outcome(set_voice(ours["ws_token"], "gtts-en")) == BAD_TOKEN
    assert outcome(set_tiktok(ours["ws_token"], "somebody")) == BAD_NAME


def test_the_plans_limits_hold(client, login, set_tiktok, set_voice):
    three = client("one_mobile")["ws_token"]
    assert [outcome(set_tiktok(three, name)) for name in ("aa", "bb", "cc", "aa")] == [200] * 4
    assert outcome(set_tiktok(three, "dd")) == (403, "tariff tiktok account limit reached")
    assert outcome(set_voice(three, "http:alloy")) == 200

    free = client(None)["ws_token"]
    assert outcome(set_tiktok(free, "aa")) == 200
    assert outcome(set_tiktok(free, "bb")) == (403, "tariff does not allow changing tiktok account")
    assert outcome(set_voice(free, "http:alloy")) == (403, "tariff does not allow this voice")


def test_a_desktop_plan_does_not_hinder_old_clients(client, set_tiktok):
    assert outcome(set_tiktok(client("one_desktop")["ws_token"], "somebody")) == 200


def test_an_empty_voice(client, set_voice):
    assert set_voice(client()["ws_token"], "").status_code == 422


# ---- what the events service is told ----

@pytest.fixture
def profile(nats):
    """What is to be shown of a token's account: (status, reply)."""
    def ask(token):
        (_, headers, body), = nats.request("rpc.auth.v1_profile", json.dumps({"ws_token": token}).encode(), seconds=5, most=1)
        status = next((int(line.split(":")[1]) for line in headers.splitlines() if line.startswith("Ttb-Status:")), 200)
        return status, json.loads(body)
    return ask


def test_the_profile_of_a_fresh_account(client, profile):
    ours = client()
    status, shown = profile(ours["ws_token"].upper())
    now = datetime.now(timezone.utc)
    assert all(abs(parse_time(shown.pop(name)) - now) < timedelta(seconds=30) for name in ("created_at", "updated_at"))
    assert (status, shown) == (200, {
        "user_id": ours["user_id"], "tiktok_username": None, "voice_id": "ru-RU-SvetlanaNeural", "tts_enabled": True,
        "tts_volume": 1, "gifts_enabled": True, "gifts_volume": 1})


def test_the_profile_shows_what_is_set_in_either_api(api, login, user, make_key, profile, set_voice):
    key = make_key()
    api.post("/v2/auth/upgrade-license", {"license_key": key}, token=user.token)
    token = login(key).json()["ws_token"]
    before = profile(token)[1]
    changes = {"tts_enabled": False, "gift_sounds_enabled": False, "tts_volume": 29, "gifts_volume": 0, "tiktok_username": "somebody"}
    assert api.post("/v2/settings/update", changes, token=user.token).status_code == 200
    shown = profile(token)[1]
    assert parse_time(shown["updated_at"]) > parse_time(before["updated_at"])
    assert shown == {**before, "tts_enabled": False, "gifts_enabled": False, "tts_volume": 0.29, "gifts_volume": 0,
                     "tiktok_username": "somebody", "updated_at": shown["updated_at"]}
    set_voice(token, "gtts-en")
    assert profile(token)[1]["voice_id"] == "gtts-en"


@pytest.mark.parametrize("token", ["", "x", str(uuid.uuid4()), "' or 1=1"])
def test_no_profile_for_a_bad_token(profile, token):
    assert profile(token) == (401, {"detail": "Invalid token"})


def test_no_profile_for_a_token_that_has_ended_or_is_of_a_banned_user(client, profile, db):
    ended, banned = client(), client()
    db.execute("update auth.ws_tokens set expires_at = now() where user_id = %s", (ended["user_id"],))
    db.execute("update auth.users set is_banned = true where id = %s", (banned["user_id"],))
    assert [profile(one["ws_token"])[0] for one in (ended, banned)] == [401, 401]
