# SPDX-License-Identifier: MIT
"""Wrong passwords hold back the attempts after them: ARCHITECTURE.md, "Wrong passwords". Time passes as the tests say, by the rows."""
import itertools
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from suite import wait_for

LOGIN, REDEEM = "/v2/auth/login", "/v2/auth/redeem-license"
CREDENTIALS, DELETE = "/v2/profile/credentials", "/v2/profile/delete"
PASSWORD, WRONG = "correct horse", "wrong password"
HOME = "127.0.0.1"  # where make_user registers: an address that the user is known from
ELSEWHERE, FARTHER = "203.0.113.7", "203.0.113.8"
REFUSED = (401, "invalid credentials")
FREE, FREE_OF_ADDRESS = 5, 20


def outcome(reply):
    return (reply.status_code, reply.json()["detail"]) if reply.status_code >= 400 else reply.status_code


def held_back(reply):
    """After how many seconds to come again; None for an attempt that was let through."""
    if reply.status_code != 429:
        return None
    assert reply.json() == {"detail": "Too Many Requests"}
    return int(reply.headers["Retry-After"])


@pytest.fixture
def sign_in(api):
    def attempt(name, password=PASSWORD, address=HOME):
        return api.post(LOGIN, {"username": name, "password": password}, headers={"X-Forwarded-For": address})
    return attempt


@pytest.fixture
def after(db):
    """Now it is so many seconds after the last failures, of which there were so many."""
    def go_to(seconds, failures=None):
        db.execute("update auth.login_attempts set last_failed_at = now() - %s * interval '1 second',"
                   " failures = coalesce(%s, failures)", (seconds, failures))
    return go_to


@pytest.fixture
def fail(sign_in, after):
    """Wrong passwords that are let through, the last of them this moment."""
    def attempts(name, count=FREE, address=ELSEWHERE):
        for _ in range(count):
            assert outcome(sign_in(name, WRONG, address)) == REFUSED
        after(0)
    return attempts


@pytest.fixture
def counted(db):
    """Failures by subject."""
    def read():
        db.execute("select subject, failures from auth.login_attempts where failures > 0")
        return dict(db.fetchall())
    return read


# ---- one account ----

def test_five_wrong_passwords_are_free_and_the_next_attempt_must_wait(sign_in, fail, user):
    fail(user.name, FREE)
    assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == 1
    assert held_back(sign_in(user.name, PASSWORD, ELSEWHERE)) == 1, "the right password must wait, too"


def test_each_further_failure_doubles_the_wait_up_to_15_minutes(sign_in, fail, after, user):
    fail(user.name, FREE)
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == seconds
        after(seconds - 1)
        assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == 1
        after(seconds)
        fail(user.name, 1)


def test_what_is_held_back_does_not_count(sign_in, fail, after, counted, user):
    fail(user.name, 1)
    after(0, failures=10)
    for _ in range(10):
        assert held_back(sign_in(user.name, WRONG, ELSEWHERE))
    assert counted() == {f"account:{user.name}": 10, f"address:{ELSEWHERE}": 10}


def test_after_the_wait_the_right_password_signs_in_and_forgets_the_wrong_ones(sign_in, fail, after, counted, user):
    fail(user.name, FREE)
    after(1)
    assert outcome(sign_in(user.name, PASSWORD, ELSEWHERE)) == 200
    assert counted() == {f"address:{ELSEWHERE}": FREE}, "who has an account of his own could clear his address"
    fail(user.name, FREE, FARTHER)


def test_an_hour_without_a_failure_forgets_them(sign_in, fail, after, counted, user):
    fail(user.name, FREE)
    after(3600)
    fail(user.name, FREE)
    assert counted() == {f"account:{user.name}": FREE, f"address:{ELSEWHERE}": FREE}
    assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == 1


def test_a_name_that_nobody_has_is_held_back_alike(sign_in, fail, after, name):
    fail(name, FREE)
    for seconds in (1, 2, 4):
        assert held_back(sign_in(name, WRONG, ELSEWHERE)) == seconds
        after(seconds)
        fail(name, 1)


def test_a_name_counts_however_it_is_spelled(sign_in, fail, user):
    fail(user.name, 3)
    fail(f" @{user.name.upper()}", 2)
    assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == 1


# ---- known addresses ----

def test_guesses_from_elsewhere_do_not_lock_the_owner_out(sign_in, fail, counted, user):
    fail(user.name, FREE)
    assert outcome(sign_in(user.name, PASSWORD, HOME)) == 200
    assert f"account:{user.name}" in counted(), "the guesser's failures are not the owner's to forget"
    assert held_back(sign_in(user.name, WRONG, ELSEWHERE)) == 1


def test_at_a_known_address_failures_count_for_the_account_there_alone(sign_in, fail, counted, make_user):
    user, neighbour = make_user(), make_user()
    fail(user.name, FREE, HOME)
    assert counted() == {f"known:{user.name}|{HOME}": FREE}
    assert held_back(sign_in(user.name, PASSWORD, HOME)) == 1
    assert outcome(sign_in(user.name, PASSWORD, ELSEWHERE)) == 200
    assert outcome(sign_in(neighbour.name, PASSWORD, HOME)) == 200


def test_an_address_is_known_from_its_first_sign_in_on(sign_in, fail, db, user):
    assert outcome(sign_in(user.name, PASSWORD, FARTHER)) == 200
    fail(user.name, FREE, ELSEWHERE)
    assert outcome(sign_in(user.name, PASSWORD, FARTHER)) == 200
    db.execute("select address from auth.known_addresses where user_id = %s order by 1", (user.id,))
    assert db.fetchall() == [(HOME,), (FARTHER,)]


def test_a_known_address_is_marked_once_a_day(sign_in, db, user):
    def mark(age):
        db.execute("update auth.known_addresses set last_used_at = now() - %s::interval where user_id = %s returning last_used_at", (age, user.id))
        marked, = db.fetchone()
        assert outcome(sign_in(user.name)) == 200
        db.execute("select last_used_at from auth.known_addresses where user_id = %s", (user.id,))
        return db.fetchone()[0] == marked

    assert mark("23 hours"), "a write for nothing"
    assert not mark("25 hours")


# ---- one address ----

def test_twenty_wrong_passwords_hold_back_an_address(sign_in, fail, after, counted, name, user):
    for i in range(FREE_OF_ADDRESS):
        fail(f"{name}_{i}", 1)
    assert held_back(sign_in(f"{name}_new", WRONG, ELSEWHERE)) == 1
    assert held_back(sign_in(user.name, PASSWORD, ELSEWHERE)) == 1
    assert outcome(sign_in(f"{name}_new", WRONG, FARTHER)) == REFUSED
    after(1)
    assert outcome(sign_in(user.name, PASSWORD, ELSEWHERE)) == 200
    assert counted()[f"address:{ELSEWHERE}"] == FREE_OF_ADDRESS
    fail(f"{name}_new", 1)  # the sign-in gave its turn back
    assert held_back(sign_in(f"{name}_new", WRONG, ELSEWHERE)) == 2


def test_an_ipv6_network_counts_as_one_address(sign_in, name, counted):
    for i in range(3):
        assert outcome(sign_in(f"{name}_{i}", WRONG, f"2001:db8:1:2::{i + 1}")) == REFUSED
    assert outcome(sign_in(name, WRONG, "2001:db8:1:3::1")) == REFUSED
    addresses = {subject: count for subject, count in counted().items() if subject.startswith("address:")}
    assert addresses == {"address:2001:db8:1:2::/64": 3, "address:2001:db8:1:3::/64": 1}


def test_a_name_that_nobody_can_have_counts_for_the_address(sign_in, counted):
    for impossible in ("", "имя", "x" * 1000):
        assert outcome(sign_in(impossible, WRONG, ELSEWHERE)) == REFUSED
    assert counted() == {f"address:{ELSEWHERE}": 3}


# ---- many at once ----

def at_once(count, call):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_many_wrong_passwords_at_once_count_as_many(sign_in, counted, user):
    replies = at_once(32, lambda i: sign_in(user.name, f"{WRONG} {i}", ELSEWHERE))
    refused = [reply for reply in replies if outcome(reply) == REFUSED]
    assert all(held_back(reply) for reply in replies if reply not in refused)
    assert len(refused) >= FREE
    assert counted()[f"account:{user.name}"] == len(refused)


def test_when_the_wait_is_over_one_of_many_is_let_through(sign_in, fail, after, counted, user):
    fail(user.name, 1)
    after(128, failures=12)
    replies = at_once(32, lambda i: sign_in(user.name, f"{WRONG} {i}", f"198.51.100.{i}"))
    assert [outcome(reply) for reply in replies if not held_back(reply)] == [REFUSED]
    assert counted()[f"account:{user.name}"] == 13


def test_a_turn_whose_owner_died_ends_by_itself(sign_in, fail, after, db, user):
    fail(user.name, FREE)
    after(1)
    db.execute("update auth.login_attempts set blocked_until = now() + interval '15 seconds'")
    assert held_back(sign_in(user.name, PASSWORD, ELSEWHERE)) == 1
    db.execute("update auth.login_attempts set blocked_until = now()")
    assert outcome(sign_in(user.name, PASSWORD, ELSEWHERE)) == 200


# ---- whatever asks for a password ----

def asks(api, make_key, user):
    """What the places that ask for the user's password answer."""
    headers = {"X-Forwarded-For": ELSEWHERE}
    key = make_key()
    return {
        LOGIN: lambda: api.post(LOGIN, {"username": user.name, "password": WRONG}, headers=headers),
        REDEEM: lambda: api.post(REDEEM, {"username": user.name, "password": WRONG, "license_key": key}, headers=headers),
        CREDENTIALS: lambda: api.post(CREDENTIALS, {"current_password": WRONG}, token=user.token, headers=headers),
        DELETE: lambda: api.post(DELETE, {"confirm": "DELETE", "password": WRONG}, token=user.token, headers=headers),
    }


def test_wrong_passwords_count_wherever_they_are_given(api, make_key, user):
    calls = asks(api, make_key, user)
    for call in itertools.islice(itertools.cycle(calls.values()), FREE):
        assert outcome(call()) == REFUSED
    assert {path: held_back(call()) for path, call in calls.items()} == dict.fromkeys(calls, 1)


# ---- accounts that can't sign in ----

def test_an_account_of_the_old_api_has_no_password(sign_in, db, user):
    db.execute("update auth.users set username = null, password_hash = null where id = %s", (user.id,))
    assert outcome(sign_in(user.name)) == REFUSED


def test_a_password_that_fits_confirms_the_account(sign_in, db, user):
    def is_confirmed():
        db.execute("select is_confirmed from auth.users where id = %s", (user.id,))
        return db.fetchone()[0]

    db.execute("update auth.users set is_confirmed = false where id = %s", (user.id,))
    assert outcome(sign_in(user.name, WRONG)) == REFUSED
    assert not is_confirmed()
    assert outcome(sign_in(user.name)) == 200
    assert is_confirmed()


# ---- what it costs ----

def test_a_sign_in_is_two_statements(suite, sign_in, user):
    sign_in(user.name)
    before = suite.metric("auth", "ttb_pg_statement_seconds_count")
    for _ in range(50):
        assert outcome(sign_in(user.name)) == 200
    after = suite.metric("auth", "ttb_pg_statement_seconds_count")
    assert 100 <= after - before < 150, "what the daemon does by itself is less than one a sign-in"


@pytest.fixture
def small_auth(suite):
    """auth with one thread that hashes, and room for one more sign-in than it has in hand."""
    pid = suite.pid("auth")
    environment = dict(entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if entry)
    environment |= {"HASH_WORKERS": "1", "HASH_QUEUE": "1"}
    program = os.readlink(f"/proc/{pid}/exe")
    suite.stop_one("auth")
    with open(suite.state / "logs" / "auth.log", "ab") as log, \
            subprocess.Popen([program], env=environment, stderr=log) as auth:
        wait_for(lambda: suite.is_ready("auth"), 10, "auth")
        yield auth
        auth.terminate()
    assert auth.returncode == 0
    suite.start_one("auth")


SLOW_HASH = "$pbkdf2-sha256$1000000$AAAAAAAAAAAAAAAAAAAAAA$e0Jrnzg/Hk6BvU8oMB/QglpQQ9SuttqACewAdbD0O/E"


@pytest.mark.usefixtures("small_auth")
def test_sign_ins_that_find_no_place_are_told_so_and_the_others_notice_nothing(suite, api, sign_in, db, make_user):
    users = [make_user() for _ in range(4)]
    db.execute("update auth.users set password_hash = %s where id = any(%s::uuid[])", (SLOW_HASH, [user.id for user in users[:3]]))
    rejected = suite.metric("auth", "ttb_pool_rejected_total")
    with ThreadPoolExecutor(12) as pool:
        crowd = [pool.submit(sign_in, users[i % 3].name) for i in range(12)]
        while not all(future.done() for future in crowd):
            assert api.get("/v2/auth/me", token=users[3].token).status_code == 200
    answers = [outcome(future.result()) for future in crowd]
    assert set(answers) == {REFUSED, (503, "Service Unavailable")}, "or 504 where the machine is slow"
    assert suite.metric("auth", "ttb_pool_rejected_total") - rejected == answers.count((503, "Service Unavailable"))
