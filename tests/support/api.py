# SPDX-License-Identifier: MIT
"""An HTTP client that holds every reply against openapi.json: an endpoint, status, text or field that is not
described there fails the test.
"""
import copy
import json
import re
import threading

import jsonschema
import requests

TIMEOUT_S = 15
JSON = "application/json"
SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

# The gateway's own endpoints, which no service describes.
HEALTH_SERVICE = {"type": "object", "required": ["ok", "latency_ms"], "additionalProperties": False,
                  "properties": {"ok": {"type": "boolean"}, "latency_ms": {"type": ["integer", "null"], "minimum": 0}}}
HEALTH = {
    "type": "object", "additionalProperties": False,
    "required": ["status", "version", "env", "uptime_sec", "services", "tiktok_clients"],
    "properties": {
        "status": {"enum": ["ok", "degraded"]}, "version": {"type": "string"}, "env": {"type": "string"},
        "uptime_sec": {"type": "integer", "minimum": 0}, "tiktok_clients": {"type": "integer", "minimum": 0},
        "services": {"type": "object", "required": ["auth", "license", "media", "events"],
                     "additionalProperties": HEALTH_SERVICE}}}
ROOT = {"type": "object", "additionalProperties": {"type": "string"},
        "required": ["status", "service", "env", "server_host", "tts_base_url", "version"],
        "properties": {"status": {"const": "ok"}, "service": {"const": "ttboost-backend"}}}


def own_endpoint(statuses, content_type=JSON):
    return {"get": {"responses": {status: {"content": {content_type: {"schema": schema}}}
                                  for status, schema in statuses.items()}}}


OWN_PATHS = {
    "/": own_endpoint({"200": ROOT}),
    "/health": own_endpoint({"200": HEALTH, "503": HEALTH}),
    "/status": own_endpoint({"200": HEALTH, "503": HEALTH}),
    "/docs": own_endpoint({"200": True}, "text/html; charset=utf-8"),
    "/openapi.json": own_endpoint({"200": {"type": "object", "required": ["openapi", "paths"]}}),
}

# What answers when nobody else does, and needs no description.
EDGE_REPLIES = {"405": "Method Not Allowed", "413": "Request Entity Too Large", "503": "Service Unavailable",
                "504": "Gateway Timeout"}

FORMATS = jsonschema.FormatChecker(["uuid"])


@FORMATS.checks("date-time")
def is_utc_with_milliseconds(text):
    return not isinstance(text, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text))


def validator(document, schema):
    """schema may refer to any part of document."""
    resolver = jsonschema.RefResolver.from_schema(document)
    return jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=FORMATS)


class Api:
    def __init__(self, base, openapi):
        self.base = base
        self.openapi = copy.deepcopy(openapi)
        self.own = set(OWN_PATHS)
        self.openapi["paths"].update(OWN_PATHS)
        self.called = set()  # (method, path template)
        self.local = threading.local()

    @property
    def session(self):
        """One a thread: sessions are not thread-safe."""
        if not hasattr(self.local, "session"):
            self.local.session = requests.Session()
        return self.local.session

    # ---- calling ----

    def call(self, method, path, token=None, headers=None, **options):
        """Sends, checks, returns the reply. json=, data= and params= are requests' own."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        reply = self.session.request(method, self.base + path, headers=headers, timeout=TIMEOUT_S,
                                     allow_redirects=False, **options)
        self.check(method, path.split("?")[0], reply)
        return reply

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        if body is not None:
            options["json"] = body
        return self.call("POST", path, **options)

    def uncalled(self):
        """Endpoints that no test has called."""
        described = {(method, path) for path, item in self.openapi["paths"].items() for method in item}
        return sorted(f"{method.upper()} {path}" for method, path in described - self.called)

    # ---- checking ----

    def find(self, path):
        """The template that fits the path, with or without a slash at its end."""
        path = path.rstrip("/") or "/"
        for template in self.openapi["paths"]:
            if re.fullmatch(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(template)), path):
                return template
        return None

    def check(self, method, path, reply):
        where = f"{method} {path} → {reply.status_code}"
        self.check_headers(where, reply)
        template = self.find(path)
        if template is None:
            assert reply.status_code == 404 and reply.text == '{"detail":"Not Found"}', f"{where}: not described"
            return
        verb = "get" if method == "HEAD" else method.lower()
        operation = self.openapi["paths"][template].get(verb)
        if operation is None:
            assert method == "OPTIONS" or reply.status_code == 405, f"{where}: not described"
            return
        self.called.add((verb, template))
        self.check_body(where, method, operation, reply)

    @staticmethod
    def check_headers(where, reply):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", reply.headers.get("X-Request-Id", "")), f"{where}: no X-Request-Id"
        for name, value in SECURITY_HEADERS.items():
            assert reply.headers.get(name) == value, f"{where}: {name} is {reply.headers.get(name)}"
        if reply.status_code in (429, 503):
            assert int(reply.headers["Retry-After"]) > 0, where
        if reply.status_code == 405:
            assert reply.headers["Allow"], where

    def check_body(self, where, method, operation, reply):
        status = str(reply.status_code)
        content = operation["responses"].get(status, {}).get("content")
        if content is None:
            assert status in EDGE_REPLIES and reply.json() == {"detail": EDGE_REPLIES[status]}, f"{where}: not described"
            return
        content_type = reply.headers["Content-Type"]
        assert content_type in content, f"{where}: {content_type}"
        if method == "HEAD" or content_type != JSON:
            return
        self.check_json(where, content[content_type], reply)

    def check_json(self, where, media, reply):
        body = json.loads(reply.text)
        errors = [f"{error.json_path}: {error.message}" for error in
                  validator(self.openapi, media["schema"]).iter_errors(body)]
        assert not errors, f"{where} breaks its schema: {errors}\n{reply.text}"
        texts = [example["value"] for example in media.get("examples", {}).values()]
        assert not texts or body in texts, f"{where}: {reply.text} is none of {texts}"
        compact = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        assert reply.text.rstrip() == compact, f"{where}: JSON is not compact: {reply.text[:200]}"
