# SPDX-License-Identifier: MIT
"""What the gateway does with any request: routes, methods, bodies, headers, its own endpoints."""
import json
import re
import socket
from urllib.parse import urlsplit

import pytest
import requests

from suite import wait_for

LOGIN = "/v2/auth/login"
CHECK = "/v2/license/check"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def violation(kind, location, message, value, context=None):
    detail = {"type": kind, "loc": location, "msg": message, "input": value}
    return detail if context is None else {**detail, "ctx": context}


def not_an_object(value):
    return violation("model_attributes_type", ["body"],
                     "Input should be a valid dictionary or object to extract fields from", value)


def missing(location, value):
    return violation("missing", location, "Field required", value)


def assert_violations(reply, *expected):
    """All of them, in this order, with their keys in this order."""
    assert reply.status_code == 422
    assert reply.text == json.dumps({"detail": list(expected)}, ensure_ascii=False, separators=(",", ":"))


# ---- routes and methods ----

@pytest.mark.parametrize("path", ["/nothing", "/v2", "/v2/auth", "/v2/auth/login/more", "//v2/auth/login", "/v2/auth//login",
                                  "/rpc/license/bind", "/rpc/auth/open_socket", "/V2/AUTH/LOGIN", "/v2/auth/%2e"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_path_is_404(api, method, path):
    assert api.call(method, path).json() == {"detail": "Not Found"}


@pytest.mark.parametrize("method,path,allowed", [
    ("GET", LOGIN, "POST"), ("DELETE", LOGIN, "POST"), ("PUT", LOGIN, "POST"), ("OPTIONS", LOGIN, "POST"),
    ("POST", "/v2/auth/me", "GET, HEAD"), ("POST", "/health", "GET, HEAD"), ("POST", "/", "GET, HEAD"),
])
def test_wrong_method_is_405_and_tells_the_right_ones(api, method, path, allowed):
    reply = api.call(method, path)
    assert (reply.status_code, reply.json()) == (405, {"detail": "Method Not Allowed"})
    assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize("path", [CHECK, "/v2/auth/me", "/health", "/docs"])
def test_a_slash_at_the_end_makes_no_difference(api, user, path):
    plain, slashed = (api.get(path + end, token=user.token) for end in ("", "/"))
    assert plain.status_code == slashed.status_code
    assert plain.headers["Content-Type"] == slashed.headers["Content-Type"]


def test_post_with_a_slash_at_the_end(api):
    assert api.post(LOGIN + "/", {"username": "nobody", "password": "secret"}).status_code == 401


@pytest.mark.parametrize("path", ["/", "/health", "/openapi.json", "/v2/auth/me"])
def test_head_is_get_without_the_body(api, user, path):
    reply = api.call("HEAD", path, token=user.token)
    assert reply.status_code == 200
    assert reply.content == b""
    assert int(reply.headers["Content-Length"]) > 0


# ---- bodies ----

@pytest.mark.parametrize("body", ["null", ""])
def test_no_body_is_a_missing_body(api, body):
    assert_violations(api.post(LOGIN, data=body), missing(["body"], None))


def test_all_missing_fields_are_told_with_the_whole_body(api):
    body = {"other": 1}
    assert_violations(api.post(LOGIN, body), missing(["body", "username"], body), missing(["body", "password"], body))


@pytest.mark.parametrize("body", [[], [1], "text", 5, True])
def test_a_body_that_is_no_object_is_told_as_it_is(api, body):
    assert_violations(api.post(LOGIN, data=json.dumps(body)), not_an_object(body))


@pytest.mark.parametrize("value", [5, 1.5, True, None, [], {"a": "b"}])
def test_numbers_are_not_turned_into_strings(api, value):
    reply = api.post(LOGIN, {"username": value, "password": "secret"})
    assert_violations(reply, violation("string_type", ["body", "username"], "Input should be a valid string", value))


def test_errors_of_several_fields_stand_in_declaration_order(api):
    body = {"license_key": 1, "password": 2}
    assert_violations(api.post("/v2/auth/redeem-license", body),
                      missing(["body", "username"], body),
                      violation("string_type", ["body", "password"], "Input should be a valid string", 2),
                      violation("string_type", ["body", "license_key"], "Input should be a valid string", 1))


def test_broken_json_tells_where(api):
    reply = api.post(LOGIN, data='{"username": }', headers={"Content-Type": "application/json"})
    assert reply.status_code == 422
    detail, = reply.json()["detail"]
    assert list(detail) == ["type", "loc", "msg", "input", "ctx"]
    assert (detail["type"], detail["msg"], detail["input"]) == ("json_invalid", "JSON decode error", {})
    assert detail["loc"] in (["body", 13], ["body", 14])  # where the wrong token begins, or ends
    assert detail["ctx"]["error"]


@pytest.mark.parametrize("value,kind,message", [
    ("many", "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
    (1.5, "int_from_float", "Input should be a valid integer, got a number with a fractional part"),
])
def test_what_is_no_integer(api, admin, value, kind, message):
    reply = api.post("/v2/license/issue", {"ttl_days": value}, headers=admin)
    assert_violations(reply, violation(kind, ["body", "ttl_days"], message, value))


@pytest.mark.parametrize("value", ["80", 80.0, 80])
def test_what_counts_as_an_integer(api, admin, value):
    assert api.post("/v2/license/issue", {"ttl_days": value}, headers=admin).status_code == 200


def test_a_missing_query_parameter(api):
    assert_violations(api.get(CHECK), missing(["query", "key"], None))


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_declared_as_something_else_is_told_as_text(api, content_type):
    reply = api.post(LOGIN, data="a=b", headers={"Content-Type": content_type})
    assert_violations(reply, not_an_object("a=b"))


@pytest.mark.parametrize("content_type", [None, "application/json", "application/json; charset=utf-8",
                                          "application/vnd.api+json", "APPLICATION/JSON"])
def test_any_json_type_or_none_is_parsed(api, content_type):
    body = b'{"username":"nobody","password":"secret"}'
    assert api.post(LOGIN, data=body, headers={"Content-Type": content_type}).status_code == 401


def test_unknown_fields_are_ignored(api):
    assert api.post(LOGIN, {"username": "nobody", "password": "secret", "more": [1, {"a": None}]}).status_code == 401


def test_text_is_not_escaped_in_replies(api):
    reply = api.post(LOGIN, {"username": ["пароль 🌸"], "password": "secret"})
    assert "пароль 🌸" in reply.content.decode()


@pytest.mark.parametrize("size", [300_000, 5_000_000, 20_000_000])
def test_a_body_too_large_is_413(api, size):
    reply = api.post(LOGIN, data=b"x" * size)
    assert (reply.status_code, reply.json()) == (413, {"detail": "Request Entity Too Large"})


def test_a_body_too_large_of_unknown_size_is_413(api):
    reply = api.post(LOGIN, data=(b"x" * 65536 for _ in range(40)))
    assert (reply.status_code, reply.json()) == (413, {"detail": "Request Entity Too Large"})


def test_deeply_nested_json_is_refused(api):
    reply = api.post(LOGIN, data=b'{"username":' + b"[" * 20_000 + b"]" * 20_000 + b"}")
    assert reply.status_code == 422


def speak_raw(url, data):
    """Bytes to a port, and what comes back at once."""
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), 2) as connection:
        try:
            connection.sendall(data)
            return connection.recv(65536)
        except (ConnectionError, TimeoutError):
            return b""


@pytest.mark.parametrize("data", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), b"GET\r\n\r\n", b"POST /v2/auth/login HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Long: " + b"y" * 40_000 + b"\r\n\r\n",
    b"POST /v2/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /v2/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
], ids=["tls", "no_path", "no_host", "long_header", "negative_length", "huge_length"])
def test_the_gateway_outlives_broken_http(suite, api, data):
    answer = speak_raw(suite.env["GATEWAY_HTTP"], data)
    assert not answer or re.match(rb"HTTP/1\.[01] (4\d\d|50[15])", answer), answer
    assert api.get("/").status_code == 200


# ---- headers ----

@pytest.fixture
def logged_check(suite, api):
    """Asks for a licence; returns the reply and the service's log line, which comes a little later."""
    def ask(**headers):
        position = suite.log_position("license")
        reply = api.get(CHECK, params={"key": "none"}, headers={name.replace("_", "-"): value for name, value in headers.items()})
        request_id = reply.headers["X-Request-Id"]
        lines = wait_for(lambda: [line for line in suite.log_lines("license", position) if line.get("request_id") == request_id],
                         5, "log line")
        return reply, lines[0]
    return ask


def test_a_sane_request_id_comes_back_and_stands_in_the_services_log(logged_check):
    reply, _ = logged_check(X_Request_Id="my.request_id-1")
    assert reply.headers["X-Request-Id"] == "my.request_id-1"


@pytest.mark.parametrize("request_id", ["", "with space", "x" * 500, "semi;colon", 'quo"te'])
def test_a_strange_request_id_is_replaced(api, request_id):
    reply = api.get("/", headers={"X-Request-Id": request_id})
    assert reply.headers["X-Request-Id"] not in ("", request_id)


def test_security_headers(api):
    headers = api.get("/").headers
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
    assert "libmicrohttpd" not in str(headers) and "/" not in headers.get("Server", "")


def test_request_ids_differ(api):
    assert len({api.get("/").headers["X-Request-Id"] for _ in range(10)}) == 10


def test_a_trace_goes_on_into_the_services_log(logged_check):
    _, line = logged_check(traceparent=f"00-{TRACE_ID}-00f067aa0ba902b7-01")
    assert line["trace_id"] == TRACE_ID


@pytest.mark.parametrize("traceparent", ["", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"ff-{TRACE_ID}-00f067aa0ba902b7-01"])
def test_a_broken_trace_is_replaced(logged_check, traceparent):
    _, line = logged_check(traceparent=traceparent)
    assert re.fullmatch("[0-9a-f]{32}", line["trace_id"])
    assert line["trace_id"] not in (TRACE_ID, "0" * 32)


def test_the_client_behind_the_proxy_is_known_by_x_forwarded_for(api, user, db):
    who = {"username": user.name, "password": user.password}
    api.post(LOGIN, who, headers={"X-Forwarded-For": "203.0.113.7", "User-Agent": "Test/1.0 (here)"})
    db.execute("select ip, user_agent from auth.sessions where user_id = %s order by created_at desc limit 1", (user.id,))
    assert db.fetchone() == ("203.0.113.7", "Test/1.0 (here)")


@pytest.mark.parametrize("forwarded", ["198.51.100.1, 203.0.113.7", "nonsense, 203.0.113.7"])
def test_what_a_client_claims_before_its_proxy_is_not_believed(api, user, db, forwarded):
    api.post(LOGIN, {"username": user.name, "password": user.password}, headers={"X-Forwarded-For": forwarded})
    db.execute("select ip from auth.sessions where user_id = %s order by created_at desc limit 1", (user.id,))
    assert db.fetchone() == ("203.0.113.7",)


# ---- CORS ----

def preflight(api, origin, method="POST"):
    return api.call("OPTIONS", LOGIN, headers={"Origin": origin, "Access-Control-Request-Method": method,
                                               "Access-Control-Request-Headers": "authorization,content-type"})


def test_an_allowed_origin_may_call(api):
    reply = preflight(api, api.base)
    assert reply.status_code == 200
    assert reply.headers["Access-Control-Allow-Origin"] == api.base
    assert reply.headers["Access-Control-Allow-Credentials"] == "true"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "authorization" in reply.headers["Access-Control-Allow-Headers"].lower()
    reply = api.get("/", headers={"Origin": api.base})
    assert reply.headers["Access-Control-Allow-Origin"] == api.base
    assert reply.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_another_origin_may_not(api, origin):
    assert "Access-Control-Allow-Origin" not in preflight(api, origin).headers
    assert "Access-Control-Allow-Origin" not in api.get("/", headers={"Origin": origin}).headers


def test_errors_carry_cors_too(api):
    reply = api.get("/nothing", headers={"Origin": api.base})
    assert reply.headers["Access-Control-Allow-Origin"] == api.base


# ---- the gateway's own endpoints ----

def test_root(api, suite):
    body = api.get("/").json()
    assert (body["server_host"], body["env"]) == (suite.env["BASE"], "dev")


@pytest.mark.parametrize("path", ["/health", "/status"])
def test_health(api, path):
    reply = api.get(path)
    assert reply.status_code == 200
    assert reply.json()["status"] == "ok"
    assert all(service["ok"] and service["latency_ms"] < 1000 for service in reply.json()["services"].values())


def test_openapi_is_what_protogen_made_and_hides_what_is_internal(api):
    described = api.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert LOGIN in described["paths"]
    assert not [path for path in described["paths"] if path.startswith("/rpc")]
    assert "x-subject" not in json.dumps(described)


def test_docs_draw_the_api_without_foreign_scripts(api):
    page = api.get("/docs")
    assert "/openapi.json" in page.text
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


# ---- ops ports ----

@pytest.mark.parametrize("daemon", ["gateway", "auth", "license", "media", "events"])
def test_ops_port(suite, daemon):
    base = f"http://127.0.0.1:{suite.ops_ports[daemon]}"
    assert requests.get(f"{base}/healthz", timeout=5).status_code == 200
    assert requests.get(f"{base}/readyz", timeout=5).status_code == 200
    metrics = requests.get(f"{base}/metrics", timeout=5)
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert "# TYPE ttb_" in metrics.text
    assert requests.get(f"{base}/nothing", timeout=5).status_code == 404
