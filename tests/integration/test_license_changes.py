# SPDX-License-Identifier: MIT
"""What an administrator does to a key: revoke, extend, set-plan; and the audit."""
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg2
import pytest

from licenses import audit_of, days_left, outcome, parse_time

REVOKE, EXTEND, SET_PLAN = "/v2/license/revoke", "/v2/license/extend", "/v2/license/set-plan"
RACERS = 32


@pytest.fixture
def do(api, admin):
    """do(path, key, …): the reply."""
    return lambda path, key, **fields: api.post(path, {"key": key, **fields}, headers=admin)


@pytest.fixture
def item(api, admin):
    """Makes a key; returns it as LicenseItem."""
    def make(plan="pro", ttl_days=None):
        api.post("/v2/license/issue", {"plan": plan, "ttl_days": ttl_days}, headers=admin)
        return api.get("/v2/license/list", params={"limit": 1}, headers=admin).json()["items"][0]
    return make


@pytest.fixture
def told(db, events):
    """What the audit and the event say that became of a key last: (action, actor, address, state)."""
    def read(key):
        number, action, actor, address, state = audit_of(db, key)[-1]
        assert events.wait("evt.license.key_changed", audit_id=number) == {"audit_id": number, "action": action, **state}
        return action, actor, address, state
    return read


def state_of(item):
    return {name: item[name] for name in ("plan", "status", "expires_at", "user_id")}


def set_expiry(db, key, sql):
    db.execute(f"update license.keys set expires_at = {sql} where key = %s", (key,))


# ---- all of them ----

CHANGES = [(REVOKE, {}), (EXTEND, {"extend_days": 7}), (SET_PLAN, {"plan": "duo"})]


@pytest.mark.parametrize("path,fields", CHANGES)
@pytest.mark.parametrize("key", ["", "TTB-0000-0000-0000", "x" * 5000, "' or 1=1"])
def test_an_unknown_key(do, path, fields, key):
    assert outcome(do(path, key, **fields)) == (404, "not found")


@pytest.mark.parametrize("path,fields", CHANGES)
@pytest.mark.parametrize("spelling", [str.lower, "  {}\t".format])
def test_keys_are_trimmed_and_folded(do, make_key, path, fields, spelling):
    key = make_key()
    assert do(path, spelling(key), **fields).json()["key"] == key


@pytest.mark.parametrize("path,fields", CHANGES)
def test_a_change_is_audited_and_told(do, item, told, path, fields):
    before = item()
    after = do(path, before["key"], **fields).json()
    action = {REVOKE: "revoked", EXTEND: "extended", SET_PLAN: "plan_set"}[path]
    assert told(before["key"]) == (action, "admin", "127.0.0.1", state_of(after))


@pytest.mark.parametrize("path", [REVOKE, EXTEND, SET_PLAN])
def test_no_key_at_all(api, admin, path):
    reply = api.post(path, {}, headers=admin)
    assert (reply.status_code, reply.json()) == (422, {"detail": [
        {"type": "missing", "loc": ["body", "key"], "msg": "Field required", "input": {}}]})


# ---- revoke ----

def test_revoke_takes_nothing_but_the_status(do, item, api):
    before = item()
    assert do(REVOKE, before["key"]).json() == {**before, "status": "revoked"}
    assert api.get("/v2/license/check", params={"key": before["key"]}).json()["status"] == "revoked"


def test_revoke_of_a_revoked_key_writes_nothing(do, make_key, db):
    key = make_key()
    once = do(REVOKE, key).json()
    assert do(REVOKE, key).json() == once
    assert [row[1] for row in audit_of(db, key)] == ["issued", "revoked"]


# ---- extend ----

@pytest.mark.parametrize("fields,days", [({}, 30), ({"extend_days": 1}, 1), ({"extend_days": 3650}, 3650)])
def test_extend_counts_from_the_end_of_the_term(do, item, fields, days):
    before = item(ttl_days=5)
    after = do(EXTEND, before["key"], **fields).json()
    assert parse_time(after["expires_at"]) - parse_time(before["expires_at"]) == timedelta(days=days)
    assert after == {**before, "expires_at": after["expires_at"]}


def test_extend_of_an_expired_key_counts_from_now(do, make_key, db):
    key = make_key()
    set_expiry(db, key, "now() - interval '400 days'")
    after = do(EXTEND, key, extend_days=10).json()
    assert (after["status"], days_left(after["expires_at"])) == ("active", 10)


@pytest.mark.parametrize("status", ["revoked", "inactive"])
def test_extend_makes_a_key_active(do, make_key, db, status):
    key = make_key(ttl_days=5)
    db.execute("update license.keys set status = %s where key = %s", (status, key))
    after = do(EXTEND, key, extend_days=10).json()
    assert (after["status"], days_left(after["expires_at"])) == ("active", 15)


def test_a_key_without_expiry_keeps_none(do, make_key, db):
    key = make_key()
    set_expiry(db, key, "null")
    assert do(EXTEND, key).json()["expires_at"] is None
    assert [row[1] for row in audit_of(db, key)] == ["issued"]  # nothing was changed
    do(REVOKE, key)
    after = do(EXTEND, key).json()
    assert (after["status"], after["expires_at"]) == ("active", None)
    assert [row[1] for row in audit_of(db, key)] == ["issued", "revoked", "extended"]


def test_no_term_goes_past_the_year_9999(do, make_key, db):
    key, end = make_key(), "9999-12-31T23:59:59.999Z"
    set_expiry(db, key, "'9995-01-01T00:00:00Z'")
    assert do(EXTEND, key, extend_days=3650).json()["expires_at"] == end
    assert do(EXTEND, key, extend_days=3650).json()["expires_at"] == end
    assert [row[1] for row in audit_of(db, key)] == ["issued", "extended"]


@pytest.mark.parametrize("days", [0, -1, 3651, 2**62])
def test_an_impossible_extension(do, make_key, days):
    for key in (make_key(), "unknown"):
        assert outcome(do(EXTEND, key, extend_days=days)) == (400, "invalid extend_days")


@pytest.mark.parametrize("days,kind", [("x", "int_parsing"), (1.5, "int_from_float"), (None, "int_type")])
def test_an_extension_of_a_wrong_form(do, make_key, days, kind):
    reply = do(EXTEND, make_key(), extend_days=days)
    detail, = reply.json()["detail"]
    assert (reply.status_code, detail["type"], detail["loc"]) == (422, kind, ["body", "extend_days"])


def test_extensions_at_once_add_up(do, item, db):
    before = item(ttl_days=1)
    with ThreadPoolExecutor(RACERS) as pool:
        replies = list(pool.map(lambda _: do(EXTEND, before["key"], extend_days=2).json(), range(RACERS)))
    ends = sorted((parse_time(reply["expires_at"]) - parse_time(before["expires_at"])).days for reply in replies)
    assert ends == [2 * number for number in range(1, RACERS + 1)]
    assert len(audit_of(db, before["key"])) == 1 + RACERS


# ---- set-plan ----

@pytest.mark.parametrize("plan,after", [
    ("nova_streamer_duo", "nova_streamer_duo"), ("One-Mobile", "nova_streamer_one_mobile"),
    ("nova_free_streamer", "nova_free_streamer"), (None, None), ("", None), ("  ", None)])
def test_set_plan(do, item, plan, after):
    before = item()
    assert do(SET_PLAN, before["key"], plan=plan).json() == {**before, "plan": after}


def test_a_plan_left_out_is_none(do, item):
    before = item()
    assert do(SET_PLAN, before["key"]).json() == {**before, "plan": None}


def test_a_revoked_key_stays_revoked_with_another_plan(do, make_key):
    key = make_key()
    do(REVOKE, key)
    assert do(SET_PLAN, key, plan="duo").json()["status"] == "revoked"


def test_the_plan_that_a_key_has_writes_nothing(do, make_key, db):
    for key, plan in ((make_key("pro"), " PRO "), (make_key(None), None)):
        assert outcome(do(SET_PLAN, key, plan=plan)) == 200
        assert [row[1] for row in audit_of(db, key)] == ["issued"]


def test_an_unknown_plan(do, make_key, db):
    key = make_key()
    for known in (key, "unknown"):
        assert outcome(do(SET_PLAN, known, plan="gold")) == (400, "invalid plan")
    assert [row[1] for row in audit_of(db, key)] == ["issued"]


def test_a_plan_of_a_wrong_form(do, make_key):
    reply = do(SET_PLAN, make_key(), plan=5)
    detail, = reply.json()["detail"]
    assert (reply.status_code, detail["type"], detail["loc"]) == (422, "string_type", ["body", "plan"])


# ---- the audit ----

@pytest.mark.parametrize("statement", [
    "delete from license.audit", "truncate license.audit", "update license.audit set actor = 'nobody'",
    "update license.audit set address = '::1'", "update license.audit set details = '{}', address = null",
    "update license.audit set at = now()"])
def test_the_audit_is_append_only(db, make_key, statement):
    key = make_key()
    rows = audit_of(db, key)
    with pytest.raises(psycopg2.errors.RaiseException, match="append only"):
        db.execute(statement)
    assert audit_of(db, key) == rows


def test_the_audit_can_forget_an_address(db, make_key):
    key = make_key()
    (number, *rest), = audit_of(db, key)
    db.execute("update license.audit set address = null where id = %s", (number,))
    assert audit_of(db, key) == [(number, rest[0], rest[1], None, rest[3])]
