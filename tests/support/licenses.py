# SPDX-License-Identifier: MIT
"""What the tests of licences have in common."""
import json
import re
from datetime import datetime, timedelta, timezone


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def parse_time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def days_left(text):
    """Whole days from now, to the nearest."""
    return round((parse_time(text) - datetime.now(timezone.utc)) / timedelta(days=1))


def wrong_keys(right):
    """Of an administrator or the shop."""
    return [None, "", "wrong", right[:-1], right + "x", right.upper(), "x" * 4000]


def audit_of(db, key):
    """(id, action, actor, address, details) of all that became of a key, oldest first."""
    db.execute("select id, action, actor, address, details from license.audit where key = %s order by id", (key,))
    return db.fetchall()


def version_of(db, user_id):
    """How often what the user may do has changed; None when nobody has counted."""
    db.execute("select version from license.owners where user_id = %s", (user_id,))
    row = db.fetchone()
    return row and row[0]


def bind(client, key, user_id=None):
    """As auth asks license to bind a key, or without user_id only looks: (status, body)."""
    request = {"license_key": key, "user_id": user_id}
    (_, headers, payload), = client.request("rpc.license.bind", json.dumps(request).encode(), seconds=10, most=1)
    status = re.search(r"Ttb-Status: ?(\d+)", headers)
    return int(status[1]) if status else 200, json.loads(payload)
