# SPDX-License-Identifier: MIT
"""/metrics of all daemons: docs/observability.md's table says what is there, and promtool finds nothing odd in it."""
import subprocess
import urllib.request

import pytest

import metric_table
from media import Media
from speech_server import SpeechServer
from suite import DAEMONS, wait_for


def scrape(ops):
    with urllib.request.urlopen(f"{ops}/metrics", timeout=5) as reply:
        return reply.read().decode()


def scrape_daemon(suite, daemon):
    return scrape(f"http://127.0.0.1:{suite.ops_ports[daemon]}")


@pytest.fixture(scope="module")
def texts(suite):
    """By daemon; media has another speech server, without which some metrics are not there."""
    texts = {daemon: scrape_daemon(suite, daemon) for daemon in DAEMONS}
    with SpeechServer() as server, Media(suite, TTS_HTTP_URL=server.url, TTS_HTTP_VOICES="alloy") as media:
        texts["media"] = scrape(media.ops)
    return texts


def test_the_table_names_every_metric_its_type_labels_and_daemons(texts):
    shown, documented = metric_table.shown(texts), metric_table.documented()
    assert set(shown) == set(documented)
    for name, metric in shown.items():
        assert metric == documented[name], name


@pytest.mark.parametrize("daemon", DAEMONS)
def test_promtool_finds_nothing_odd(texts, daemon):
    done = subprocess.run(["promtool", "check", "metrics"], input=texts[daemon], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def route_count(suite, endpoint, status_class):
    line = f'ttb_route_requests_total{{service="auth",endpoint="{endpoint}",class="{status_class}"}} '
    return int(next(text for text in scrape_daemon(suite, "gateway").splitlines() if text.startswith(line)).rsplit(" ", 1)[1])


def test_the_gateway_tells_refusals_from_failures_by_endpoint(suite, api, name, make_key):
    """Also while the service is gone, and for a refusal that no service has made."""
    before = {key: route_count(suite, *key) for key in (("redeem_license", "2xx"), ("redeem_license", "4xx"), ("redeem_license", "5xx"), ("me", "4xx"))}
    body = {"username": name, "password": "correct horse", "license_key": make_key()}
    assert api.post("/v2/auth/redeem-license", body).status_code == 200
    assert api.post("/v2/auth/redeem-license", {**body, "license_key": "TTB-NONE-NONE-NONE"}).status_code == 404
    assert api.get("/v2/auth/me").status_code == 401
    suite.stop_one("auth")
    assert api.post("/v2/auth/redeem-license", body).status_code == 503
    suite.start_one("auth")
    wait_for(lambda: suite.is_ready("auth"), 15, "readiness")
    wait_for(lambda: {key: route_count(suite, *key) - count for key, count in before.items()} == dict.fromkeys(before, 1), 5, "count of each")


def test_sockets_that_open_are_counted(suite, user, connect):
    before = suite.metric("gateway", "ttb_ws_opened_total")
    connect(user).wait("status")
    assert suite.metric("gateway", "ttb_ws_opened_total") == before + 1
    assert suite.metric("gateway", "ttb_ws_sockets") <= suite.metric("gateway", "ttb_ws_sockets_limit")


def test_metrics_tell_of_readiness_and_postgres(suite):
    assert suite.metric("license", "ttb_ready") == 1
    suite.stop_one("postgres")
    wait_for(lambda: suite.metric("license", "ttb_pg_up") == 0 and suite.metric("license", "ttb_ready") == 0, 10, "notice of the outage")
    suite.start_one("postgres")
    wait_for(lambda: all(suite.is_ready(name) for name in DAEMONS), 15, "readiness")
    assert suite.metric("license", "ttb_pg_up") == 1
    assert suite.metric("license", "ttb_pg_connections") >= 1
