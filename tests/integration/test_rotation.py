# SPDX-License-Identifier: MIT
"""JWT_SECRET is changed on a running suite, step by step as docs/operations.md says. Afterwards the old one is back, since
other tests' tokens are of it."""
import pytest

from live import Refused
from load import Load

ME, LOGIN = "/v2/auth/me", "/v2/auth/login"
NEW = "n" * 48


def restart(suite, daemon, **secrets):
    """With these in its environment; an empty one is not there."""
    suite.environment.update(secrets)
    suite.stop_one(daemon)
    suite.start_one(daemon)


@pytest.fixture
def old(suite):
    """The secret that is in use before and after."""
    secret = suite.secret("JWT_SECRET")
    yield secret
    for daemon in ("gateway", "auth"):
        restart(suite, daemon, JWT_SECRET=secret, JWT_SECRET_PREVIOUS="")
    del suite.environment["JWT_SECRET"], suite.environment["JWT_SECRET_PREVIOUS"]


def sign_in(api, user):
    reply = api.post(LOGIN, {"username": user.name, "password": user.password})
    assert reply.status_code == 200
    return reply.json()["access_token"]


def assert_good(api, *tokens):
    assert [api.get(ME, token=token).status_code for token in tokens] == [200] * len(tokens)


def test_a_rotation_with_an_overlap_refuses_no_token_before_its_end(suite, api, user, connect, old):
    me = lambda: api.get(ME, token=user.token)  # noqa: E731
    with Load(me) as load:
        restart(suite, "gateway", JWT_SECRET=NEW, JWT_SECRET_PREVIOUS=old)
        between = sign_in(api, user)  # auth signs with the old one still
        assert_good(api, user.token, between)
        restart(suite, "auth")
        fresh = sign_in(api, user)
        assert_good(api, user.token, between, fresh)
        connect(user).wait("status")
    assert not load.failures, load.failures[:3]
    assert load.statuses() <= {200, 503}, "503 is what the edge says while the only gateway restarts"
    assert len(load.good()) > 0 and load.replies[-1].status_code == 200

    restart(suite, "gateway", JWT_SECRET_PREVIOUS="")
    assert_good(api, fresh)
    for token in (user.token, between):
        reply = api.get(ME, token=token)
        assert (reply.status_code, reply.json()) == (401, {"detail": "invalid token"})
    with pytest.raises(Refused) as refusal:
        connect(user)
    assert refusal.value.status == 401
