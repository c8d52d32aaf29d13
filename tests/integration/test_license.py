# SPDX-License-Identifier: MIT
"""Licences: issue and check."""
import re
from datetime import datetime, timedelta, timezone

import pytest

ISSUE, CHECK = "/v2/license/issue", "/v2/license/check"
KEY_FORM = r"TTB(-[ABCDEFGHJKLMNPQRSTUVWXYZ23456789]{4}){3}"


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def days_left(text):
    """Whole days from now, to the nearest."""
    left = datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)
    return round(left / timedelta(days=1))


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


def wrong_keys(right):
    return [None, "", "wrong", right[:-1], right + "x", right.upper(), "x" * 4000]


def test_only_the_admin_key_issues(api, admin, suite):
    for key in [*wrong_keys(admin["Admin-Api-Key"]), suite.env["WEB_ISSUE_API_KEY"]]:
        assert outcome(api.post(ISSUE, {}, headers={"Admin-Api-Key": key})) == (401, "unauthorized"), key
    assert outcome(api.post(ISSUE, {}, headers={"Web-Api-Key": admin["Admin-Api-Key"]})) == (401, "unauthorized")


def test_the_key_is_asked_for_before_the_body_is_read(api):
    assert outcome(api.post(ISSUE, data="{")) == (401, "unauthorized")


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
