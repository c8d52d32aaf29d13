# SPDX-License-Identifier: MIT
"""Proves from a history and the tables after it that nothing was lost, shared, doubled or made up. No I/O: evidence.py says
what goes in.

Every change has one request, and every acknowledged request its change: clients choose what they ask so that a row tells
whose it is, also where the answer was lost. Orders have their ids, redemptions a name and a key, an issued key a plan and
a term that nobody else asks for, an extension a number of days that its key sees once.
"""
import itertools
from collections import Counter

from audit import check_audit
from evidence import Evidence, Violation, group, is_acknowledged, may_have_effect, outcome, REFUSED, WRONG

FREE = "nova_free_streamer"


def check(history, tables, probes):
    """All violations; an empty list is the proof."""
    evidence = Evidence(history, tables, probes)
    checks = (check_answers, check_refusals, check_issues, check_orders, check_owners, check_users, check_audit,
              check_copies, check_tokens)
    return [violation for one in checks for violation in one(evidence)]


def tell(op):
    return f"operation {op['id']} ({op['kind']} {op['args']} → {op['status']} {op['body']})"


# ---- answers ----

def check_answers(evidence):
    for op in evidence.history:
        if outcome(op) == WRONG or is_acknowledged(op) and not is_true(evidence, op):
            yield Violation("wrong answer", tell(op))


def is_true(evidence, op):
    """Whether the plan and the term that the answer tells are, or were, those of the key."""
    body = op["body"]
    key = op["args"]["license_key"] if op["kind"] == "redeem" else body["key"]
    told = body["plan"], body["license_expires_at" if op["kind"] == "redeem" else "expires_at"]
    states = [(row["details"].get("plan"), row["details"].get("expires_at")) for row in evidence.audit.get(key, [])]
    return told in states or not states  # a lost key is told elsewhere


def check_refusals(evidence):
    """Clients only ask for what can be, so a refusal must have a reason that another request made."""
    for op in evidence.history:
        if outcome(op) == REFUSED and not has_reason(evidence, op):
            yield Violation("refusal without a reason", tell(op))


def has_reason(evidence, op):
    if op["kind"] != "redeem":
        return False
    key = op["args"]["license_key"]
    owner = evidence.keys.get(key, {}).get("user_id")
    if op["status"] == 409:
        return owner is not None and evidence.users.get(owner) != op["args"]["username"]
    was_revoked = any(may_have_effect(other) and other["started"] < op["ended"]
                      for other in evidence.revocations_of_key[key])
    return (op["status"], op["body"]) == (403, {"detail": "license not active"}) and was_revoked


# ---- keys and orders ----

def check_issues(evidence):
    issued = group(filter(is_acknowledged, evidence.of_kind["issue"]), lambda op: op["body"]["key"])
    for key, ops in issued.items():
        if len(ops) > 1:
            yield Violation("one key for two requests", f"{key}: {tell(ops[0])}, {tell(ops[1])}")
        if key not in evidence.keys:
            yield Violation("lost issue", tell(ops[0]))
    maybe = Counter((op["args"]["plan"], op["args"]["ttl_days"]) for op in evidence.of_kind["issue"]
                    if may_have_effect(op) and not is_acknowledged(op))
    for key in evidence.keys:
        if evidence.issued_row(key) is None:
            yield Violation("missing audit row", f"{key} was never issued")
        elif key in issued:
            args = issued[key][0]["args"]
            if evidence.signature(key) != (args["plan"], args["ttl_days"]):
                yield Violation("wrong key", f"{key} is {evidence.signature(key)}: {tell(issued[key][0])}")
        elif key not in evidence.order_of_key:
            maybe[evidence.signature(key)] -= 1
            if maybe[evidence.signature(key)] < 0:
                yield Violation("key without a request", f"{key}: {evidence.signature(key)}")


def check_orders(evidence):
    for order_id, ops in evidence.ops_of_order.items():
        told = {op["body"]["key"] for op in ops if is_acknowledged(op)}
        row = evidence.orders.get(order_id)
        if len(told | ({row["key"]} if row else set())) > 1:
            yield Violation("two keys for an order", f"{order_id}: answers {told}, row {row}")
        elif told and not row:
            yield Violation("lost order", f"{order_id}: {told}")
        yield from check_replays(order_id, [op for op in ops if may_have_effect(op)])
    for order_id, row in evidence.orders.items():
        ops = [op for op in evidence.ops_of_order[order_id] if may_have_effect(op)]
        if not ops:
            yield Violation("order without a request", f"{row}")
        elif row != {**ops[0]["args"], "key": row["key"]}:
            yield Violation("wrong order", f"{row}: {tell(ops[0])}")
        elif row["key"] not in evidence.keys:
            yield Violation("lost order", f"{row} has no key")
        elif evidence.issued_row(row["key"]) and evidence.signature(row["key"]) != (row["plan"], row["ttl_days"]):
            yield Violation("wrong key", f"{row['key']} is {evidence.signature(row['key'])}: {row}")


def check_replays(order_id, ops):
    """One answer at most is no replay, and it has no acknowledged one before it."""
    acknowledged = [op for op in ops if is_acknowledged(op)]
    fresh = [op for op in acknowledged if not op["replayed"]]
    if len(fresh) > 1:
        yield Violation("replay not told", f"{order_id}: {tell(fresh[0])}, {tell(fresh[1])}")
    elif fresh and any(op["ended"] < fresh[0]["started"] for op in acknowledged):
        yield Violation("replay not told", f"{order_id}: {tell(fresh[0])}")
    elif acknowledged and not fresh and len(acknowledged) == len(ops):
        yield Violation("replay of nothing", f"{order_id}: {tell(ops[0])}")


# ---- owners and accounts ----

def check_owners(evidence):
    for key, ops in evidence.redemptions_of_key.items():
        users = {op["user"] for op in ops if is_acknowledged(op)}
        owner = evidence.keys.get(key, {}).get("user_id")
        if len(users | {owner} - {None}) > 1:
            yield Violation("two owners", f"{key}: answers {users}, row {owner}")
        elif users and not owner:
            yield Violation("lost redemption", f"{key}: {users}")
    for key, row in evidence.keys.items():
        if row["user_id"] and row["user_id"] not in evidence.users:
            yield Violation("owner without an account", f"{row}")
        elif row["user_id"] and not evidence.binders(key, row["user_id"]):
            yield Violation("binding without a request", f"{row} of {evidence.users[row['user_id']]}")


def any_overlap(ops):
    """Two losers of one name at once: who finds the account that the other has made keeps the other from taking it back
    (docs/adr/0007)."""
    return any(one["started"] < other["ended"] and other["started"] < one["ended"] for one, other in itertools.combinations(ops, 2))


def check_users(evidence):
    names = Counter(evidence.users.values())
    for op in filter(is_acknowledged, evidence.of_kind["redeem"]):
        if evidence.users.get(op["user"]) != op["args"]["username"]:
            yield Violation("lost account", tell(op))
    for name, count in names.items():
        ops = evidence.redemptions_of_name[name]
        if count > 1:
            yield Violation("two accounts of a name", name)
        if not ops:
            yield Violation("account without a request", name)
        elif not any(may_have_effect(op) for op in ops) and not any_overlap(ops):
            yield Violation("account of a loser", f"{name}: {tell(ops[0])}")


# ---- what other services and clients see ----

def check_copies(evidence):
    """At rest auth's copies say what license says, and nothing waits to be told. Each change of a user's keys has made a version."""
    for row in evidence.tables["outbox"]:
        yield Violation("event not told", f"{row}")
    copies = {row["user_id"]: row for row in evidence.tables["entitlements"]}
    versions = {row["user_id"]: row["version"] for row in evidence.tables["owners"]}
    changes = Counter(row["details"].get("user_id") for row in evidence.tables["audit"])
    for user_id in sorted((changes.keys() | copies.keys() | versions.keys()) - {None}):
        if versions.get(user_id) != changes[user_id]:
            yield Violation("wrong version", f"{user_id} has {versions.get(user_id)} after {changes[user_id]} changes")
        plan, expires_at = evidence.rights(user_id)
        right = {"user_id": user_id, "version": versions.get(user_id), "plan_id": plan, "expires_at": expires_at}
        if copies.get(user_id) != right:
            yield Violation("wrong copy", f"auth has {copies.get(user_id)}, right is {right}")


def check_tokens(evidence):
    for op in filter(is_acknowledged, evidence.of_kind["redeem"]):
        probe = evidence.probes.get(op["id"], {"status": None, "body": None})
        if probe["status"] != 200 or probe["body"].get("id") != op["user"]:
            yield Violation("dead token", f"{tell(op)}: me says {probe}")
            continue
        plan, expires_at = evidence.rights(op["user"])
        me = probe["body"]
        if (me["plan"], me["license_expires_at"]) != (plan or FREE, expires_at):
            yield Violation("wrong copy", f"me says {me['plan']} until {me['license_expires_at']}, "
                                          f"license {plan} until {expires_at}: {tell(op)}")
