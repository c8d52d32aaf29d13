# SPDX-License-Identifier: MIT
"""Redeeming and upgrading: section 4 of the contract, and what may happen in between (docs/adr/0007)."""
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tokens import read_claims

REDEEM, LOGIN, ME, CHECK, V1_LOGIN = (
    "/v2/auth/redeem-license", "/v2/auth/login", "/v2/auth/me", "/v2/license/check", "/auth/login")
UPGRADES = ["/v2/auth/upgrade-license", "/v2/auth/upgrade_license", "/v2/auth/upgradeLicense"]
PASSWORD = "correct horse"

BAD_NAME, BAD_PASSWORD = (400, "invalid username"), (400, "invalid password")
NOT_FOUND, NOT_ACTIVE, EXPIRED = (404, "license not found"), (403, "license not active"), (403, "license expired")
WRONG, BANNED = (401, "invalid credentials"), (403, "user banned")
BOUND = (409, "license already bound to another user")


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def redeem(api, name, key, password=PASSWORD):
    return api.post(REDEEM, {"username": name, "password": password, "license_key": key})


def user_id_of(reply):
    return read_claims(reply.json()["access_token"])["sub"]


def together(*calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


@pytest.fixture
def set_key(db):
    def execute(key, assignment):
        db.execute(f"update license.keys set {assignment} where key = %s", (key,))
    return execute


@pytest.fixture
def accounts(db):
    """The ids of the accounts of a name."""
    def find(name):
        db.execute("select id from auth.users where username = %s", (name,))
        return [user_id for user_id, in db.fetchall()]
    return find


# ---- the ladder ----

def test_the_ladder_for_a_new_name(api, name, make_user, make_key, set_key, accounts):
    """Each step with everything after it wrong as well."""
    key = make_key()
    redeem(api, make_user().name, key)
    assert outcome(redeem(api, "?", "no such key", "")) == BAD_NAME
    assert outcome(redeem(api, name, "no such key", "short")) == BAD_PASSWORD
    assert outcome(redeem(api, name, "no such key")) == NOT_FOUND
    set_key(key, "status = 'revoked', expires_at = now()")
    assert outcome(redeem(api, name, key)) == NOT_ACTIVE
    set_key(key, "status = 'inactive'")
    assert outcome(redeem(api, name, key)) == NOT_ACTIVE
    set_key(key, "status = 'active'")
    assert outcome(redeem(api, name, key)) == EXPIRED
    set_key(key, "expires_at = null")
    assert outcome(redeem(api, name, key)) == BOUND
    assert accounts(name) == []
    reply = redeem(api, name, make_key())
    assert outcome(reply) == 200
    assert accounts(name) == [user_id_of(reply)]


def test_a_banned_user_is_told_after_the_password(api, user, make_user, make_key, db):
    key = make_key()
    redeem(api, make_user().name, key)
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    assert outcome(redeem(api, user.name, key, "wrong password")) == WRONG
    assert outcome(redeem(api, user.name, key)) == BANNED


def test_the_reply(api, name, make_key):
    key = make_key("one_mobile", 10)
    reply = redeem(api, name, key).json()
    assert set(reply) == {"access_token", "token_type", "license_expires_at", "plan"}
    assert (reply["token_type"], reply["plan"]) == ("bearer", "nova_streamer_one_mobile")
    assert reply["license_expires_at"] == api.get(CHECK, params={"key": key}).json()["expires_at"]


def test_a_key_without_an_end(api, name, make_key, set_key):
    key = make_key()
    set_key(key, "expires_at = null")
    reply = redeem(api, name, key).json()
    assert reply["license_expires_at"] is None
    assert api.get(ME, token=reply["access_token"]).json()["license_expires_at"] is None


# ---- what a crash leaves ----

def test_an_account_without_a_key_is_completed_by_the_same_request(api, name, make_key, make_user, db, accounts):
    donor = make_user()
    user_id = str(uuid.uuid4())
    db.execute("""
        with made as (
            insert into auth.users (id, username, password_hash, is_confirmed)
            select %s, %s, password_hash, false from auth.users where id = %s returning id)
        insert into auth.settings (user_id) select id from made""", (user_id, name, donor.id))
    key = make_key()
    assert outcome(redeem(api, name, key, "wrong password")) == WRONG
    assert user_id_of(redeem(api, name, key)) == user_id
    assert accounts(name) == [user_id]
    db.execute("select is_confirmed from auth.users where id = %s", (user_id,))
    assert db.fetchone() == (True,)


def test_a_bound_key_whose_answer_was_lost_is_redeemed_again(api, name, make_key):
    key = make_key()
    first, again = redeem(api, name, key), redeem(api, name, key)
    assert user_id_of(first) == user_id_of(again)
    assert first.json()["license_expires_at"] == again.json()["license_expires_at"]


# ---- races ----

@pytest.mark.parametrize("round_number", range(10))
def test_two_first_redemptions_of_a_name_share_the_account(api, name, make_key, accounts, round_number):
    keys = [make_key(), make_key()]
    replies = together(*[lambda key=key: redeem(api, name, key) for key in keys])
    assert [outcome(reply) for reply in replies] == [200, 200]
    assert accounts(name) == [user_id_of(replies[0])] == [user_id_of(replies[1])]


@pytest.mark.parametrize("round_number", range(10))
def test_two_first_redemptions_of_a_name_with_different_passwords(api, name, make_key, accounts, round_number):
    keys = [make_key(), make_key()]
    replies = together(lambda: redeem(api, name, keys[0], "password one"), lambda: redeem(api, name, keys[1], "password two"))
    outcomes = [outcome(reply) for reply in replies]
    assert sorted(outcomes, key=str) == [WRONG, 200]
    winner = outcomes.index(200)
    assert accounts(name) == [user_id_of(replies[winner])]
    assert api.get(CHECK, params={"key": keys[1 - winner]}).json()["user_id"] is None


@pytest.mark.parametrize("round_number", range(10))
def test_who_loses_a_key_takes_the_account_back(api, name, make_key, accounts, round_number):
    key = make_key()
    names = [f"{name}_a", f"{name}_b"]
    replies = together(*[lambda who=who: redeem(api, who, key) for who in names])
    outcomes = [outcome(reply) for reply in replies]
    assert sorted(outcomes, key=str) == [BOUND, 200]
    winner = outcomes.index(200)
    assert accounts(names[winner]) == [api.get(CHECK, params={"key": key}).json()["user_id"]]
    assert accounts(names[1 - winner]) == []


@pytest.mark.parametrize("round_number", range(5))
def test_an_account_that_two_redeem_with_stays_when_one_loses(api, name, make_key, accounts, round_number):
    """The loser of the contested key may have made the account with which another redemption succeeds."""
    contested, own = make_key(), make_key()
    replies = together(lambda: redeem(api, f"{name}_rival", contested), lambda: redeem(api, name, contested),
                       lambda: redeem(api, name, own))
    outcomes = [outcome(reply) for reply in replies]
    assert outcomes[2] == 200
    assert sorted(outcomes[:2], key=str) == [BOUND, 200]
    owner = user_id_of(replies[2])
    assert accounts(name) == [owner] == [api.get(CHECK, params={"key": own}).json()["user_id"]]
    assert api.get(ME, token=replies[2].json()["access_token"]).json()["id"] == owner


# ---- accounts of the old API ----

def v1_login(api, key):
    return api.post(V1_LOGIN, {"license_key": key}).json()


def test_a_free_name_takes_an_old_account_over_with_its_data(api, name, make_key):
    key = make_key("pro")
    old = v1_login(api, key)
    api.post("/auth/set-tiktok", {"ws_token": old["ws_token"], "tiktok_username": "somebody"})
    api.post("/auth/set-voice", {"ws_token": old["ws_token"], "voice_id": "gtts-en"})

    reply = redeem(api, name, key)
    assert user_id_of(reply) == old["user_id"]
    me = api.get(ME, token=reply.json()["access_token"]).json()
    assert (me["username"], me["plan"], me["tiktok_username"], me["voice_id"]) == (name, "pro", "somebody", "gtts-en")
    login = api.post(LOGIN, {"username": name, "password": PASSWORD})
    assert user_id_of(login) == old["user_id"]
    assert v1_login(api, key)["user_id"] == old["user_id"]


def test_an_old_account_is_taken_over_once(api, name, make_key):
    key = make_key()
    v1_login(api, key)
    assert outcome(redeem(api, f"{name}_a", key)) == 200
    assert outcome(redeem(api, f"{name}_b", key)) == BOUND
    assert outcome(redeem(api, f"{name}_a", key)) == 200


def test_a_name_that_exists_takes_no_old_account_over(api, user, make_key):
    key = make_key()
    old = v1_login(api, key)
    assert outcome(redeem(api, user.name, key, "wrong password")) == WRONG
    assert outcome(redeem(api, user.name, key)) == BOUND
    assert outcome(api.post(UPGRADES[0], {"license_key": key}, token=user.token)) == BOUND
    assert v1_login(api, key)["user_id"] == old["user_id"]


def test_a_banned_old_account_is_not_taken_over(api, name, make_key, db, accounts):
    key = make_key()
    db.execute("update auth.users set is_banned = true where id = %s", (v1_login(api, key)["user_id"],))
    assert outcome(redeem(api, name, key)) == BANNED
    assert accounts(name) == []


@pytest.mark.parametrize("round_number", range(5))
def test_of_two_names_one_takes_an_old_account_over(api, name, make_key, accounts, round_number):
    key = make_key()
    old = v1_login(api, key)
    names = [f"{name}_a", f"{name}_b"]
    replies = together(*[lambda who=who: redeem(api, who, key) for who in names])
    outcomes = [outcome(reply) for reply in replies]
    assert sorted(outcomes, key=str) == [BOUND, 200]
    assert accounts(names[outcomes.index(200)]) == [old["user_id"]]
    assert accounts(names[outcomes.index(BOUND)]) == []


# ---- upgrade ----

@pytest.mark.parametrize("path", UPGRADES)
def test_upgrade(api, user, make_key, path):
    key = make_key("duo", 7)
    reply = api.post(path, {"license_key": f" {key.lower()} "}, token=user.token)
    assert outcome(reply) == 200
    checked = api.get(CHECK, params={"key": key}).json()
    assert reply.json() == {"status": "ok", "plan": "nova_streamer_duo", "license_expires_at": checked["expires_at"]}
    assert checked["user_id"] == user.id
    me = api.get(ME, token=user.token).json()
    assert (me["plan"], me["license_expires_at"]) == ("nova_streamer_duo", checked["expires_at"])


def test_upgrade_again_succeeds(api, user, make_key):
    key = make_key()
    first, again = (api.post(UPGRADES[0], {"license_key": key}, token=user.token).json() for _ in range(2))
    assert first == again


def test_upgrade_with_a_key_without_a_plan(api, user, make_key):
    reply = api.post(UPGRADES[0], {"license_key": make_key(None)}, token=user.token)
    assert reply.json()["plan"] is None
    assert api.get(ME, token=user.token).json()["plan"] == "nova_free_streamer"


def test_the_ladder_of_upgrade(api, user, make_user, make_key, set_key, db):
    key = make_key()
    redeem(api, make_user().name, key)

    def upgrade(text):
        return outcome(api.post(UPGRADES[0], {"license_key": text}, token=user.token))

    assert outcome(api.post(UPGRADES[0], {"license_key": ""})) == (401, "missing bearer token")
    for blank in ("", " ", "\t\n"):
        assert upgrade(blank) == (400, "license not found")
    assert upgrade("no such key") == NOT_FOUND
    set_key(key, "status = 'revoked', expires_at = now()")
    assert upgrade(key) == NOT_ACTIVE
    set_key(key, "status = 'active'")
    assert upgrade(key) == EXPIRED
    set_key(key, "expires_at = null")
    assert upgrade(key) == BOUND
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    assert upgrade("") == BANNED
    db.execute("delete from auth.users where id = %s", (user.id,))
    assert upgrade("") == (401, "user not found")
