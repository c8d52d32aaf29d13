# SPDX-License-Identifier: MIT
"""What a run of the history test leaves behind, put in order for the checker. No I/O.

history   a list of operations, as clients.py writes them down:
    id, client      who and which
    kind            issue, order, redeem, revoke, extend
    args            the request's body
    started, ended  seconds on one monotonic clock
    status          of HTTP; None when the connection broke or nothing came in time
    body            of the reply, decoded; its text where it is no JSON
    replayed        whether the reply said Idempotency-Replayed: true
    user            of a redemption that succeeded: the token's subject
tables    rows as dictionaries: keys, orders, audit, owners, users, entitlements, outbox, of a suite that nobody else has
          used. Times are RFC 3339 texts, as clients see them.
probes    id of a redemption → {status, body} of `me` by its token, at the end
"""
from collections import defaultdict, namedtuple
from datetime import datetime, timedelta

Violation = namedtuple("Violation", "kind text")

ACKNOWLEDGED, REFUSED, UNKNOWN, WRONG = "acknowledged", "refused", "unknown", "wrong"

# What an answer must have to count as one.
FIELDS = {"issue": {"key", "plan", "expires_at"}, "order": {"key", "plan", "expires_at"},
          "redeem": {"access_token", "token_type", "plan", "license_expires_at"},
          "revoke": {"key", "plan", "status", "expires_at", "user_id"}, "extend": {"key", "plan", "status", "expires_at", "user_id"}}


def outcome(op):
    """UNKNOWN: the effect may be there, or not, but whole. WRONG: no answer that the contract knows."""
    status, fields = op["status"], op["body"].keys() if isinstance(op["body"], dict) else set()
    if status is None:
        return UNKNOWN
    if 200 <= status < 300:
        return ACKNOWLEDGED if fields >= FIELDS[op["kind"]] else WRONG
    if "detail" not in fields:
        return WRONG
    if status in (503, 504):
        return UNKNOWN
    return REFUSED if 400 <= status < 500 else WRONG


def is_acknowledged(op):
    return outcome(op) == ACKNOWLEDGED


def may_have_effect(op):
    return outcome(op) != REFUSED


def when(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def days_between(first, last):
    """To the nearest: days of a Postgres in a zone with summer time may have 23 or 25 hours. None without both."""
    return round((when(last) - when(first)) / timedelta(days=1)) if first and last else None


def group(rows, key):
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


class Evidence:
    def __init__(self, history, tables, probes):
        self.history, self.tables, self.probes = history, tables, probes
        self.of_kind = group(history, lambda op: op["kind"])
        self.keys = {row["key"]: row for row in tables["keys"]}
        self.keys_of_user = group(tables["keys"], lambda row: row["user_id"])
        self.orders = {row["order_id"]: row for row in tables["orders"]}
        self.order_of_key = {row["key"]: row["order_id"] for row in tables["orders"]}
        self.users = {row["id"]: row["username"] for row in tables["users"]}
        self.audit = group(sorted(tables["audit"], key=lambda row: row["id"]), lambda row: row["key"])
        self.ops_of_order = group(self.of_kind["order"], lambda op: op["args"]["order_id"])
        self.redemptions_of_key = group(self.of_kind["redeem"], lambda op: op["args"]["license_key"])
        self.redemptions_of_name = group(self.of_kind["redeem"], lambda op: op["args"]["username"])
        self.issues_of_signature = group(self.of_kind["issue"], lambda op: (op["args"]["plan"], op["args"]["ttl_days"]))
        self.revocations_of_key = group(self.of_kind["revoke"], lambda op: op["args"]["key"])
        self.extensions_of_key = group(self.of_kind["extend"], lambda op: op["args"]["key"])

    def issued_row(self, key):
        return next((row for row in self.audit.get(key, []) if row["action"] == "issued"), None)

    def signature(self, key):
        """Plan and term that a key was made with: clients ask for each pair once."""
        row = self.issued_row(key)
        return row["details"].get("plan"), days_between(self.keys[key]["issued_at"], row["details"].get("expires_at"))

    def binders(self, key, user_id):
        """The redemptions that may have bound the key to the user."""
        return [op for op in self.redemptions_of_key[key]
                if may_have_effect(op) and op["args"]["username"] == self.users.get(user_id)]

    def rights(self, user_id):
        """(plan, expiry) of the user's best active key; (None, None) without one."""
        active = [key for key in self.keys_of_user[user_id] if key["status"] == "active"]
        best = max(active, key=lambda key: (key["expires_at"], key["issued_at"]), default=None)
        return (best["plan"], best["expires_at"]) if best else (None, None)
