# SPDX-License-Identifier: MIT
"""Licences: issue, issue-bulk, list, check and plans."""
import re

import pytest

from licenses import audit_of, days_left, outcome, wrong_keys

ISSUE, BULK, LIST = "/v2/license/issue", "/v2/license/issue-bulk", "/v2/license/list"
CHECK, PLANS = "/v2/license/check", "/v2/license/plans"
GROUPS = r"(-[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{4}){3}"
KEY_FORM = "TTB" + GROUPS


# ---- issue ----

def test_issue_gives_a_key_for_30_days(api, admin):
    issued = api.post(ISSUE, {}, headers=admin).json()
    assert re.fullmatch(KEY_FORM, issued["key"])
    assert issued["plan"] is None
    assert days_left(issued["expires_at"]) == 30


@pytest.mark.parametrize("ttl_days,days", [(None, 30), (0, 30), (1, 1), ("7", 7), (3650, 3650)])
def test_the_term(api, admin, ttl_days, days):
    assert days_left(api.post(ISSUE, {"ttl_days": ttl_days}, headers=admin).json()["expires_at"]) == days


@pytest.mark.parametrize("ttl_days", [-1, 3651, 10**9])
def test_an_impossible_term(api, admin, ttl_days):
    assert outcome(api.post(ISSUE, {"ttl_days": ttl_days}, headers=admin)) == (400, "invalid ttl_days")


@pytest.mark.parametrize("spelling,plan", [
    ("nova_free_streamer", "nova_free_streamer"), ("nova_streamer_one_mobile", "nova_streamer_one_mobile"),
    ("nova_one_mobile", "nova_streamer_one_mobile"), ("one_mobile", "nova_streamer_one_mobile"),
    ("nova_one_desktop", "nova_streamer_one_desktop"), ("one_desktop", "nova_streamer_one_desktop"),
    ("nova_duo", "nova_streamer_duo"), ("duo", "nova_streamer_duo"), ("pro", "pro"),
    (" PRO ", "pro"), ("One-Mobile", "nova_streamer_one_mobile"), ("Nova Streamer Duo", "nova_streamer_duo"),
    (None, None), ("", None), ("  ", None)])
def test_a_plan_and_its_aliases(api, admin, spelling, plan):
    assert api.post(ISSUE, {"plan": spelling}, headers=admin).json()["plan"] == plan


@pytest.mark.parametrize("plan", ["gold", "pro'--", "x" * 1000, "про"])
def test_an_unknown_plan(api, admin, plan):
    assert outcome(api.post(ISSUE, {"plan": plan}, headers=admin)) == (400, "invalid plan")


def test_the_plan_is_checked_before_the_term(api, admin):
    assert outcome(api.post(ISSUE, {"plan": "gold", "ttl_days": -1}, headers=admin)) == (400, "invalid plan")


@pytest.mark.parametrize("method,path", [
    ("POST", ISSUE), ("POST", BULK), ("GET", LIST), ("POST", "/v2/license/revoke"), ("POST", "/v2/license/extend"),
    ("POST", "/v2/license/set-plan")])
def test_what_only_the_admin_key_may(api, admin, suite, method, path):
    for key in [*wrong_keys(admin["Admin-Api-Key"]), suite.env["WEB_ISSUE_API_KEY"]]:
        assert outcome(api.call(method, path, json={}, headers={"Admin-Api-Key": key})) == (401, "unauthorized"), key
    headers = {"Web-Api-Key": admin["Admin-Api-Key"]}
    assert outcome(api.call(method, path, json={}, headers=headers)) == (401, "unauthorized")


def test_the_key_is_asked_for_before_the_body_is_read(api):
    assert outcome(api.post(ISSUE, data="{")) == (401, "unauthorized")


@pytest.mark.parametrize("body,where,kind", [
    ({"plan": 5}, "plan", "string_type"), ({"ttl_days": "x"}, "ttl_days", "int_parsing"),
    ({"ttl_days": 1.5}, "ttl_days", "int_from_float")])
def test_issue_of_a_wrong_form(api, admin, body, where, kind):
    reply = api.post(ISSUE, body, headers=admin)
    detail, = reply.json()["detail"]
    assert (reply.status_code, detail["type"], detail["loc"]) == (422, kind, ["body", where])


def test_an_issue_is_audited_and_told(api, admin, db, events):
    issued = api.post(ISSUE, {"plan": "duo"}, headers=admin).json()
    state = {"plan": "nova_streamer_duo", "status": "active", "expires_at": issued["expires_at"], "user_id": None}
    (number, *rest), = audit_of(db, issued["key"])
    assert rest == ["issued", "admin", "127.0.0.1", state]
    told = events.wait("evt.license.key_changed", audit_id=number)
    assert told == {"audit_id": number, "action": "issued", **state}


# ---- issue-bulk ----

def test_bulk_gives_ten_keys_for_30_days(api, admin):
    items = api.post(BULK, {}, headers=admin).json()["items"]
    assert len({item["key"] for item in items}) == len(items) == 10
    for item in items:
        assert re.fullmatch(KEY_FORM, item["key"])
        assert (item["plan"], days_left(item["expires_at"])) == (None, 30)


@pytest.mark.parametrize("count", [1, 500])
def test_bulk_gives_as_many_as_are_asked_for(api, admin, count):
    items = api.post(BULK, {"count": count, "plan": "one_mobile", "ttl_days": 7}, headers=admin).json()["items"]
    assert len({item["key"] for item in items}) == len(items) == count
    assert {item["plan"] for item in items} == {"nova_streamer_one_mobile"}
    assert {days_left(item["expires_at"]) for item in items} == {7}


@pytest.mark.parametrize("count", [0, -1, 501, 2**62])
def test_an_impossible_count(api, admin, count):
    assert outcome(api.post(BULK, {"count": count}, headers=admin)) == (400, "invalid count")


def test_bulk_refuses_what_issue_refuses(api, admin):
    assert outcome(api.post(BULK, {"plan": "gold"}, headers=admin)) == (400, "invalid plan")
    assert outcome(api.post(BULK, {"ttl_days": 3651}, headers=admin)) == (400, "invalid ttl_days")


@pytest.mark.parametrize("body,where,kind", [
    ({"count": "many"}, "count", "int_parsing"), ({"count": None}, "count", "int_type"),
    ({"prefix": 5}, "prefix", "string_type"), ({"prefix": "x" * 201}, "prefix", "string_too_long")])
def test_bulk_of_a_wrong_form(api, admin, body, where, kind):
    reply = api.post(BULK, body, headers=admin)
    detail, = reply.json()["detail"]
    assert (reply.status_code, detail["type"], detail["loc"]) == (422, kind, ["body", where])


@pytest.mark.parametrize("asked,prefix", [
    ("shop", "SHOP"), ("  shop2\n", "SHOP2"), ("abcdefghijKLM", "ABCDEFGHIJ"), ("a-b c_d'\"", "ABCD"),
    ("----------abc", "TTB"), ("магазин", "TTB"), ("магазин7", "7"), ("", "TTB"), ("  ", "TTB"), (None, "TTB")])
def test_a_prefix(api, admin, asked, prefix):
    item, = api.post(BULK, {"count": 1, "prefix": asked}, headers=admin).json()["items"]
    assert re.fullmatch(prefix + GROUPS, item["key"])
    assert api.get(CHECK, params={"key": item["key"]}).json()["status"] == "active"


def test_each_key_of_a_bulk_is_audited_and_told(api, admin, db, events):
    for item in api.post(BULK, {"count": 3, "plan": "pro"}, headers=admin).json()["items"]:
        (number, action, actor, address, details), = audit_of(db, item["key"])
        assert (action, actor, address, details["plan"]) == ("issued", "admin", "127.0.0.1", "pro")
        assert events.wait("evt.license.key_changed", audit_id=number)["action"] == "issued"


# ---- list ----

def test_list_shows_the_newest_first(api, admin, make_key):
    keys = [make_key("pro"), make_key(None), make_key("duo")]
    items = api.get(LIST, params={"limit": 3}, headers=admin).json()["items"]
    assert [item["key"] for item in items] == keys[::-1]


def test_a_listed_key(api, admin):
    issued = api.post(ISSUE, {"plan": "pro"}, headers=admin).json()
    item, = api.get(LIST, params={"limit": 1}, headers=admin).json()["items"]
    assert days_left(item.pop("issued_at")) == 0
    assert item == {**issued, "status": "active", "user_id": None, "max_devices": 1, "devices_bound": 0}


def test_pages_neither_overlap_nor_miss(api, admin):
    bulk = {item["key"] for item in api.post(BULK, {"count": 7}, headers=admin).json()["items"]}
    pages = [api.get(LIST, params={"limit": 3, "offset": offset}, headers=admin).json()["items"] for offset in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 3, 3]
    keys = [item["key"] for page in pages for item in page]
    assert set(keys[:7]) == bulk and not set(keys[7:]) & bulk


def test_list_takes_200_unless_told_otherwise(api, admin):
    api.post(BULK, {"count": 500}, headers=admin)
    api.post(BULK, {"count": 500}, headers=admin)
    assert len(api.get(LIST, headers=admin).json()["items"]) == 200
    assert len(api.get(LIST, params={"limit": 1000}, headers=admin).json()["items"]) == 1000
    assert api.get(LIST, params={"offset": 10**7}, headers=admin).json() == {"items": []}


@pytest.mark.parametrize("name,value,kind,message,context", [
    ("limit", "0", "greater_than_equal", "Input should be greater than or equal to 1", {"ge": 1}),
    ("limit", "1001", "less_than_equal", "Input should be less than or equal to 1000", {"le": 1000}),
    ("offset", "-1", "greater_than_equal", "Input should be greater than or equal to 0", {"ge": 0}),
    ("offset", "10000001", "less_than_equal", "Input should be less than or equal to 10000000", {"le": 10**7})])
def test_a_page_out_of_range(api, admin, name, value, kind, message, context):
    reply = api.get(LIST, params={name: value}, headers=admin)
    assert (reply.status_code, reply.json()) == (422, {"detail": [
        {"type": kind, "loc": ["query", name], "msg": message, "input": value, "ctx": context}]})


# ---- check ----

def test_check_tells_all_of_a_fresh_key(api, admin):
    issued = api.post(ISSUE, {"plan": "pro", "ttl_days": 5}, headers=admin).json()
    checked = api.get(CHECK, params={"key": issued["key"]}).json()
    assert days_left(checked.pop("issued_at")) == 0
    assert checked == {**issued, "status": "active", "user_id": None}


@pytest.mark.parametrize("spelling", [str.lower, "  {}\t".format])
def test_check_trims_and_folds(api, make_key, spelling):
    key = make_key()
    assert api.get(CHECK, params={"key": spelling(key)}).json()["key"] == key


@pytest.mark.parametrize("key", ["", "TTB-0000-0000-0000", "x" * 5000, "' or 1=1", "ключ", "%00"])
def test_check_of_an_unknown_key(api, key):
    assert outcome(api.get(CHECK, params={"key": key})) == (404, "not found")


def test_a_key_of_the_old_hexadecimal_form_is_found(api, db):
    db.execute("insert into license.keys (key, plan) values ('TTB-0A1F-99B0-C0DE', 'pro')")
    checked = api.get(CHECK, params={"key": "ttb-0a1f-99b0-c0de"}).json()
    assert (checked["status"], checked["expires_at"]) == ("active", None)


def test_keys_differ(api, admin):
    keys = {api.post(ISSUE, {}, headers=admin).json()["key"] for _ in range(50)}
    assert len(keys) == 50


def test_check_of_no_key_at_all(api):
    reply = api.get(CHECK)
    assert (reply.status_code, reply.json()) == (422, {"detail": [
        {"type": "missing", "loc": ["query", "key"], "msg": "Field required", "input": None}]})


# ---- plans ----

def test_the_plans(api):
    both = ["desktop", "mobile"]
    assert api.get(PLANS).json() == {"items": [
        {"id": "nova_free_streamer", "name": "NovaFree Streamer", "allowed_platforms": both},
        {"id": "nova_streamer_one_mobile", "name": "NovaStreamer One (Mobile)", "allowed_platforms": ["mobile"]},
        {"id": "nova_streamer_one_desktop", "name": "NovaStreamer One (Desktop)", "allowed_platforms": ["desktop"]},
        {"id": "nova_streamer_duo", "name": "NovaStreamer Duo", "allowed_platforms": both},
        {"id": "pro", "name": "Pro", "allowed_platforms": both}]}
