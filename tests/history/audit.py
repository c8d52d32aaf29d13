# SPDX-License-Identifier: MIT
"""The checker's part for the audit table: the rows of a key, one after another, must lead from nothing to the key as it is,
each by what a request asked for, and in an order that fits when the requests ran.
"""
import math

from evidence import Violation, days_between, is_acknowledged, may_have_effect

STATE = ("plan", "status", "expires_at", "user_id")


def check_audit(evidence):
    for key in sorted(evidence.audit.keys() | evidence.keys.keys()):
        rows = evidence.audit.get(key, [])
        if key not in evidence.keys:
            yield Violation("audit row without a request", f"there is no key {key}: {rows}")
            continue
        steps = [Step(evidence, before, row) for before, row in zip([None, *rows], rows)]
        problems = [problem for step in steps for problem in step.problems()]
        yield from problems or check_end(evidence.keys[key], steps) or check_changes(evidence, key, steps)
        yield from check_order(steps)


class Step:
    """A row, and the one before it."""

    def __init__(self, evidence, before, row):
        self.evidence, self.before, self.row = evidence, before, row
        self.key, self.action, self.details = row["key"], row["action"], row["details"]
        self.was = before["details"] if before else {}
        self.days = days_between(self.was.get("expires_at"), self.details.get("expires_at"))

    def problems(self):
        if not self.details.keys() >= set(STATE) or not self.follows() or not self.names_its_actor():
            yield Violation("wrong audit row", f"{self.row} after {self.before}")
        elif self.action != "issued" and not self.requests():  # of keys the checker looks at the table
            yield Violation("audit row without a request", f"{self.row}")

    def follows(self):
        """Whether it changes what its action changes, and nothing else."""
        if (self.action == "issued") != (self.before is None):
            return False
        changed = {name for name in STATE if self.was.get(name) != self.details[name]}
        is_active = self.details["status"] == "active"
        match self.action:
            case "issued":
                return is_active and self.details["user_id"] is None
            case "redeemed":
                return is_active and changed == {"user_id"} and self.was["user_id"] is None
            case "extended":
                return is_active and changed <= {"status", "expires_at"} and bool(self.days)
            case "revoked":
                return not is_active and changed == {"status"}
        return False

    def names_its_actor(self):
        order_id = self.evidence.order_of_key.get(self.key)
        if self.action == "redeemed":
            return self.row["actor"] == self.details["user_id"]
        if self.action == "issued" and order_id:
            return self.row["actor"] == "web" and self.details.get("order_id") == order_id
        return self.row["actor"] == "admin"

    def requests(self):
        """The operations that may have made it."""
        evidence, key = self.evidence, self.key
        match self.action:
            case "issued" if key in evidence.order_of_key:
                ops = evidence.ops_of_order[evidence.order_of_key[key]]
            case "issued":
                ops = evidence.issues_of_signature[evidence.signature(key)]
            case "redeemed":
                ops = evidence.binders(key, self.details["user_id"])
            case "revoked":
                ops = evidence.revocations_of_key[key]
            case _:
                ops = [op for op in evidence.extensions_of_key[key] if op["args"]["extend_days"] == self.days]
        return [op for op in ops if may_have_effect(op)]


def check_end(key, steps):
    """What the last row tells is what the key is, or a change was not told."""
    told = steps[-1].details if steps else {}
    differing = [name for name in STATE if steps and told[name] != key[name]]
    return [Violation("missing audit row", f"{key} differs in {differing} from {steps[-1].row}")] if differing else []


def check_changes(evidence, key, steps):
    """Each acknowledged extension and revocation has one row; one with an unknown end has one, or none."""
    problems = []
    for op in evidence.extensions_of_key[key] + evidence.revocations_of_key[key]:
        rows = [step.row for step in steps if op in step.requests()]
        if len(rows) > 1:
            problems.append(Violation("doubled effect", f"{op}: {rows}"))
        elif is_acknowledged(op) and not rows:
            problems.append(Violation(f"lost {op['kind']}", f"{op}"))
        elif is_acknowledged(op) and not body_fits(op["body"], rows[0]["details"]):
            problems.append(Violation("wrong answer", f"{op}: {rows[0]}"))
    return problems


def body_fits(body, details):
    return all(body[name] == details.get(name) for name in STATE)


def check_order(steps):
    """No row comes before one whose request had been answered before its own was sent."""
    latest_start, latest_row = -math.inf, None
    for step in steps:
        ops = step.requests()
        if not ops:
            continue
        ended = max(op["ended"] if is_acknowledged(op) else math.inf for op in ops)
        if ended < latest_start:
            yield Violation("wrong order of effects", f"{latest_row} comes before {step.row}")
        started = min(op["started"] for op in ops)
        if started > latest_start:
            latest_start, latest_row = started, step.row
