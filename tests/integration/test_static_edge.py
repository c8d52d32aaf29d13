# SPDX-License-Identifier: MIT
"""/static/… through the edge, as pages of any origin see it; and how long the edge waits for whom it asks."""
import re
import uuid

import pytest
import requests
import yaml

from suite import ROOT

CONTENT = b"ID3" + bytes(range(256)) * 4
PREFLIGHT = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Request-Id": "mine.static",
}


@pytest.fixture
def sound(suite):
    """The path of a file as media stores it."""
    folder = suite.state / "media" / "sounds" / str(uuid.uuid4())
    folder.mkdir(parents=True)
    (folder / "boom.mp3").write_bytes(CONTENT)
    yield f"/static/sounds/{folder.name}/boom.mp3"
    (folder / "boom.mp3").unlink()
    folder.rmdir()


@pytest.fixture
def ask(suite):
    """Sends a request to the edge; of its reply every header stands once, and the common ones say what they should."""
    def send(method, path, headers=None):
        headers = {"X-Request-Id": "mine.static", **(headers or {})}
        reply = requests.request(method, suite.env["BASE"] + path, headers=headers, timeout=5)
        names = [name.lower() for name, _ in reply.raw.headers.items()]  # a name for each line that came
        assert len(names) == len(set(names)), names
        assert {name: reply.headers.get(name) for name in COMMON_HEADERS} == COMMON_HEADERS
        return reply
    return send


def test_replies_of_every_kind_carry_the_common_headers(ask, sound):
    whole = ask("GET", sound)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (ask("HEAD", sound).status_code, ask("GET", sound, {"Range": "bytes=0-3"}).status_code) == (200, 206)
    assert ask("GET", sound, {"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert ask("GET", sound, {"Range": f"bytes={len(CONTENT)}-"}).status_code == 416
    assert ask("GET", sound.replace("boom", "none")).status_code == 404


def test_a_preflight_is_told_what_it_may(ask, sound):
    for path in sound, sound.replace("boom", "none"):
        reply = ask("OPTIONS", path, PREFLIGHT)
        assert (reply.status_code, reply.content) == (204, b"")
        assert reply.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert reply.headers["Access-Control-Allow-Headers"] == "Range, If-Range, If-None-Match"
        assert reply.headers["Access-Control-Max-Age"] == "86400"


def test_other_methods_are_told_which_ones_there_are(ask, sound):
    reply = ask("DELETE", sound, PREFLIGHT)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_preflight_leaves_the_connection_open(suite, sound):
    with requests.Session() as session:
        base = f"http://127.0.0.1:{suite.ports['MEDIA']}"
        assert session.options(base + sound, headers=PREFLIGHT, timeout=5).headers.get("Connection") != "close"


def test_without_an_id_of_the_callers_there_is_one(suite, sound):
    for method in "GET", "OPTIONS":
        assert requests.request(method, suite.env["BASE"] + sound, timeout=5).headers["X-Request-Id"]


def test_the_edge_waits_longer_than_any_call_may_take():
    conf = (ROOT / "deploy/nginx/ttboost-locations.conf").read_text()
    patience_s = int(re.search(r"^proxy_read_timeout (\d+)s;", conf, re.MULTILINE).group(1))
    calls = [call for path in ROOT.glob("proto/*.yaml") for operations in yaml.safe_load(path.read_text()).get("paths", {}).values()
             for call in operations.values() if isinstance(call, dict)]
    assert patience_s * 1000 > max(call.get("x-timeout-ms", 0) for call in calls) > 0
