# SPDX-License-Identifier: MIT
"""The shop's orders: /v2/license/issue-web."""
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from licenses import audit_of, days_left, outcome, wrong_keys
from suite import PROFILE, ROOT, wait_for

WEB, EXTEND, SET_PLAN = "/v2/license/issue-web", "/v2/license/extend", "/v2/license/set-plan"
REPLAYED = "Idempotency-Replayed"
RACERS, ROUNDS = 32, 3


@pytest.fixture
def order():
    """An order that nobody has made."""
    return {"order_id": f"order-{uuid.uuid4()}", "plan": "pro"}


@pytest.fixture
def buy(api, web):
    return lambda order: api.post(WEB, order, headers=web)


def test_an_order_gives_a_key_for_30_days(buy, order, api):
    reply = buy(order)
    assert reply.status_code == 200 and REPLAYED not in reply.headers
    bought = reply.json()
    assert (bought["plan"], days_left(bought["expires_at"])) == ("pro", 30)
    assert api.get("/v2/license/check", params={"key": bought["key"]}).json()["status"] == "active"


@pytest.mark.parametrize("ttl_days,days", [(None, 30), (0, 30), (1, 1), (3650, 3650)])
def test_the_term(buy, order, ttl_days, days):
    assert days_left(buy({**order, "ttl_days": ttl_days}).json()["expires_at"]) == days


def test_only_the_shops_key_buys(api, web, admin, order):
    for key in [*wrong_keys(web["Web-Api-Key"]), admin["Admin-Api-Key"]]:
        assert outcome(api.post(WEB, order, headers={"Web-Api-Key": key})) == (401, "unauthorized"), key
    assert outcome(api.post(WEB, order, headers=admin)) == (401, "unauthorized")


# ---- refusals, in their order ----

@pytest.mark.parametrize("order_id", ["", "  ", "\t\r\n"])
def test_an_order_needs_an_id(buy, order_id):
    assert outcome(buy({"order_id": order_id, "plan": "gold", "ttl_days": -1})) == (400, "order_id is required")


@pytest.mark.parametrize("plan", ["gold", "", "  ", "про"])
def test_an_order_needs_a_plan_that_exists(buy, order, plan):
    assert outcome(buy({**order, "plan": plan, "ttl_days": -1})) == (400, "invalid plan")


@pytest.mark.parametrize("plan", ["nova_free_streamer", " Nova-Free Streamer "])
def test_free_is_not_for_sale(buy, order, plan):
    assert outcome(buy({**order, "plan": plan, "ttl_days": -1})) == (403, "plan not allowed")


@pytest.mark.parametrize("plan,bought", [
    ("one_mobile", "nova_streamer_one_mobile"), ("nova_one_desktop", "nova_streamer_one_desktop"),
    ("DUO", "nova_streamer_duo"), ("pro", "pro")])
def test_all_that_is_paid_is_for_sale(buy, order, plan, bought):
    assert buy({**order, "plan": plan}).json()["plan"] == bought


@pytest.mark.parametrize("ttl_days", [-1, 3651])
def test_an_impossible_term(buy, order, ttl_days):
    assert outcome(buy({**order, "ttl_days": ttl_days})) == (400, "invalid ttl_days")


def test_a_refused_order_leaves_nothing(buy, order, db):
    buy({**order, "plan": "gold"})
    buy({**order, "ttl_days": -1})
    db.execute("select count(*) from license.orders where order_id = %s", (order["order_id"],))
    assert db.fetchone() == (0,)
    assert REPLAYED not in buy(order).headers


@pytest.mark.parametrize("change,where,kind", [
    ({"order_id": None}, "order_id", "string_type"), ({"order_id": 5}, "order_id", "string_type"),
    ({"order_id": "x" * 201}, "order_id", "string_too_long"), ({"plan": None}, "plan", "string_type"),
    ({"plan": "x" * 101}, "plan", "string_too_long"), ({"ttl_days": "x"}, "ttl_days", "int_parsing"),
    ({"email": "x" * 321}, "email", "string_too_long"), ({"amount": -1}, "amount", "greater_than_equal"),
    ({"amount": 9.99}, "amount", "int_from_float"), ({"currency": "x" * 17}, "currency", "string_too_long")])
def test_an_order_of_a_wrong_form(buy, order, change, where, kind):
    reply = buy({**order, **change})
    detail, = reply.json()["detail"]
    assert (reply.status_code, detail["type"], detail["loc"]) == (422, kind, ["body", where])


def test_an_order_needs_its_fields(buy):
    reply = buy({})
    assert (reply.status_code, reply.json()) == (422, {"detail": [
        {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": {}} for name in ("order_id", "plan")]})


# ---- what is kept ----

def test_what_the_shop_tells_is_kept_and_not_shown(buy, order, db):
    order |= {"plan": "duo", "ttl_days": 90, "email": "a@example.org", "amount": 2**53, "currency": "EUR"}
    bought = buy({**order, "order_id": f"  {order['order_id']}\n"}).json()
    assert set(bought) == {"key", "plan", "expires_at"}
    db.execute("select key, plan, ttl_days, email, amount, currency from license.orders where order_id = %s",
               (order["order_id"],))
    assert db.fetchall() == [(bought["key"], "nova_streamer_duo", 90, "a@example.org", 2**53, "EUR")]


def test_an_order_is_audited_and_told(buy, order, db, events):
    bought = buy({**order, "email": "a@example.org", "amount": 990}).json()
    state = {"plan": "pro", "status": "active", "expires_at": bought["expires_at"], "user_id": None}
    (number, *rest), = audit_of(db, bought["key"])
    assert rest == ["issued", "web", "127.0.0.1", {**state, "order_id": order["order_id"]}]
    told = events.wait("evt.license.key_changed", audit_id=number)
    assert told == {"audit_id": number, "action": "issued", **state}


# ---- again ----

def assert_replays(reply, bought):
    assert (reply.status_code, reply.headers.get(REPLAYED), reply.json()) == (200, "true", bought)


@pytest.mark.parametrize("change", [
    {}, {"plan": "duo"}, {"plan": "gold"}, {"plan": "nova_free_streamer"}, {"plan": ""}, {"ttl_days": -1},
    {"ttl_days": 7}, {"email": "other@example.org"}])
def test_the_same_order_gives_the_same_key_whatever_else_it_says(buy, order, change):
    bought = buy(order).json()
    assert_replays(buy({**order, **change}), bought)


def test_order_ids_are_trimmed_and_otherwise_exact(buy, order):
    bought = buy(order).json()
    assert_replays(buy({**order, "order_id": f"\t{order['order_id']} "}), bought)
    other = buy({**order, "order_id": order["order_id"].upper()})
    assert REPLAYED not in other.headers and other.json()["key"] != bought["key"]


def test_the_same_order_changes_nothing(buy, order, db):
    key = buy({**order, "email": "a@example.org"}).json()["key"]
    buy({**order, "email": "b@example.org"})
    assert len(audit_of(db, key)) == 1
    db.execute("select email from license.orders where order_id = %s", (order["order_id"],))
    assert db.fetchall() == [("a@example.org",)]


def test_the_same_order_tells_how_the_key_is_now(buy, order, api, admin):
    bought = buy(order).json()
    api.post(SET_PLAN, {"key": bought["key"], "plan": "duo"}, headers=admin)
    extended = api.post(EXTEND, {"key": bought["key"]}, headers=admin).json()
    assert_replays(buy(order), {"key": bought["key"], "plan": "nova_streamer_duo", "expires_at": extended["expires_at"]})


def test_equal_orders_at_once_give_one_key(buy, order, db):
    with ThreadPoolExecutor(RACERS) as pool:
        for _ in range(ROUNDS):
            order["order_id"] = f"race-{uuid.uuid4()}"
            replies = list(pool.map(lambda _: buy(order), range(RACERS)))
            key, = {reply.json()["key"] for reply in replies}
            assert [REPLAYED in reply.headers for reply in replies].count(False) == 1
            db.execute("select key from license.audit where details ->> 'order_id' = %s", (order["order_id"],))
            assert db.fetchall() == [(key,)]


# ---- WEB_ALLOWED_PLANS ----

def settings_of(suite):
    pairs = Path(f"/proc/{suite.pid('license')}/environ").read_bytes().decode().rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


def start_license(settings, allowed):
    command = [ROOT / "build" / PROFILE / "bin/ttb-license"]
    return subprocess.Popen(command, env={**settings, "WEB_ALLOWED_PLANS": allowed}, stdin=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


@pytest.fixture
def allow(suite):
    """Has another license serve in place of the suite's, that may sell only these plans."""
    started = []

    def start(allowed):
        settings = settings_of(suite)
        suite.stop_one("license")
        started.append(start_license(settings, allowed))
        wait_for(lambda: suite.is_ready("license"), 15, "license")

    yield start
    for process in started:
        process.terminate()
        process.communicate()
        assert process.returncode == 0
    suite.start_one("license")
    wait_for(lambda: suite.is_ready("license"), 15, "license")


def test_only_the_allowed_plans_are_for_sale(buy, order, allow):
    sold = buy({**order, "order_id": f"{order['order_id']}-before"}).json()
    allow(" One-Mobile,nova_free_streamer, ,duo,")
    assert outcome(buy(order)) == (403, "plan not allowed")
    assert outcome(buy({**order, "plan": "one_desktop"})) == (403, "plan not allowed")
    assert outcome(buy({**order, "plan": "gold"})) == (400, "invalid plan")
    for number, plan in enumerate(("nova_streamer_one_mobile", "nova_free_streamer", "nova_duo")):
        assert outcome(buy({"order_id": f"{order['order_id']}-{number}", "plan": plan})) == 200
    assert_replays(buy({**order, "order_id": f"{order['order_id']}-before"}), sold)


def test_license_does_not_start_with_a_plan_that_does_not_exist(suite):
    with start_license({**settings_of(suite), "OPS_PORT": "0"}, "pro,gold") as process:
        _, log = process.communicate(timeout=15)
    assert process.returncode == 1
    assert '"message":"WEB_ALLOWED_PLANS names a plan that does not exist","plan":"gold"' in log
