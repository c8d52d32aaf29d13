# SPDX-License-Identifier: MIT
"""Alerts of deploy/prometheus fire at what really happens, and end after it. Their durations are divided (tests/support/prometheus.py);
each with its real ones is tried by promtool (tests/deploy)."""
import time
from contextlib import contextmanager

import psycopg2
import pytest

from conftest import PASSWORD
from load import Load
from prometheus import Prometheus
from suite import wait_for

FIRES_S = 15  # scrape, window, `for` and evaluation are seconds; the rest is for a busy machine
ENDS_S = 40   # the longest window is 15 s
CALM_S = 3    # two looks at the rules


@pytest.fixture(scope="module")
def prometheus(suite):
    with Prometheus(suite) as prometheus:
        wait_over(prometheus, "TTBoostServiceDown")  # before the first scrapes there was none
        yield prometheus


def wait_firing(prometheus, name, **labels):
    return wait_for(lambda: prometheus.firing(name, **labels), FIRES_S, f"alert {name}")


def wait_over(prometheus, name, **labels):
    wait_for(lambda: not prometheus.firing(name, **labels), ENDS_S, f"end of {name}")


class Flood(Load):
    """It may be refused from its start on."""

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self


def restart_license(suite):
    suite.stop_one("license")
    suite.start_one("license")


@contextmanager
def license_with(suite, **settings):
    """A license daemon with these settings; afterwards it has its old ones."""
    before = dict(suite.environment)
    try:
        suite.environment.update(settings)
        restart_license(suite)
        yield
    finally:
        suite.environment.clear()
        suite.environment.update(before)
        restart_license(suite)


@contextmanager
def locked(suite, table):
    """Nobody can read it."""
    connection = psycopg2.connect(suite.env["DATABASE_URL"])
    try:
        connection.cursor().execute(f"lock table {table} in access exclusive mode")
        yield
    finally:
        connection.close()


def test_a_killed_daemon_is_told(suite, prometheus):
    assert not prometheus.firing("TTBoostServiceDown")
    suite.kill("media")
    alert = wait_firing(prometheus, "TTBoostServiceDown", job="media", severity="critical")
    assert alert["annotations"]["summary"] == "no media is running"
    assert alert["annotations"]["runbook"] == "docs/operations.md#a-daemon-is-down"
    wait_firing(prometheus, "TTBoostInstanceDown", job="media")
    assert not prometheus.firing("TTBoostServiceDown", job="auth")
    suite.start_one("media")
    wait_over(prometheus, "TTBoostServiceDown", job="media")
    wait_over(prometheus, "TTBoostInstanceDown", job="media")


def test_a_full_queue_is_told(suite, prometheus, api):
    """One worker waits for a lock, four calls wait for the worker, and the rest is refused."""
    check = lambda: api.get("/v2/license/check", params={"key": "TTB-NONE-NONE-NONE"})  # noqa: E731
    with license_with(suite, IO_WORKERS="1", IO_QUEUE="4"):
        wait_for(lambda: prometheus.count('up{job="license"} == 1'), FIRES_S, "scrape of license")
        assert not prometheus.firing("TTBoostQueueFull")
        with Flood(check), locked(suite, "license.keys"):
            alert = wait_firing(prometheus, "TTBoostQueueFull", job="license", pool="io", severity="critical")
            assert alert["annotations"]["summary"] == "license refuses calls: its queue io is full"
            wait_firing(prometheus, "TTBoostQueueNearlyFull", job="license", pool="io")
        wait_over(prometheus, "TTBoostQueueFull")
        wait_over(prometheus, "TTBoostQueueNearlyFull")


def test_redemptions_that_fail_are_told_and_those_that_are_refused_are_not(suite, prometheus, api, name, make_key):
    key = make_key()

    def redeem(number, license_key=key):
        return api.post("/v2/auth/redeem-license", {"username": f"{name}_{number}", "password": PASSWORD, "license_key": license_key}).status_code

    assert {redeem(number, "TTB-NONE-NONE-NONE") for number in range(5)} == {404}
    time.sleep(CALM_S)
    assert not prometheus.firing("TTBoostRedemptionsFail")

    suite.stop_one("license")
    assert {redeem(number) for number in range(5)} == {503}
    alert = wait_firing(prometheus, "TTBoostRedemptionsFail", severity="critical")
    assert "redemptions of licence keys failed" in alert["annotations"]["summary"]
    suite.start_one("license")
    assert redeem(0) == 200
    wait_over(prometheus, "TTBoostRedemptionsFail")


def test_postgres_that_is_away_is_told(suite, prometheus):
    suite.stop_one("postgres")
    wait_firing(prometheus, "TTBoostPostgresAway", job="auth", severity="critical")
    wait_firing(prometheus, "TTBoostNotReady", job="auth")
    suite.start_one("postgres")
    wait_over(prometheus, "TTBoostPostgresAway")
    wait_over(prometheus, "TTBoostNotReady")
