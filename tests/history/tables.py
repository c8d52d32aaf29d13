# SPDX-License-Identifier: MIT
"""Reads the tables that the checker looks at, of a suite that nobody but the clients has used."""
import time

import psycopg2
import psycopg2.extras

QUIET_SECONDS = 30

QUERIES = {
    "keys": "select key, plan, status, {issued_at}, {expires_at}, user_id::text from license.keys",
    "orders": "select order_id, key, plan, ttl_days, email, amount, currency from license.orders",
    "audit": "select id, key, action, actor, details from license.audit",
    "owners": "select user_id::text, version from license.owners",
    "users": "select id::text, username from auth.users",
    "entitlements": "select user_id::text, version, plan_id, {expires_at} from auth.entitlements",
    "outbox": "select 'license' as service, what, body from license.outbox union all select 'auth', what, body from auth.outbox",
}
TIMES = {name: f"""to_char({name} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as {name}""" for name in ("issued_at", "expires_at")}


def read(database_url):
    """All of them at one moment."""
    connection = psycopg2.connect(database_url)
    try:
        connection.set_session("repeatable read", readonly=True)
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            tables = {}
            for table, query in QUERIES.items():
                cursor.execute(query.format(**TIMES))
                tables[table] = [dict(row) for row in cursor]
            return tables
    finally:
        connection.close()


def read_at_rest(database_url):
    """As soon as nothing is to be told any more, auth has heard it, and no request changes anything; or as it is when that does not come."""
    deadline = time.monotonic() + QUIET_SECONDS
    before = None
    while True:
        tables = read(database_url)
        versions = {row["user_id"]: row["version"] for row in tables["owners"]}
        copies = {row["user_id"]: row["version"] for row in tables["entitlements"]}
        is_quiet = not tables["outbox"] and versions == copies and tables == before
        if is_quiet or time.monotonic() > deadline:
            return tables
        before = tables
        time.sleep(1)
