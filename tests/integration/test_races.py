# SPDX-License-Identifier: MIT
"""Many want one thing at once: one gets it, and the tables show no trace of the others.

TTB_RACE_ROUNDS is how often (10; 100 by `make races` or with TTB_LONG=1).
"""
import os
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tokens import read_claims

ROUNDS = int(os.environ.get("TTB_RACE_ROUNDS") or (100 if os.environ.get("TTB_LONG") else 10))
RACERS, EQUAL_ORDERS = 64, 32
START_S = 30
PASSWORD = "correct horse"
BOUND = {"detail": "license already bound to another user"}


@pytest.fixture(scope="module")
def race():
    """race(call, items): the replies to call(item), of all at once."""
    with ThreadPoolExecutor(RACERS) as pool:
        def at_once(call, items):
            start = threading.Barrier(len(items), timeout=START_S)

            def run(item):
                start.wait()
                return call(item)

            return list(pool.map(run, items))
        yield at_once


@pytest.fixture
def redeem(api):
    def of_key(key):
        return lambda who: api.post("/v2/auth/redeem-license", {"username": who, "password": PASSWORD, "license_key": key})
    return of_key


def the_winner(names, replies):
    """The name and id of the one who got the key; all others must have been told that they did not."""
    assert Counter(reply.status_code for reply in replies) == {200: 1, 409: RACERS - 1}
    assert all(reply.json() == BOUND for reply in replies if reply.status_code == 409)
    return next((who, read_claims(reply.json()["access_token"])["sub"])
                for who, reply in zip(names, replies) if reply.status_code == 200)


def assert_has_one_owner(db, key, owner_id):
    db.execute("select user_id::text from license.keys where key = %s", (key,))
    assert db.fetchall() == [(owner_id,)]
    db.execute("select actor from license.audit where key = %s and action = 'redeemed'", (key,))
    assert db.fetchall() == [(owner_id,)]


def users_among(db, names):
    db.execute("select username, id::text from auth.users where username = any(%s)", (names,))
    return sorted(db.fetchall())


def test_one_of_64_users_gets_a_key(race, redeem, make_key, make_user, db):
    names = [make_user().name for _ in range(RACERS)]
    users = users_among(db, names)
    for _ in range(ROUNDS):
        key = make_key()
        winner = the_winner(names, race(redeem(key), names))
        assert winner in users
        assert_has_one_owner(db, key, winner[1])
    assert users_among(db, names) == users


def test_one_of_64_new_names_gets_a_key_and_an_account(race, redeem, make_key, name, db):
    for turn in range(ROUNDS):
        key = make_key()
        names = [f"{name}.{turn}.{number}" for number in range(RACERS)]
        winner = the_winner(names, race(redeem(key), names))
        assert users_among(db, names) == [winner]
        assert_has_one_owner(db, key, winner[1])


def test_32_equal_orders_get_one_key(race, api, suite, db):
    shop = {"Web-Api-Key": suite.env["WEB_ISSUE_API_KEY"]}
    for _ in range(ROUNDS):
        order = {"order_id": f"race-{uuid.uuid4()}", "plan": "pro", "email": "a@example.org", "amount": 990, "currency": "EUR"}
        db.execute("select count(*) from license.keys")
        (before,) = db.fetchone()
        replies = race(lambda body: api.post("/v2/license/issue-web", body, headers=shop), [order] * EQUAL_ORDERS)
        assert {reply.status_code for reply in replies} == {200}
        assert Counter(reply.headers.get("Idempotency-Replayed") for reply in replies) == {None: 1, "true": EQUAL_ORDERS - 1}
        (key,) = {reply.json()["key"] for reply in replies}
        db.execute("select order_id, key, plan, ttl_days, email, amount, currency from license.orders where order_id = %s", (order["order_id"],))
        assert db.fetchall() == [(order["order_id"], key, "pro", 30, "a@example.org", 990, "EUR")]
        db.execute("select key, actor from license.audit where details->>'order_id' = %s", (order["order_id"],))
        assert db.fetchall() == [(key, "web")]
        db.execute("select count(*) from license.keys")
        assert db.fetchone() == (before + 1,)
