# SPDX-License-Identifier: MIT
"""Rate limits by class of route, per user or address. They are off in the suite: these gateways have them."""
import itertools
import time

import pytest

from api import Api
from gateway import Gateway
from live import LiveSocket, Refused

LOGIN, CHECK, ME = "/v2/auth/login", "/v2/license/check", "/v2/auth/me"
UPGRADE = "/v2/auth/upgrade-license"
LOGINS, LOOK_UPS = 20, 30  # a minute
FEW = 12  # what is left of 1200 others at a hundredth
HEADERS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")
TOO_MANY = {"detail": "Too Many Requests"}
numbers = itertools.count(1)


def open_gateway(suite, openapi, factor):
    with Gateway(suite, RATE_LIMIT_FACTOR=factor) as gateway:
        gateway.wait_ready()
        yield gateway, Api(gateway.base, openapi)


@pytest.fixture(scope="module")
def usual(suite, api):
    yield from open_gateway(suite, api.openapi, "1")


@pytest.fixture(scope="module")
def hundredth(suite, api):
    yield from open_gateway(suite, api.openapi, "0.01")


@pytest.fixture
def limited(usual):
    return usual[1]


@pytest.fixture
def strict(hundredth):
    return hundredth[1]


@pytest.fixture
def address():
    """One that nobody has used."""
    number = next(numbers)
    return f"198.18.{number >> 8}.{number & 255}"


def by(address, **headers):
    return {"X-Forwarded-For": address, **headers}


def numbers_of(reply):
    return {name: reply.headers.get(name) for name in HEADERS}


def use_up(call, count):
    """As many requests as are granted; returns them and the first that is refused."""
    granted = [call() for _ in range(count)]
    assert 429 not in {reply.status_code for reply in granted}
    refused = call()
    assert (refused.status_code, refused.json()) == (429, TOO_MANY)
    return granted, refused


def test_logins_are_limited_by_address(limited, address):
    granted, refused = use_up(lambda: limited.post(LOGIN, {}, headers=by(address)), LOGINS)
    assert [int(reply.headers["RateLimit-Remaining"]) for reply in granted] == list(range(LOGINS - 1, -1, -1))
    assert {(reply.headers["RateLimit-Limit"], reply.headers["RateLimit-Policy"]) for reply in (*granted, refused)} == {("20", "20;w=60")}
    assert numbers_of(refused)["RateLimit-Remaining"] == "0"
    assert "Retry-After" not in granted[-1].headers
    assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 3


def test_who_waits_as_told_is_granted(limited, address):
    _, refused = use_up(lambda: limited.post(LOGIN, {}, headers=by(address)), LOGINS)
    time.sleep(int(refused.headers["Retry-After"]))
    assert limited.post(LOGIN, {}, headers=by(address)).status_code == 422


def test_addresses_and_classes_count_apart(limited, address):
    use_up(lambda: limited.post(LOGIN, {}, headers=by(address)), LOGINS)
    assert limited.post(LOGIN, {}, headers=by("198.51.100.7")).status_code == 422
    reply = limited.get(CHECK, params={"key": "x"}, headers=by(address))
    assert (reply.status_code, reply.headers["RateLimit-Remaining"]) == (404, str(LOOK_UPS - 1))
    assert limited.post("/v2/auth/register", {}, headers=by(address)).status_code == 429


def test_look_ups_of_keys_are_limited(limited, address):
    granted, _ = use_up(lambda: limited.get(CHECK, params={"key": "x"}, headers=by(address)), LOOK_UPS)
    assert {reply.status_code for reply in granted} == {404}


def test_a_network_of_ipv6_is_one_client(limited):
    guests = itertools.count(1)
    use_up(lambda: limited.post(LOGIN, {}, headers=by(f"2001:db8:7:7::{next(guests):x}")), LOGINS)
    assert limited.post(LOGIN, {}, headers=by("2001:db8:7:8::1")).status_code == 422


def test_what_a_client_says_of_itself_does_not_count(limited, address):
    """Only what a trusted proxy has seen: the last entry."""
    lies = itertools.count(1)
    use_up(lambda: limited.post(LOGIN, {}, headers=by(f"203.0.113.{next(lies)}, {address}")), LOGINS)


def test_a_user_counts_wherever_he_is(limited, make_user):
    first, second = make_user(), make_user()
    places = itertools.count(1)

    def upgrade(user):
        return limited.post(UPGRADE, {"license_key": "x"}, token=user.token, headers=by(f"198.18.200.{next(places)}"))

    use_up(lambda: upgrade(first), LOOK_UPS)
    assert upgrade(second).status_code == 404


def test_a_refused_token_counts_on_the_address(limited, address, user):
    granted, _ = use_up(lambda: limited.post(UPGRADE, {"license_key": "x"}, token="nonsense", headers=by(address)), LOOK_UPS)
    assert {reply.status_code for reply in granted} == {401}
    assert limited.post(UPGRADE, {"license_key": "x"}, token=user.token, headers=by(address)).status_code == 404


def test_everything_else_is_limited_too_and_the_factor_multiplies(strict, user):
    granted, refused = use_up(lambda: strict.get(ME, token=user.token), FEW)
    assert {reply.status_code for reply in granted} == {200}
    assert refused.headers["RateLimit-Policy"] == f"{FEW};w=60"


def test_paths_that_nobody_serves_count_as_others(strict, address):
    replies = [strict.session.get(f"{strict.base}/nothing", headers=by(address)) for _ in range(FEW + 1)]
    assert [reply.status_code for reply in replies] == [404] * FEW + [429]


def test_handshakes_are_limited(hundredth, address, user):
    gateway, strict = hundredth

    def refusal(token):
        with pytest.raises(Refused) as refused:
            LiveSocket(f"{gateway.ws}/v2/ws?token={token}", by(address))
        return refused.value.status

    assert [refusal("nonsense") for _ in range(FEW + 1)] == [401] * FEW + [429]
    with LiveSocket(f"{gateway.ws}/v2/ws?token={user.token}", by(address)):
        use_up(lambda: strict.get(ME, token=user.token), FEW - 1)
    assert refusal(user.token) == 429


def test_pages_may_read_the_limits(suite, api):
    origin = suite.env["BASE"]
    exposed = api.get(ME, headers={"Origin": origin}).headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Retry-After", *HEADERS} <= set(exposed)


def test_without_limits_nothing_is_said_of_them(api, user):
    replies = [api.get(ME, token=user.token) for _ in range(3)]
    assert not any(name in reply.headers for reply in replies for name in HEADERS)


def test_refusals_are_counted(suite, usual, address):
    gateway, limited = usual
    def refusals():
        text = limited.session.get(f"{gateway.ops}/metrics").text
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith('ttb_rate_limited_total{class="login"}'))
    before = refusals()
    use_up(lambda: limited.post(LOGIN, {}, headers=by(address)), LOGINS)
    assert refusals() == before + 1


def test_the_429_of_a_service_is_passed_on(api, user, address):
    """Too many wrong passwords: auth says when to come again."""
    replies = [api.post(LOGIN, {"username": user.name, "password": "wrong one"}, headers=by(address)) for _ in range(8)]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused and refused[0].json() == TOO_MANY
    assert int(refused[0].headers["Retry-After"]) >= 1
