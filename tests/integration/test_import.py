# SPDX-License-Identifier: MIT
"""The import commands take over a database of the old backend, made by hand in its form."""
from datetime import datetime, timedelta, timezone

import pytest

from old_backend import BCRYPT, BCRYPT_PASSWORD, PBKDF2, PBKDF2_PASSWORD, OldBackend, Report
from suite import wait_for

ANNA, BORIS, CLARA, DORA = (f"{digit * 8}-0000-4000-8000-00000000000{digit}" for digit in "1234")
DUO_KEY, FREE_KEY, GOLD_KEY, FROZEN_KEY, STRAY_KEY, REVOKED_KEY, CLARAS_KEY = (
    f"TTB-{number:04X}-0A1F-99B0" for number in range(7))
THEN = datetime(2025, 3, 4, 5, 6, 7, 890000)
LATER = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None) + timedelta(days=90)


def rfc3339(time):
    return time.isoformat(timespec="milliseconds") + "Z"


def fill(old):
    old.insert(
        "users",
        {"id": ANNA, "username": " @Old_Anna ", "password_hash": PBKDF2, "created_at": THEN, "tiktok_username": "@AnnaLive"},
        {"id": BORIS.upper(), "username": "old_boris", "password_hash": BCRYPT, "created_at": THEN, "tiktok_username": "б"},
        {"id": CLARA, "username": "old_clara", "password_hash": PBKDF2, "created_at": None},
        {"id": DORA, "username": "OLD_ANNA", "password_hash": PBKDF2, "created_at": THEN + timedelta(days=1)},
        {"id": "7", "username": "old_seven", "password_hash": PBKDF2},
        {"id": "55555555-0000-4000-8000-000000000005", "username": "Ева и Адам", "password_hash": PBKDF2},
        {"id": "66666666-0000-4000-8000-000000000006", "username": "old_six", "password_hash": "5f4dcc3b5aa765d61d8327de"},
        {"id": "77777777-0000-4000-8000-000000000007", "username": "old_nine", "password_hash": None})
    old.insert(
        "user_settings",
        {"user_id": ANNA, "voice_id": "gtts-en", "tts_enabled": False, "gift_sounds_enabled": True, "tts_volume": 35,
         "gifts_volume": 0},
        {"user_id": BORIS, "voice_id": "v" * 129, "gift_sounds_enabled": False, "tts_volume": 150, "gifts_volume": -3},
        {"user_id": DORA, "tts_volume": 50},
        {"user_id": "nobody", "tts_volume": 50})
    old.insert(
        "user_tiktok_accounts",
        {"user_id": ANNA, "username": "annalive", "created_at": THEN, "last_used_at": THEN},
        {"user_id": ANNA, "username": "@anna.second", "created_at": THEN, "last_used_at": LATER},
        {"user_id": BORIS, "username": "boris.first", "created_at": THEN, "last_used_at": THEN},
        {"user_id": BORIS, "username": "Boris.Last", "created_at": THEN, "last_used_at": LATER},
        {"user_id": BORIS, "username": "?", "created_at": THEN, "last_used_at": LATER},
        {"user_id": DORA, "username": "dora", "created_at": THEN, "last_used_at": LATER})
    keys = {
        f" {DUO_KEY.lower()} ": {"plan": "Nova-Duo", "status": "Active", "expires_at": LATER, "user_id": ANNA.upper(),
                                 "max_devices": 3, "devices_bound": 2},
        DUO_KEY: {"plan": "pro", "status": "active", "user_id": None},
        FREE_KEY: {"plan": "PRO", "status": "active", "expires_at": None, "max_devices": -1},
        GOLD_KEY: {"plan": "gold", "status": "active", "expires_at": LATER, "user_id": BORIS},
        FROZEN_KEY: {"plan": None, "status": "frozen", "expires_at": LATER},
        STRAY_KEY: {"plan": "pro", "status": "active", "user_id": "somebody"},
        REVOKED_KEY: {"plan": "pro", "status": "revoked", "user_id": ANNA},
        CLARAS_KEY: {"plan": "pro", "status": "active", "user_id": CLARA},
        "  ": {"plan": "pro", "status": "active"},
        "КЛЮЧ-1": {"plan": "pro", "status": "active"},
    }
    old.insert("license_keys", *({"key": key, "issued_at": THEN, **row} for key, row in keys.items()))
    order = {"email": "anna@example.org", "plan": "duo", "ttl_days": 90, "amount": 9900, "currency": "RUB", "created_at": THEN}
    old.insert(
        "web_purchases",
        {**order, "order_id": " old-1 ", "license_key": DUO_KEY.lower()},
        {**order, "order_id": "old-2", "license_key": FREE_KEY, "amount": "19.90", "ttl_days": 99999, "plan": "platinum"},
        {**order, "order_id": "old-3", "license_key": "TTB-FFFF-FFFF-FFFF"},
        {**order, "order_id": "old-4", "license_key": FREE_KEY},
        {**order, "order_id": " ", "license_key": GOLD_KEY},
        {**order, "order_id": "old-6", "license_key": None})


@pytest.fixture(scope="module")
def old(suite):
    old = OldBackend(suite, "old_backend")
    fill(old)
    yield old
    old.drop()


@pytest.fixture(scope="module")
def reports(old):
    """What the first run of each command said."""
    return {service: old.take(service) for service in ("auth", "license")}


@pytest.fixture
def login(api, reports):
    def login(username, password):
        return api.post("/v2/auth/login", {"username": username, "password": password})
    return login


@pytest.fixture
def me(api, login):
    """What a user sees."""
    def me(username, password):
        return api.get("/v2/auth/me", token=login(username, password).json()["access_token"]).json()
    return me


@pytest.fixture
def me_with_plan(me):
    """The same, once auth has learnt of the plan."""
    def me_with_plan(username, password, plan):
        def look():
            profile = me(username, password)
            return profile if profile["plan"] == plan else None
        return wait_for(look, 5, f"plan {plan} of {username}")
    return me_with_plan


@pytest.fixture
def tables(db):
    """All rows of tables, to be compared."""
    def read(*names):
        rows = {}
        for name in names:
            db.execute(f"select * from {name} order by 1, 2")
            rows[name] = db.fetchall()
        return rows
    return read


# ---- users ----

def test_auths_report(reports):
    report = reports["auth"]
    assert report.counts == {
        "users": (8, 3, 0, 5), "user_settings": (4, 2, 0, 2), "user_tiktok_accounts": (6, 3, 1, 2)}
    assert sorted(report.remarks) == sorted([
        f"users {BORIS.upper()}: no TikTok name, as 'б' is not valid",
        f"users {DORA}: skipped: another user has the name",
        "users 7: skipped: the id is no UUID",
        "users 55555555-0000-4000-8000-000000000005: skipped: the name 'Ева и Адам' is not valid",
        "users 66666666-0000-4000-8000-000000000006: skipped: the password hash has no known form",
        "users 77777777-0000-4000-8000-000000000007: skipped: the password hash has no known form",
        f"user_settings {BORIS}: the default voice, as voice_id is too long",
        f"user_settings {BORIS}: tts_volume '150' becomes 100",
        f"user_settings {BORIS}: gifts_volume '-3' becomes 0",
        f"user_settings {DORA}: skipped: the user was not imported",
        "user_settings nobody: skipped: user_id is no UUID",
        f"user_tiktok_accounts {BORIS}: skipped: the TikTok name '?' is not valid",
        f"user_tiktok_accounts {DORA}: skipped: the user was not imported"])
    assert PBKDF2 not in report.text and "5f4dcc3b" not in report.text


@pytest.mark.parametrize("name,password", [
    ("old_anna", PBKDF2_PASSWORD), ("@Old_Anna", PBKDF2_PASSWORD), ("old_boris", BCRYPT_PASSWORD)])
def test_users_sign_in_with_their_old_passwords(login, name, password):
    assert login(name, password).status_code == 200


def test_other_passwords_do_not(login):
    assert login("old_anna", PBKDF2_PASSWORD + "4").status_code == 401
    assert login("old_six", "password").status_code == 401


def test_an_account_and_its_settings_are_kept(me, db):
    anna = me("old_anna", PBKDF2_PASSWORD)
    assert {name: anna[name] for name in (
        "id", "username", "role", "voice_id", "tts_enabled", "gift_sounds_enabled", "tts_volume", "gifts_volume",
        "tiktok_username")} == {
            "id": ANNA, "username": "old_anna", "role": "user", "voice_id": "gtts-en", "tts_enabled": False,
            "gift_sounds_enabled": True, "tts_volume": 35, "gifts_volume": 0, "tiktok_username": "annalive"}
    db.execute("select created_at from auth.users where id = %s", (ANNA,))
    assert db.fetchone() == (THEN.replace(tzinfo=timezone.utc),)


def test_settings_that_are_not_possible_become_the_nearest_that_are(me):
    boris = me("old_boris", BCRYPT_PASSWORD)
    assert (boris["voice_id"], boris["tts_enabled"], boris["gift_sounds_enabled"], boris["tts_volume"],
            boris["gifts_volume"]) == ("ru-RU-SvetlanaNeural", True, False, 100, 0)


def test_the_tiktok_name_used_last_is_the_users(me):
    assert me("old_boris", BCRYPT_PASSWORD)["tiktok_username"] == "boris.last"


def test_every_tiktok_name_counts(reports, db):
    db.execute("select user_id, name from auth.tiktok_names where user_id in (%s, %s) order by 1, 2", (ANNA, BORIS))
    assert db.fetchall() == [(ANNA, "anna.second"), (ANNA, "annalive"), (BORIS, "boris.first"), (BORIS, "boris.last")]


# ---- keys and orders ----

def test_licenses_report(reports):
    report = reports["license"]
    assert report.counts == {"license_keys": (10, 7, 0, 3), "web_purchases": (6, 2, 0, 4)}
    assert sorted(report.remarks) == sorted([
        "license_keys TTB-0000…: skipped: another row is the same key",
        "license_keys TTB-0001…: max_devices '-1' becomes 1",
        "license_keys TTB-0002…: no plan, as 'gold' is none of ours",
        "license_keys TTB-0003…: status 'frozen' becomes inactive",
        "license_keys TTB-0004…: no owner, as user_id 'somebody' is no UUID",
        "license_keys …: skipped: it has not the form of a key",
        "license_keys КЛ…: skipped: it has not the form of a key",
        "web_purchases old-2: ttl_days '99999' becomes 30",
        "web_purchases old-2: without amount, as '19.90' is no whole number of minor units",
        "web_purchases old-3: skipped: its key is not here",
        "web_purchases old-4: skipped: its key is another order's",
        "web_purchases : skipped: order_id is empty or too long",
        "web_purchases old-6: skipped: its key is not here"])
    assert DUO_KEY not in report.text


@pytest.mark.parametrize("key,expected", [
    (DUO_KEY, ("nova_streamer_duo", "active", LATER, ANNA)), (FREE_KEY, ("pro", "active", None, None)),
    (GOLD_KEY, (None, "active", LATER, BORIS)), (FROZEN_KEY, (None, "inactive", LATER, None)),
    (STRAY_KEY, ("pro", "active", None, None)), (REVOKED_KEY, ("pro", "revoked", None, ANNA))])
def test_check_tells_the_old_keys(api, reports, key, expected):
    plan, status, expires_at, owner = expected
    assert api.get("/v2/license/check", params={"key": key.lower()}).json() == {
        "key": key, "plan": plan, "status": status, "user_id": owner, "issued_at": rfc3339(THEN),
        "expires_at": rfc3339(expires_at) if expires_at else None}


def test_list_tells_the_devices(api, admin, reports):
    items, page = {}, None
    while page != []:
        page = api.get(f"/v2/license/list?limit=1000&offset={len(items)}", headers=admin).json()["items"]
        items |= {item["key"]: item for item in page}
    assert (items[DUO_KEY]["max_devices"], items[DUO_KEY]["devices_bound"]) == (3, 2)
    assert (items[FREE_KEY]["max_devices"], items[FREE_KEY]["devices_bound"]) == (1, 0)


def test_owners_keep_their_licences(me_with_plan):
    anna = me_with_plan("old_anna", PBKDF2_PASSWORD, "nova_streamer_duo")
    assert (anna["license_expires_at"], anna["max_tiktok_accounts"]) == (rfc3339(LATER), None)


def test_an_owned_key_can_be_redeemed_again_by_its_owner_only(api, reports, user):
    redeem = {"username": "old_anna", "password": PBKDF2_PASSWORD, "license_key": DUO_KEY}
    assert api.post("/v2/auth/redeem-license", redeem).status_code == 200
    taken = api.post("/v2/auth/upgrade-license", {"license_key": DUO_KEY}, token=user.token)
    assert (taken.status_code, taken.json()["detail"]) == (409, "license already bound to another user")


def test_an_order_is_answered_with_its_old_key(api, suite, reports):
    reply = api.post("/v2/license/issue-web", {"order_id": "old-1", "plan": "duo"},
                     headers={"Web-Api-Key": suite.env["WEB_ISSUE_API_KEY"]})
    assert reply.headers["Idempotency-Replayed"] == "true"
    assert reply.json() == {"key": DUO_KEY, "plan": "nova_streamer_duo", "expires_at": rfc3339(LATER)}


def test_orders_are_kept(reports, db):
    db.execute("select order_id, key, plan, ttl_days, email, amount, currency, created_at from license.orders "
               "where order_id like 'old-%' order by 1")
    created = THEN.replace(tzinfo=timezone.utc)
    assert db.fetchall() == [
        ("old-1", DUO_KEY, "nova_streamer_duo", 90, "anna@example.org", 9900, "RUB", created),
        ("old-2", FREE_KEY, "platinum", 30, "anna@example.org", None, "RUB", created)]


def test_each_key_has_one_row_of_audit(reports, db):
    db.execute("select key, action, actor, address, details ->> 'user_id' from license.audit "
               "where actor = 'import' and key in %s order by id", ((DUO_KEY, GOLD_KEY, STRAY_KEY),))
    assert sorted(db.fetchall()) == [(DUO_KEY, "imported", "import", None, ANNA), (GOLD_KEY, "imported", "import", None, BORIS),
                                     (STRAY_KEY, "imported", "import", None, None)]


# ---- again ----

KEPT = ("auth.users", "auth.settings", "auth.tiktok_names", "auth.imported_users", "license.keys", "license.orders",
        "license.audit")


def test_a_second_run_changes_nothing(old, reports, tables):
    before = tables(*KEPT)
    again = {service: old.take(service) for service in ("auth", "license")}
    assert tables(*KEPT) == before
    assert again["auth"].counts == {
        "users": (8, 0, 3, 5), "user_settings": (4, 0, 2, 2), "user_tiktok_accounts": (6, 0, 4, 2)}
    assert again["license"].counts == {"license_keys": (10, 0, 7, 3), "web_purchases": (6, 0, 2, 4)}
    assert all("skipped" in remark for report in again.values() for remark in report.remarks)


def test_what_was_changed_here_stays(api, admin, old, login, me):
    token = login("old_anna", PBKDF2_PASSWORD).json()["access_token"]
    assert api.post("/v2/settings/update", {"tts_volume": 77, "voice_id": "gtts-ru"}, token=token).status_code == 200
    assert api.post("/v2/license/set-plan", {"key": FREE_KEY, "plan": "duo"}, headers=admin).status_code == 200
    old.take("auth")
    old.take("license")
    anna = me("old_anna", PBKDF2_PASSWORD)
    assert (anna["tts_volume"], anna["voice_id"]) == (77, "gtts-ru")
    assert api.get("/v2/license/check", params={"key": FREE_KEY}).json()["plan"] == "nova_streamer_duo"


def test_a_lost_entitlement_is_told_again(old, me_with_plan, db):
    me_with_plan("old_anna", PBKDF2_PASSWORD, "nova_streamer_duo")
    db.execute("delete from auth.entitlements where user_id = %s", (ANNA,))
    me_with_plan("old_anna", PBKDF2_PASSWORD, "nova_free_streamer")
    old.take("license")
    me_with_plan("old_anna", PBKDF2_PASSWORD, "nova_streamer_duo")


def test_a_key_that_was_redeemed_there_since_gets_its_owner(api, old, reports, db, me_with_plan):
    old.execute("update license_keys set user_id = %s where key = %s", (BORIS, STRAY_KEY))
    report = old.take("license")
    assert report.counts["license_keys"] == (10, 1, 6, 3)
    assert "license_keys TTB-0004…: was there, and now has its owner" in report.remarks
    assert api.get("/v2/license/check", params={"key": STRAY_KEY}).json()["user_id"] == BORIS
    me_with_plan("old_boris", BCRYPT_PASSWORD, "pro")
    db.execute("select count(*) from license.audit where key = %s and action = 'imported'", (STRAY_KEY,))
    assert db.fetchone() == (2,)


def test_who_was_deleted_here_does_not_come_back(api, old, login, db):
    token = login("old_clara", PBKDF2_PASSWORD).json()["access_token"]
    deletion = {"confirm": "DELETE", "password": PBKDF2_PASSWORD}
    assert api.post("/v2/profile/delete", deletion, token=token).status_code == 200

    def key_is_free():
        db.execute("select user_id is null from license.keys where key = %s", (CLARAS_KEY,))
        return db.fetchone()[0]
    wait_for(key_is_free, 5, "released key")

    report = old.take("auth")
    assert f"users {CLARA}: skipped: the user was deleted here" in report.remarks
    old.take("license")
    assert key_is_free()
    assert login("old_clara", PBKDF2_PASSWORD).status_code == 401


# ---- other old databases ----

SMALLER = """
create table users (id text, username text, password_hash text, created_at timestamp);
create table user_settings (user_id text, tts_enabled integer, gift_sounds_enabled smallint, tts_volume numeric(5, 2));
create table license_keys (key text, plan text, status text, issued_at timestamptz);
"""


@pytest.fixture
def smaller(suite):
    old = OldBackend(suite, "old_smaller", SMALLER)
    yield old
    old.drop()


def test_tables_and_columns_may_be_missing(smaller, me):
    user = "88888888-0000-4000-8000-000000000008"
    smaller.insert("users", {"id": user, "username": "old_small", "password_hash": PBKDF2, "created_at": THEN})
    smaller.insert("user_settings", {"user_id": user, "tts_enabled": 0, "gift_sounds_enabled": 1, "tts_volume": "45.00"})
    smaller.insert("license_keys", {"key": "TTB-5AAA-0000-0001", "plan": "pro", "status": "active", "issued_at": THEN})
    auth, license = smaller.take("auth"), smaller.take("license")
    assert auth.counts == {"users": (1, 1, 0, 0), "user_settings": (1, 1, 0, 0), "user_tiktok_accounts": ()}
    assert "user_tiktok_accounts   is not in the old database\n" in auth.text
    assert license.counts == {"license_keys": (1, 1, 0, 0), "web_purchases": ()}
    small = me("old_small", PBKDF2_PASSWORD)
    assert (small["tts_enabled"], small["gift_sounds_enabled"], small["tts_volume"], small["gifts_volume"]) == \
        (False, True, 45, 100)


def test_many_rows_and_many_remarks(smaller, db):
    smaller.execute("insert into users select gen_random_uuid()::text, 'old_many_' || n, "
                    "case when n <= 1200 then %s else 'plain' end from generate_series(1, 1350) as n", (PBKDF2,))
    report = smaller.take("auth")
    assert report.counts["users"] == (1350, 1200, 0, 150)
    assert len(report.remarks) == 101 and report.remarks[-1] == "… and 50 more"
    db.execute("select count(*) from auth.users join auth.settings on user_id = id where username like 'old_many_%'")
    assert db.fetchone() == (1200,)


def test_a_run_that_ends_early_keeps_its_pages_and_the_next_goes_on(smaller):
    smaller.execute("alter table users alter created_at type text")
    smaller.execute("insert into users select gen_random_uuid()::text, 'old_early_' || n, %s, '2025-01-01T00:00:00' "
                    "from generate_series(1, 600) as n", (PBKDF2,))
    smaller.insert("users", {"id": "99999999-0000-4000-8000-000000000009", "username": "old_late", "password_hash": PBKDF2,
                             "created_at": "soon"})
    code, out, errors = smaller.run("auth")
    assert (code, out) == (1, "")
    assert "our database: import_one_user: 22007 invalid input syntax" in errors
    smaller.execute("update users set created_at = null where created_at = 'soon'")
    assert smaller.take("auth").counts["users"] == (601, 101, 500, 0)


COUNTS = ("select (select count(*) from auth.users) + (select count(*) from auth.imported_users), "
          "(select count(*) from license.keys) + (select count(*) from license.audit) + (select count(*) from license.outbox)")


def test_a_look_says_what_an_import_would_do_and_takes_nothing_over(smaller, db):
    smaller.execute("insert into users select gen_random_uuid()::text, 'old_look_' || n, "
                    "case when n <= 600 then %s else 'plain' end from generate_series(1, 610) as n", (PBKDF2,))
    smaller.insert("license_keys", {"key": "TTB-5AAA-0000-0002", "plan": "pro", "status": "active", "issued_at": THEN})
    db.execute(COUNTS)
    before = db.fetchone()
    for service, table, counts in (("auth", "users", (610, 600, 0, 10)), ("license", "license_keys", (1, 1, 0, 0))):
        code, out, errors = smaller.run(service, command="import-look")
        assert (code, errors) == (0, "")
        assert Report(out).counts[table] == counts
        assert out.endswith("That is what an import would do: nothing was taken over.\n")
    db.execute(COUNTS)
    assert db.fetchone() == before
    assert smaller.take("auth").counts["users"] == (610, 600, 0, 10)


def test_a_look_that_ends_early_says_so(smaller):
    smaller.execute("alter table users alter created_at type text")
    smaller.insert("users", {"id": "99999999-0000-4000-8000-000000000010", "username": "old_never", "password_hash": PBKDF2,
                             "created_at": "soon"})
    code, out, errors = smaller.run("auth", command="import-look")
    assert (code, out) == (1, "")
    assert "our database: import_one_user: 22007 invalid input syntax" in errors and errors.endswith("Nothing was taken over.\n")


@pytest.mark.parametrize("service", ["auth", "license"])
def test_without_an_old_database_nothing_is_done(old, service):
    code, out, errors = old.run(service, old_url="")
    assert (code, out) == (1, "")
    assert "OLD_DATABASE_URL" in errors


@pytest.mark.parametrize("service", ["auth", "license"])
def test_an_old_database_that_is_away_is_told(suite, old, service):
    code, out, errors = old.run(service, old_url=f"postgresql://nobody:hidden@127.0.0.1:{suite.ports['PG']}/nothing")
    assert (code, out) == (1, "")
    assert "the old database: connect: " in errors and "hidden" not in errors
