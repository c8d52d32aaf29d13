# SPDX-License-Identifier: MIT
"""A request's names reach its SQL: slow statements are logged with them, and what the caller samples shows in Postgres."""
import secrets
import threading
import time

import psycopg2
import pytest

from suite import wait_for

UPDATE = "/v2/settings/update"
SLOW_S = 0.8  # SLOW_STATEMENT_MS is 500

BLOCKED = """
    select pid, application_name from pg_stat_activity
    where usename = 'auth' and wait_event_type = 'Lock'"""
NAMES = "select application_name from pg_stat_activity where usename = 'auth' and pid = %s"


@pytest.fixture
def trace_id():
    return secrets.token_hex(16)


@pytest.fixture
def blocked(suite, api, user, db):
    """Runs a request of the user's that has to wait for a lock, with these headers. Returns the session that waited, as
    Postgres showed it meanwhile, and the reply."""
    def run(**headers):
        replies = []
        request = threading.Thread(target=lambda: replies.append(
            api.post(UPDATE, {"tts_volume": 7}, token=user.token, headers=headers)))
        holder = psycopg2.connect(suite.env["DATABASE_URL"])
        try:
            holder.cursor().execute("select from auth.settings where user_id = %s for update", (user.id,))
            request.start()
            waiting = wait_for(lambda: db.execute(BLOCKED) or db.fetchone(), 5, "statement that waits")
            time.sleep(SLOW_S)
        finally:
            holder.rollback()
            holder.close()
            request.join()
        return waiting, replies[0]
    return run


def is_named(db, pid, expected):
    db.execute(NAMES, (pid,))
    return db.fetchone() == (expected,)


def test_a_sampled_trace_shows_in_postgres_while_its_call_runs(suite, blocked, db, trace_id):
    (pid, shown), reply = blocked(traceparent=f"00-{trace_id}-b7ad6b7169203331-01")
    assert reply.status_code == 200
    assert shown == f"auth {trace_id}"
    wait_for(lambda: is_named(db, pid, "auth"), 5, "session without the trace")


@pytest.mark.parametrize("flags", ["00", None])
def test_a_trace_that_its_caller_does_not_sample_does_not(blocked, trace_id, flags):
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-{flags}"} if flags else {}
    (_, shown), reply = blocked(**headers)
    assert reply.status_code == 200
    assert shown == "auth"


def test_a_slow_statement_is_logged_with_the_names_of_its_request(suite, blocked, trace_id):
    position = suite.log_position("auth")
    (pid, _), reply = blocked(traceparent=f"00-{trace_id}-b7ad6b7169203331-00", **{"X-Request-Id": f"slow-{trace_id}"})
    assert reply.headers["X-Request-Id"] == f"slow-{trace_id}"

    def slow():
        return [line for line in suite.log_lines("auth", position) if line["message"] == "a statement was slow"]

    line = wait_for(slow, 5, "line of the slow statement")[0]
    assert (line["level"], line["backend_pid"]) == ("warning", pid)
    assert (line["request_id"], line["trace_id"]) == (f"slow-{trace_id}", trace_id)
    assert line["query"].startswith("settings_") and line["duration_ms"] >= SLOW_S * 1000
    calls = [other for other in suite.log_lines("auth", position) if other["message"] == "call"]
    assert all("reason" not in other for other in calls), "slow is no failure"


def test_a_fast_call_logs_no_statement(suite, api, user):
    position = suite.log_position("auth")
    api.get("/v2/auth/me", token=user.token)
    assert not [line for line in suite.log_lines("auth", position) if line["message"] == "a statement was slow"]


def test_a_statement_that_fails_is_told_with_its_query_and_session(suite, api, user, db, trace_id):
    """Postgres ends the session, as an operator may who found it by its trace."""
    suite.expected_errors.append("57P01")
    position = suite.log_position("auth")
    holder = psycopg2.connect(suite.env["DATABASE_URL"])
    holder.cursor().execute("select from auth.settings where user_id = %s for update", (user.id,))
    replies = []
    request = threading.Thread(target=lambda: replies.append(api.post(
        UPDATE, {"tts_volume": 7}, token=user.token, headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})))
    try:
        request.start()
        pid = wait_for(lambda: db.execute(BLOCKED) or db.fetchone(), 5, "statement that waits")[0]
        db.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name like %s", (f"% {trace_id}",))
        assert db.rowcount == 1
    finally:
        request.join()
        holder.close()
    assert replies[0].status_code == 503
    line = wait_for(lambda: [line for line in suite.log_lines("auth", position) if "reason" in line], 5, "reason")[0]
    assert line["trace_id"] == trace_id and line["level"] == "warning"
    assert line["reason"].startswith("settings_") and line["reason"].endswith(f"(backend {pid})")
    assert " 57P01 " in line["reason"]
