# SPDX-License-Identifier: MIT
"""Accounts, passwords and tokens: sections 2 to 5 of the contract."""
import base64
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tokens import HEADER, decode, encode, make_token, read_claims

REGISTER, LOGIN, ME = "/v2/auth/register", "/v2/auth/login", "/v2/auth/me"
REDEEM = "/v2/auth/redeem-license"
PASSWORD = "correct horse"
DAY_S = 86400

FREE = {"plan": "nova_free_streamer", "tariff_name": "NovaFree Streamer", "allowed_platforms": ["desktop", "mobile"],
        "max_tiktok_accounts": 1, "license_expires_at": None}
DEFAULTS = {"voice_id": "ru-RU-SvetlanaNeural", "tts_enabled": True, "gift_sounds_enabled": True, "tts_volume": 100,
            "gifts_volume": 100, "tiktok_username": None}


def outcome(reply):
    """Status and text of an error; the status alone of anything else."""
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def credentials(name, password=PASSWORD, **more):
    return {"username": name, "password": password, **more}


# ---- register ----

def test_register_gives_a_token_that_works(api, name):
    reply = api.post(REGISTER, credentials(name)).json()
    assert reply["token_type"] == "bearer"
    me = api.get(ME, token=reply["access_token"]).json()
    user_id = me.pop("id")
    assert me == {"username": name, "role": "user", **DEFAULTS, **FREE}
    assert read_claims(reply["access_token"])["sub"] == user_id


@pytest.mark.parametrize("spelling", ["  {}  ", "@{}", "@@{}@", "\t{}\n", "U{}"])
def test_a_username_is_folded(api, name, spelling):
    typed = spelling.format(name.upper() if spelling != "U{}" else name)
    token = api.post(REGISTER, credentials(typed)).json()["access_token"]
    folded = api.get(ME, token=token).json()["username"]
    assert folded == (f"u{name}" if spelling == "U{}" else name)
    assert outcome(api.post(REGISTER, credentials(folded))) == (409, "user exists")


@pytest.mark.parametrize("username", ["", " ", "a", "@a", "a b", "имя", "a/b", "x" * 65, "with'quote", "a\nb"])
def test_an_impossible_username_is_refused(api, username):
    assert outcome(api.post(REGISTER, credentials(username))) == (400, "invalid username")


def test_the_shortest_and_the_longest_username(api, name):
    assert outcome(api.post(REGISTER, credentials(name + "x" * (64 - len(name))))) == 200
    assert outcome(api.post(REGISTER, credentials("._"))) == 200


@pytest.mark.parametrize("password", ["", "12345", "x" * 1025])
def test_an_impossible_password_is_refused(api, name, password):
    assert outcome(api.post(REGISTER, credentials(name, password))) == (400, "invalid password")


@pytest.mark.parametrize("password", ["123456", "пароль", "x" * 1024, "я" * 1024, "  spaces  ", "🌸" * 6])
def test_a_possible_password_signs_in(api, name, password):
    assert outcome(api.post(REGISTER, credentials(name, password))) == 200
    assert outcome(api.post(LOGIN, credentials(name, password))) == 200
    assert outcome(api.post(LOGIN, credentials(name, password + "!"))) == (401, "invalid credentials")


def test_the_name_is_checked_before_the_password(api):
    assert outcome(api.post(REGISTER, credentials("", ""))) == (400, "invalid username")


def test_one_of_many_who_register_a_name_at_once_gets_it(api, name):
    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(lambda _: outcome(api.post(REGISTER, credentials(name))), range(16)))
    assert sorted(outcomes, key=str) == sorted([200] + [(409, "user exists")] * 15, key=str)


def test_a_password_is_stored_as_passlib_does(api, db, user):
    db.execute("select password_hash from auth.users where id = %s", (user.id,))
    kind, rounds, salt, checksum = db.fetchone()[0].split("$")[1:]
    assert (kind, rounds, len(salt), len(checksum)) == ("pbkdf2-sha256", "1000", 22, 43)


# ---- login ----

def test_login(api, user):
    reply = api.post(LOGIN, credentials(f" @{user.name.upper()} "))
    assert outcome(reply) == 200
    assert api.get(ME, token=reply.json()["access_token"]).json()["id"] == user.id


@pytest.mark.parametrize("username,password", [
    ("nobody_at_all", PASSWORD), ("", ""), ("имя", PASSWORD), ("nobody_at_all", ""), ("x" * 1000, "y" * 2000)])
def test_an_unknown_name_is_refused_like_a_wrong_password(api, user, username, password):
    assert outcome(api.post(LOGIN, credentials(username, password))) == (401, "invalid credentials")
    assert outcome(api.post(LOGIN, credentials(user.name, "wrong password"))) == (401, "invalid credentials")


def add_user(db, name, password_hash):
    user_id = str(uuid.uuid4())
    db.execute("insert into auth.users (id, username, password_hash) values (%s, %s, %s)", (user_id, name, password_hash))
    db.execute("insert into auth.settings (user_id) values (%s)", (user_id,))
    return user_id


def stored_hash(db, user_id):
    db.execute("select password_hash from auth.users where id = %s", (user_id,))
    return db.fetchone()[0]


OLD_HASHES = [
    ("password", "$pbkdf2-sha256$29000$AAAAAAAAAAAAAAAAAAAAAA$e0Jrnzg/Hk6BvU8oMB/QglpQQ9SuttqACewAdbD0O/E"),
    ("StrongPass123", "$pbkdf2-sha256$29000$AAECAwQFBgcICQoLDA0ODw$3WmNBJLdF24fFFGCXt61dzHj97NhVRuW4bbJgdVJnA4"),
    ("пароль", "$pbkdf2-sha256$29000$/////////////////////w$VLqgtmqxaWsMZ1kzNEMuse/EghVqLvi9uJ0fPVA7Up4"),
    ("password", "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M"),
    ("password", "$pbkdf2-sha256$1$c2FsdHNhbHQ$O.xIxXdlOv3CQzuTp9jujq55iV7ZO/Yn6XZ0x/Rfikw"),
    ("supersecret", "$2b$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa"),
]


@pytest.mark.parametrize("password,old_hash", OLD_HASHES)
def test_a_hash_of_the_old_backend_signs_in(api, db, name, password, old_hash):
    user_id = add_user(db, name, old_hash)
    assert outcome(api.post(LOGIN, credentials(name, "wrong password"))) == (401, "invalid credentials")
    assert stored_hash(db, user_id) == old_hash
    assert outcome(api.post(LOGIN, credentials(name, password))) == 200


@pytest.mark.parametrize("password,weak_hash", OLD_HASHES[-2:])
def test_a_weak_hash_is_replaced_at_the_next_login(api, db, name, password, weak_hash):
    user_id = add_user(db, name, weak_hash)
    assert outcome(api.post(LOGIN, credentials(name, password))) == 200
    replaced = stored_hash(db, user_id)
    assert replaced.startswith("$pbkdf2-sha256$1000$")
    assert outcome(api.post(LOGIN, credentials(name, password))) == 200
    assert stored_hash(db, user_id) == replaced


def test_a_strong_hash_stays(api, db, name):
    user_id = add_user(db, name, OLD_HASHES[0][1])
    assert outcome(api.post(LOGIN, credentials(name, "password"))) == 200
    assert stored_hash(db, user_id) == OLD_HASHES[0][1]


def test_sign_ins_at_the_same_time_replace_a_weak_hash_once(api, db, name):
    user_id = add_user(db, name, "$2b$10$abcdefghijklmnopqrstuuha6waoifnF8rFe12KOunu5EXc12FWVG")  # so slow that all see it
    with ThreadPoolExecutor(8) as clients:
        replies = list(clients.map(lambda _: api.post(LOGIN, credentials(name, "supersecret")), range(8)))
    assert [outcome(reply) for reply in replies] == [200] * 8
    assert stored_hash(db, user_id).startswith("$pbkdf2-sha256$1000$")
    db.execute("select count(*) from auth.sessions where user_id = %s", (user_id,))
    assert db.fetchone() == (8,)


@pytest.mark.parametrize("broken", ["", "plain text", "$pbkdf2-sha256$", "$pbkdf2-sha256$99999999999$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
                                    "$pbkdf2-sha256$29000$!!!$???", "$2b$99$abcdefghijklmnopqrstuu", "$2b$31$" + "a" * 53])
def test_a_broken_hash_matches_nothing_and_costs_nothing(api, db, name, broken):
    add_user(db, name, broken)
    started = time.monotonic()
    assert outcome(api.post(LOGIN, credentials(name))) == (401, "invalid credentials")
    assert time.monotonic() - started < 5


# ---- tokens ----

def test_the_form_of_a_token(user):
    header, _, _ = user.token.split(".")
    assert base64.urlsafe_b64decode(header + "==") == b'{"alg":"HS256","typ":"JWT"}'
    claims = read_claims(user.token)
    assert set(claims) == {"sub", "sid", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == DAY_S
    assert abs(claims["iat"] - time.time()) < 60
    uuid.UUID(claims["sid"])


def test_a_token_that_we_make_ourselves_is_good(suite, api, user):
    token = make_token(suite.env["JWT_SECRET"], read_claims(user.token))
    assert api.get(ME, token=token).json()["id"] == user.id


def test_a_token_of_the_old_backend_has_no_session(suite, api, user):
    claims = read_claims(user.token)
    del claims["sid"]
    assert outcome(api.get(ME, token=make_token(suite.env["JWT_SECRET"], claims))) == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_compares_without_case(api, user, scheme):
    assert outcome(api.get(ME, headers={"Authorization": f"{scheme} {user.token}"})) == 200


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "Bearerabc"])
def test_no_credentials(api, value):
    assert outcome(api.get(ME, headers={"Authorization": value})) == (401, "missing bearer token")


def wrong_tokens(user, secret):
    claims, now = read_claims(user.token), int(time.time())
    header, body, signature = user.token.split(".")
    other_body = encode(json.dumps({**claims, "sub": str(uuid.uuid4())}).encode())
    return {
        "nonsense": "nonsense", "dots": "...", "two parts": f"{header}.{body}", "four parts": f"{user.token}.x",
        "other claims": f"{header}.{other_body}.{signature}", "no signature": f"{header}.{body}.",
        "shortened signature": user.token[:-2], "changed signature": f"{header}.{body}.{'A' * len(signature)}",
        "other secret": make_token("another secret of a good length 123", claims),
        "alg none": encode(b'{"alg":"none","typ":"JWT"}') + f".{body}.",
        "alg None, signed": make_token(secret, claims, {"alg": "None", "typ": "JWT"}),
        "alg RS256": make_token(secret, claims, {"alg": "RS256", "typ": "JWT"}),
        "alg HS512": make_token(secret, claims, {"alg": "HS512", "typ": "JWT"}),
        "no alg": make_token(secret, claims, {"typ": "JWT"}),
        "header with more": make_token(secret, claims, {**HEADER, "kid": "../../dev/null"}),
        "broken header": make_token(secret, claims, b'{"alg":"HS256"'),
        "expired": make_token(secret, {**claims, "exp": now - 1}), "expires now": make_token(secret, {**claims, "exp": now}),
        "no end": make_token(secret, {name: value for name, value in claims.items() if name != "exp"}),
        "end in words": make_token(secret, {**claims, "exp": "tomorrow"}),
        "no user": make_token(secret, {name: value for name, value in claims.items() if name != "sub"}),
        "user is no uuid": make_token(secret, {**claims, "sub": "1 or 1=1"}),
        "session is no uuid": make_token(secret, {**claims, "sid": "x"}), "session is a number": make_token(secret, {**claims, "sid": 5}),
        "claims are a list": make_token(secret, [claims]), "huge": "x" * 6000,
    }


def test_a_wrong_token_is_invalid(suite, api, user):
    tokens = wrong_tokens(user, suite.env["JWT_SECRET"])
    outcomes = {kind: outcome(api.get(ME, token=token)) for kind, token in tokens.items()}
    assert outcomes == dict.fromkeys(tokens, (401, "invalid token"))


def test_the_documented_token_has_expired(suite, api):
    """The vector of interop.md, signed with another secret, and long past."""
    token = make_token("dev-secret-change-me", {"sub": "78418dac-87b8-4de3-95e6-d49d3961fa8e", "iat": 1767268800, "exp": 1767355200})
    assert decode(token.split(".")[0]) == HEADER
    assert outcome(api.get(ME, token=token)) == (401, "invalid token")


def test_the_user_of_a_good_token_may_be_gone(suite, api, user, db):
    db.execute("delete from auth.users where id = %s", (user.id,))
    assert outcome(api.get(ME, token=user.token)) == (401, "user not found")


def test_a_banned_user_gets_nowhere(api, user, db, make_key):
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    banned = (403, "user banned")
    assert outcome(api.get(ME, token=user.token)) == banned
    assert outcome(api.post(LOGIN, credentials(user.name))) == banned
    assert outcome(api.post(LOGIN, credentials(user.name, "wrong password"))) == (401, "invalid credentials")
    assert outcome(api.post(REDEEM, credentials(user.name, license_key=make_key()))) == banned


# ---- redeem ----

def redeem(api, name, key, password=PASSWORD):
    return api.post(REDEEM, credentials(name, password, license_key=key))


def test_redeem_makes_the_account_and_gives_it_the_plan(api, name, make_key):
    key = make_key("pro", 10)
    reply = redeem(api, name, key).json()
    assert (reply["token_type"], reply["plan"]) == ("bearer", "pro")
    me = api.get(ME, token=reply["access_token"]).json()
    assert (me["plan"], me["tariff_name"], me["max_tiktok_accounts"]) == ("pro", "Pro", None)
    assert me["allowed_platforms"] == ["desktop", "mobile"]
    assert me["license_expires_at"] == reply["license_expires_at"]
    checked = api.get("/v2/license/check", params={"key": key}).json()
    assert (checked["user_id"], checked["expires_at"]) == (me["id"], reply["license_expires_at"])


def test_redeem_by_an_existing_user(api, user, make_key):
    reply = redeem(api, user.name, make_key("duo"))
    assert reply.json()["plan"] == "nova_streamer_duo"
    assert api.get(ME, token=user.token).json()["tariff_name"] == "NovaStreamer Duo"


def test_redeem_again_by_the_same_user_succeeds(api, user, make_key):
    key = make_key()
    first, second = (redeem(api, user.name, key).json() for _ in range(2))
    assert first["license_expires_at"] == second["license_expires_at"]


def test_a_key_is_read_without_regard_to_case_and_spaces(api, user, make_key):
    assert outcome(redeem(api, user.name, f"  {make_key().lower()}\t")) == 200


def test_a_key_without_a_plan_redeems_as_free(api, user, make_key):
    reply = redeem(api, user.name, make_key(None))
    assert reply.json()["plan"] is None
    assert api.get(ME, token=user.token).json()["plan"] == FREE["plan"]


def test_of_several_keys_the_one_that_lasts_longest_counts(api, user, make_key):
    longest = redeem(api, user.name, make_key("duo", 300)).json()["license_expires_at"]
    redeem(api, user.name, make_key("pro", 20))
    me = api.get(ME, token=user.token).json()
    assert (me["plan"], me["license_expires_at"]) == ("nova_streamer_duo", longest)


def test_a_plan_ends_with_its_key(api, user, make_key, db):
    redeem(api, user.name, make_key("pro"))
    db.execute("update auth.entitlements set expires_at = now() - interval '1 second' where user_id = %s", (user.id,))
    assert api.get(ME, token=user.token).json()["plan"] == FREE["plan"]


def test_the_ladder_of_redeem(api, db, make_user, make_key):
    """Each step is reached with everything after it wrong as well: the first that fails answers."""
    owner, other = make_user(), make_user()
    key = make_key()
    redeem(api, owner.name, key)

    def state(assignment):
        db.execute(f"update license.keys set {assignment} where key = %s", (key,))

    assert outcome(redeem(api, "?", "no such key", "")) == (400, "invalid username")
    assert outcome(redeem(api, other.name, "no such key", "short")) == (400, "invalid password")
    assert outcome(redeem(api, other.name, "no such key", "wrong password")) == (404, "license not found")
    assert outcome(redeem(api, other.name, "", "wrong password")) == (404, "license not found")
    for status in ("revoked", "inactive"):
        state(f"status = '{status}', expires_at = now() - interval '1 day'")
        assert outcome(redeem(api, other.name, key, "wrong password")) == (403, "license not active")
    state("status = 'active'")
    assert outcome(redeem(api, other.name, key, "wrong password")) == (403, "license expired")
    assert outcome(redeem(api, owner.name, key)) == (403, "license expired")
    state("expires_at = now() + interval '1 day'")
    assert outcome(redeem(api, other.name, key, "wrong password")) == (401, "invalid credentials")
    assert outcome(redeem(api, other.name, key)) == (409, "license already bound to another user")
    assert outcome(redeem(api, owner.name, key)) == 200


def test_a_new_name_does_not_become_an_account_when_redeem_fails(api, name, make_user, make_key, db):
    key = make_key()
    redeem(api, make_user().name, key)
    assert outcome(redeem(api, name, key)) == (409, "license already bound to another user")
    assert outcome(redeem(api, name, "no such key")) == (404, "license not found")
    db.execute("select count(*) from auth.users where username = %s", (name,))
    assert db.fetchone() == (0,)


def race(api, names, key):
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: redeem(api, name, key), names))


def test_of_64_who_race_for_a_key_one_gets_it(api, name, make_key, db):
    names = [f"{name}_racer_{i}" for i in range(64)]
    key = make_key()
    replies = race(api, names, key)
    outcomes = [outcome(reply) for reply in replies]
    assert sorted(outcomes, key=str) == sorted([200] + [(409, "license already bound to another user")] * 63, key=str)
    winner = replies[outcomes.index(200)].json()["access_token"]
    assert api.get("/v2/license/check", params={"key": key}).json()["user_id"] == read_claims(winner)["sub"]
    db.execute("select username from auth.users where username like %s", (f"{name}_racer_%",))
    assert db.fetchall() == [(names[outcomes.index(200)],)]


def test_64_redemptions_of_one_user_all_succeed(api, user, make_key):
    assert {outcome(reply) for reply in race(api, [user.name] * 64, make_key())} == {200}
