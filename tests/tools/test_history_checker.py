# SPDX-License-Identifier: MIT
"""The checker of the history test finds what it is there to find: a small history that is right, and violations planted in
it one by one.
"""
import copy
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/history"))

from checker import check  # noqa: E402

ISSUED_AT = datetime(2026, 1, 1, tzinfo=timezone.utc)
ANN, BOB = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"


def day(number):
    return (ISSUED_AT + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Case:
    """What the checker is given. Each operation begins after the one before has ended."""

    def __init__(self):
        self.history, self.probes = [], {}
        self.tables = {name: [] for name in ("keys", "orders", "audit", "owners", "users", "entitlements", "outbox")}

    def op(self, kind, args, status, body=None, **more):
        number = len(self.history)
        self.history.append({"id": number, "client": 0, "kind": kind, "args": args, "started": number * 10, "ended": number * 10 + 5,
                             "status": status, "body": body, "replayed": False} | more)
        return self.history[-1]

    def audit(self, key, action, actor, **changes):
        """A row that says what the one before has said, but for the changes."""
        before = [row["details"] for row in self.tables["audit"] if row["key"] == key]
        details = {**(before[-1] if before else {"status": "active", "user_id": None}), **changes}
        self.tables["audit"].append({"id": len(self.tables["audit"]) + 1, "key": key, "action": action, "actor": actor, "details": details})

    def key(self, key, plan, expires_at, status="active", user_id=None):
        self.tables["keys"].append({"key": key, "plan": plan, "status": status, "issued_at": day(0), "expires_at": expires_at, "user_id": user_id})

    # ---- looking for what is to be broken ----

    def row(self, table, **values):
        return next(row for row in self.tables[table] if values.items() <= row.items())

    def remove(self, table, **values):
        self.tables[table].remove(self.row(table, **values))

    def find(self, kind, status=200, **args):
        return next(op for op in self.history if op["kind"] == kind and op["status"] == status and args.items() <= op["args"].items())

    def lose_last_change(self, key):
        """Takes the last audit row of the key away, and makes the key what it was before."""
        rows = [row for row in self.tables["audit"] if row["key"] == key]
        self.tables["audit"].remove(rows[-1])
        told = rows[-2]["details"]
        self.row("keys", key=key).update({name: told[name] for name in ("plan", "status", "expires_at", "user_id")})

    def forget(self, user_id):
        """As if nobody had ever been told of the user's rights."""
        for table in ("owners", "entitlements"):
            self.tables[table] = [row for row in self.tables[table] if row["user_id"] != user_id]

    def kinds(self):
        return {violation.kind for violation in check(self.history, self.tables, self.probes)}


def redemption(name, key):
    return {"username": name, "password": f"password of {name}", "license_key": key}


def token(plan, expires_at):
    return {"access_token": "…", "token_type": "bearer", "plan": plan, "license_expires_at": expires_at}


ORDER = {"order_id": "order-1", "plan": "nova_streamer_duo", "ttl_days": 60, "email": "a@example.org", "amount": 100, "currency": "EUR"}
LOST_ORDER = {**ORDER, "order_id": "order-2", "ttl_days": 70}
BOUND = {"detail": "license already bound to another user"}


def add_keys(case):
    """ISSUED, ORDERED, and two keys of which nobody was told; and requests that came to nothing."""
    case.op("issue", {"plan": "pro", "ttl_days": 30}, 200, {"key": "ISSUED", "plan": "pro", "expires_at": day(30)})
    case.key("ISSUED", "pro", day(35), user_id=ANN)
    case.audit("ISSUED", "issued", "admin", plan="pro", expires_at=day(30))
    case.op("issue", {"plan": "pro", "ttl_days": 31}, 503, {"detail": "Service Unavailable"})
    case.key("UNTOLD", "pro", day(31))
    case.audit("UNTOLD", "issued", "admin", plan="pro", expires_at=day(31))
    case.op("issue", {"plan": "pro", "ttl_days": 32}, None)
    case.op("order", ORDER, 200, {"key": "ORDERED", "plan": ORDER["plan"], "expires_at": day(60)})
    case.op("order", ORDER, 200, {"key": "ORDERED", "plan": ORDER["plan"], "expires_at": day(60)}, replayed=True)
    case.tables["orders"].append({**ORDER, "key": "ORDERED"})
    case.key("ORDERED", ORDER["plan"], day(60), status="revoked")
    case.audit("ORDERED", "issued", "web", plan=ORDER["plan"], expires_at=day(60), order_id="order-1")
    case.op("order", LOST_ORDER, 504, {"detail": "Gateway Timeout"})
    case.tables["orders"].append({**LOST_ORDER, "key": "SHOP"})
    case.key("SHOP", ORDER["plan"], day(70))
    case.audit("SHOP", "issued", "web", plan=ORDER["plan"], expires_at=day(70), order_id="order-2")


def add_redemptions(case):
    """Ann has ISSUED; bob, who came second, has no account; of cid's redemption only the account is there."""
    won = case.op("redeem", redemption("ann", "ISSUED"), 200, token("pro", day(30)), user=ANN)
    case.audit("ISSUED", "redeemed", ANN, user_id=ANN)
    case.tables["users"].append({"id": ANN, "username": "ann"})
    case.op("redeem", redemption("bob", "ISSUED"), 409, BOUND)
    case.op("redeem", redemption("cid", "UNTOLD"), 503, {"detail": "Service Unavailable"})
    case.tables["users"].append({"id": "cid's", "username": "cid"})
    case.probes[won["id"]] = {"status": 200, "body": {"id": ANN, "plan": "pro", "license_expires_at": day(35)}}


def item(case, key, **fields):
    row = case.row("keys", key=key)
    return {**{name: row[name] for name in ("key", "plan", "status", "expires_at", "user_id")}, **fields}


def add_changes(case):
    case.op("extend", {"key": "ISSUED", "extend_days": 5}, 200, item(case, "ISSUED"))
    case.audit("ISSUED", "extended", "admin", expires_at=day(35))
    case.op("extend", {"key": "ISSUED", "extend_days": 6}, None)
    case.op("revoke", {"key": "ORDERED"}, 200, item(case, "ORDERED"))
    case.audit("ORDERED", "revoked", "admin", status="revoked")
    case.op("redeem", redemption("bob", "ORDERED"), 403, {"detail": "license not active"})
    case.tables["owners"].append({"user_id": ANN, "version": 2})
    case.tables["entitlements"].append({"user_id": ANN, "version": 2, "plan_id": "pro", "expires_at": day(35)})


@pytest.fixture
def case():
    case = Case()
    add_keys(case)
    add_redemptions(case)
    add_changes(case)
    return copy.deepcopy(case)  # no row is shared with another


def test_a_history_without_fault_is_accepted(case):
    assert check(case.history, case.tables, case.probes) == []


# ---- answers ----

@pytest.mark.parametrize("status,body", [(500, {"detail": "Internal Server Error"}), (502, "Bad Gateway"), (302, {}), (200, ""), (200, {}),
                                         (200, None), (503, ""), (503, {})])
def test_an_answer_that_must_not_be(case, status, body):
    case.op("issue", {"plan": "pro", "ttl_days": 99}, status, body)
    assert "wrong answer" in case.kinds()


def test_an_answer_that_tells_another_state_than_the_audit(case):
    case.find("extend")["body"]["expires_at"] = day(36)
    assert case.kinds() == {"wrong answer"}


@pytest.mark.parametrize("kind,field,value", [("redeem", "plan", "nova_streamer_one_mobile"), ("redeem", "license_expires_at", day(29)),
                                              ("issue", "plan", "nova_streamer_one_mobile"), ("issue", "expires_at", day(29)), ("order", "expires_at", None)])
def test_an_answer_that_tells_another_plan_or_term(case, kind, field, value):
    case.find(kind)["body"][field] = value
    assert case.kinds() == {"wrong answer"}


@pytest.mark.parametrize("kind,args,status,detail", [
    ("issue", {"plan": "pro", "ttl_days": 99}, 400, "invalid plan"), ("extend", {"key": "ISSUED", "extend_days": 9}, 404, "not found"),
    ("redeem", redemption("bob", "ISSUED"), 404, "license not found"), ("redeem", redemption("ann", "ISSUED"), 401, "invalid credentials"),
    ("redeem", redemption("ann", "ISSUED"), 409, BOUND["detail"]), ("redeem", redemption("bob", "SHOP"), 409, BOUND["detail"]),
    ("redeem", redemption("bob", "UNTOLD"), 403, "license not active"), ("order", ORDER, 429, "Too Many Requests")])
def test_a_refusal_that_nothing_explains(case, kind, args, status, detail):
    case.op(kind, args, status, {"detail": detail})
    assert case.kinds() == {"refusal without a reason"}


# ---- owners and orders ----

def test_two_owners_were_told(case):
    case.find("redeem", 409).update(status=200, body=token("pro", day(30)), user=BOB)
    case.tables["users"].append({"id": BOB, "username": "bob"})
    assert "two owners" in case.kinds()


def test_another_owner_than_was_told(case):
    case.tables["users"].append({"id": BOB, "username": "bob"})
    case.row("keys", key="ISSUED")["user_id"] = BOB
    assert "two owners" in case.kinds()


def test_two_owners_one_after_the_other(case):
    case.audit("ISSUED", "redeemed", BOB, user_id=BOB)
    assert "wrong audit row" in case.kinds()


def test_two_keys_for_an_order_were_told(case):
    case.history[4]["body"]["key"] = "UNTOLD"
    assert "two keys for an order" in case.kinds()


def test_two_keys_of_an_order_are_there(case):
    case.key("SECOND", ORDER["plan"], day(60))
    case.audit("SECOND", "issued", "web", plan=ORDER["plan"], expires_at=day(60), order_id="order-1")
    assert "key without a request" in case.kinds()


def test_a_replay_is_not_told(case):
    case.history[4]["replayed"] = False
    assert case.kinds() == {"replay not told"}


def test_a_new_key_for_an_order_that_was_answered_before(case):
    case.history[3]["replayed"], case.history[4]["replayed"] = True, False
    assert case.kinds() == {"replay not told"}


def test_a_replay_of_nothing(case):
    case.history[3]["replayed"] = True
    assert case.kinds() == {"replay of nothing"}


def test_one_key_for_two_requests(case):
    case.op("issue", {"plan": "pro", "ttl_days": 33}, 200, {"key": "ISSUED", "plan": "pro", "expires_at": day(33)})
    assert "one key for two requests" in case.kinds()


# ---- what was acknowledged is there ----

def test_a_lost_issue(case):
    case.op("issue", {"plan": "pro", "ttl_days": 33}, 200, {"key": "LOST", "plan": "pro", "expires_at": day(33)})
    assert case.kinds() == {"lost issue"}


def test_an_issue_with_another_term(case):
    case.history[0]["args"]["ttl_days"] = 34
    assert case.kinds() == {"wrong key"}


def test_a_lost_order(case):
    case.remove("orders", order_id="order-1")
    assert "lost order" in case.kinds()


@pytest.mark.parametrize("field,value", [("email", None), ("amount", 99), ("currency", "RUB"), ("ttl_days", 61)])
def test_an_order_that_is_not_what_was_asked(case, field, value):
    case.row("orders", order_id="order-1")[field] = value
    assert case.kinds() == {"wrong order"}


def test_a_lost_redemption(case):
    case.history = [op for op in case.history if op["kind"] != "extend"]
    case.lose_last_change("ISSUED")
    case.lose_last_change("ISSUED")
    case.forget(ANN)
    case.find("redeem", 409)["status"] = 503
    case.probes = {number: {"status": 200, "body": {"id": ANN, "plan": "nova_free_streamer", "license_expires_at": None}} for number in case.probes}
    assert case.kinds() == {"lost redemption"}


def test_a_lost_account(case):
    case.remove("users", username="ann")
    assert case.kinds() >= {"lost account", "owner without an account"}


def test_a_lost_extension(case):
    case.lose_last_change("ISSUED")
    assert "lost extend" in case.kinds()


def test_a_lost_revocation(case):
    case.lose_last_change("ORDERED")
    assert case.kinds() == {"lost revoke"}


@pytest.mark.parametrize("probe", [{"status": 401, "body": {"detail": "invalid token"}},
                                   {"status": 200, "body": {"id": BOB, "plan": "pro", "license_expires_at": day(35)}}])
def test_a_token_that_does_not_work(case, probe):
    case.probes = {number: probe for number in case.probes}
    assert case.kinds() == {"dead token"}


def test_a_token_that_nobody_tried(case):
    case.probes.clear()
    assert case.kinds() == {"dead token"}


# ---- what is there was asked for ----

def test_a_key_without_a_request(case):
    case.key("EXTRA", "pro", day(33))
    case.audit("EXTRA", "issued", "admin", plan="pro", expires_at=day(33))
    assert case.kinds() == {"key without a request"}


def test_a_lost_answer_explains_one_key_only(case):
    case.key("EXTRA", "pro", day(31))
    case.audit("EXTRA", "issued", "admin", plan="pro", expires_at=day(31))
    assert case.kinds() == {"key without a request"}


@pytest.mark.parametrize("change", [lambda case: case.history.remove(case.find("order", 504)),
                                    lambda case: case.find("order", 504).update(status=400)])
def test_an_order_without_a_request(case, change):
    change(case)
    assert "order without a request" in case.kinds()


def bind_shop(case, user_id, name):
    case.tables["users"].append({"id": user_id, "username": name})
    case.row("keys", key="SHOP")["user_id"] = user_id
    case.audit("SHOP", "redeemed", user_id, user_id=user_id)
    case.tables["owners"].append({"user_id": user_id, "version": 1})
    case.tables["entitlements"].append({"user_id": user_id, "version": 1, "plan_id": ORDER["plan"], "expires_at": day(70)})


def test_a_binding_whose_answer_was_lost_is_right(case):
    case.op("redeem", redemption("dora", "SHOP"), None)
    bind_shop(case, "dora's", "dora")
    assert case.kinds() == set()


def test_a_binding_without_a_request(case):
    case.op("redeem", redemption("dora", "UNTOLD"), None)
    bind_shop(case, "dora's", "dora")
    assert case.kinds() == {"binding without a request", "audit row without a request"}


def test_a_binding_although_it_was_refused(case):
    case.op("redeem", redemption("dora", "SHOP"), 403, {"detail": "license not active"})
    case.op("redeem", redemption("dora", "UNTOLD"), None)
    bind_shop(case, "dora's", "dora")
    assert "binding without a request" in case.kinds()


def test_an_owner_without_an_account(case):
    case.op("redeem", redemption("dora", "SHOP"), None)
    bind_shop(case, "dora's", "dora")
    case.remove("users", username="dora")
    assert "owner without an account" in case.kinds()


def test_an_account_without_a_request(case):
    case.tables["users"].append({"id": "dora's", "username": "dora"})
    assert case.kinds() == {"account without a request"}


def test_the_account_of_a_loser(case):
    case.tables["users"].append({"id": BOB, "username": "bob"})
    assert case.kinds() == {"account of a loser"}


def test_the_account_of_two_losers_at_once_may_stay(case):
    case.tables["users"].append({"id": BOB, "username": "bob"})
    first = case.op("redeem", redemption("bob", "ISSUED"), 409, BOUND)
    case.op("redeem", redemption("bob", "ISSUED"), 409, BOUND, started=first["started"] + 1)
    assert case.kinds() == set()


def test_two_accounts_of_a_name(case):
    case.tables["users"].append({"id": "another", "username": "ann"})
    assert case.kinds() == {"two accounts of a name"}


def test_an_extension_without_a_request(case):
    case.audit("UNTOLD", "extended", "admin", expires_at=day(41))
    case.row("keys", key="UNTOLD")["expires_at"] = day(41)
    assert case.kinds() == {"audit row without a request"}


def test_an_extension_that_was_done_twice(case):
    case.audit("ISSUED", "extended", "admin", expires_at=day(40))
    case.row("keys", key="ISSUED")["expires_at"] = day(40)
    assert "doubled effect" in case.kinds()


# ---- the audit ----

@pytest.mark.parametrize("key,action", [("ISSUED", "extended"), ("ISSUED", "issued"), ("UNTOLD", "issued"), ("ORDERED", "revoked")])
def test_an_audit_row_is_missing(case, key, action):
    case.remove("audit", key=key, action=action)
    assert "missing audit row" in case.kinds()


def test_the_audit_row_of_a_redemption_is_missing(case):
    case.op("redeem", redemption("dora", "SHOP"), None)
    bind_shop(case, "dora's", "dora")
    case.remove("audit", key="SHOP", action="redeemed")
    assert "missing audit row" in case.kinds()


def test_an_audit_row_of_a_key_that_is_not_there(case):
    case.audit("NOBODY", "issued", "admin", plan="pro", expires_at=day(30))
    assert case.kinds() == {"audit row without a request"}


@pytest.mark.parametrize("action,change", [
    ("redeemed", {"actor": "admin"}), ("redeemed", {"actor": BOB}), ("extended", {"actor": ANN}), ("issued", {"actor": "web"}),
    ("extended", {"action": "plan_set"}), ("extended", {"details": {}}), ("redeemed", {"action": "issued"})])
def test_an_audit_row_is_wrong(case, action, change):
    case.row("audit", key="ISSUED", action=action).update(change)
    assert "wrong audit row" in case.kinds()


@pytest.mark.parametrize("field,value", [("plan", "nova_streamer_duo"), ("status", "inactive"), ("user_id", None)])
def test_an_audit_row_tells_a_wrong_state(case, field, value):
    case.row("audit", key="ISSUED", action="extended")["details"][field] = value
    assert "wrong audit row" in case.kinds()


def test_the_audit_names_the_wrong_order(case):
    case.row("audit", key="SHOP")["details"]["order_id"] = "order-1"
    assert case.kinds() == {"wrong audit row"}


def test_effects_in_another_order_than_their_requests(case):
    """The second request began when the first had been answered."""
    case.op("extend", {"key": "UNTOLD", "extend_days": 1}, 200, {**item(case, "UNTOLD"), "expires_at": day(34)})
    case.op("extend", {"key": "UNTOLD", "extend_days": 2}, 200, {**item(case, "UNTOLD"), "expires_at": day(33)})
    case.audit("UNTOLD", "extended", "admin", expires_at=day(33))
    case.audit("UNTOLD", "extended", "admin", expires_at=day(34))
    case.row("keys", key="UNTOLD")["expires_at"] = day(34)
    assert case.kinds() == {"wrong order of effects"}


# ---- what others see ----

@pytest.mark.parametrize("field,value", [("version", 1), ("plan_id", None), ("expires_at", day(30))])
def test_auth_has_an_old_copy(case, field, value):
    case.row("entitlements", user_id=ANN)[field] = value
    assert case.kinds() == {"wrong copy"}


def test_auth_has_no_copy(case):
    case.remove("entitlements", user_id=ANN)
    assert case.kinds() == {"wrong copy"}


def test_me_shows_other_rights(case):
    for probe in case.probes.values():
        probe["body"]["license_expires_at"] = day(30)
    assert case.kinds() == {"wrong copy"}


def test_a_change_without_a_version(case):
    case.row("owners", user_id=ANN)["version"] = case.row("entitlements", user_id=ANN)["version"] = 1
    assert case.kinds() == {"wrong version"}


def test_an_event_that_is_never_told(case):
    case.tables["outbox"].append({"service": "license", "what": "key_changed", "body": {}})
    assert case.kinds() == {"event not told"}
