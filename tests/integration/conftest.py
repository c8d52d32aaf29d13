# SPDX-License-Identifier: MIT
"""One suite for all integration tests. A run fails, too, for what the suite says at its end (suite.py) and for
endpoints that no test has called."""
import itertools
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from api import Api  # noqa: E402
from events import Events  # noqa: E402
from live import LiveSocket, V1Socket  # noqa: E402
from nats_client import NatsClient  # noqa: E402
from sim import Sim  # noqa: E402
from suite import ROOT, Suite, wait_for  # noqa: E402

PASSWORD = "correct horse"
numbers = itertools.count(1)


def ran_everything(config, session):
    """Whether the whole folder was asked for, and every test of it."""
    files = {item.path for item in session.items}
    return files >= set(HERE.glob("test_*.py")) and not config.option.keyword and \
        not any("::" in argument for argument in config.args)


@pytest.fixture(scope="session")
def suite():
    suite = Suite()
    try:
        suite.start()
        yield suite
    finally:
        problems = suite.stop()
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture(scope="session")
def api(suite, request):
    """Speaks to the edge, as clients do."""
    api = Api(suite.env["BASE"], json.loads((ROOT / "build/gen/openapi.json").read_text()))
    yield api
    if ran_everything(request.config, request.session):
        assert not api.uncalled(), "no test calls these"


@pytest.fixture(scope="session")
def sim(suite):
    return Sim(suite.env["SIM_URL"])


@pytest.fixture(scope="session")
def admin(suite):
    """The headers of who may issue licences."""
    return {"Admin-Api-Key": suite.env["ADMIN_API_KEY"]}


@pytest.fixture(scope="session")
def web(suite):
    """The headers of the shop."""
    return {"Web-Api-Key": suite.env["WEB_ISSUE_API_KEY"]}


@pytest.fixture
def db(suite):
    """A superuser's connection."""
    connection = psycopg2.connect(suite.env["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


@pytest.fixture(autouse=True)
def forgiven(db):
    """All tests come from one address: the wrong passwords of one don't hold back the next."""
    db.execute("delete from auth.login_attempts")


@pytest.fixture
def nats(suite):
    """A connection that may do everything."""
    with NatsClient(suite.ports["NATS"], "operator", suite.secret("NATS_PASSWORD_OPERATOR")) as client:
        yield client


@pytest.fixture
def events(suite):
    """What services tell each other from now on."""
    with NatsClient(suite.ports["NATS"], "operator", suite.secret("NATS_PASSWORD_OPERATOR")) as client:
        yield Events(client)


@pytest.fixture
def name():
    """A user name that nobody has."""
    return f"user_{next(numbers)}"


@dataclass
class User:
    name: str
    token: str
    id: str
    password: str = PASSWORD


@pytest.fixture
def make_user(api):
    def make():
        who = {"username": f"user_{next(numbers)}", "password": PASSWORD}
        token = api.post("/v2/auth/register", who).json()["access_token"]
        return User(who["username"], token, api.get("/v2/auth/me", token=token).json()["id"])
    return make


@pytest.fixture
def user(make_user):
    return make_user()


@pytest.fixture
def make_key(api, admin):
    def make(plan="pro", ttl_days=None):
        return api.post("/v2/license/issue", {"plan": plan, "ttl_days": ttl_days}, headers=admin).json()["key"]
    return make


@pytest.fixture
def connect(suite):
    """Opens WebSockets of a user; at the end of the test they are closed, and their frames have been checked."""
    sockets = []

    def open_socket(user, query="", headers=None):
        base = suite.env["BASE"].replace("http", "ws")
        sockets.append(LiveSocket(f"{base}/v2/ws?token={user.token}{query}", headers))
        return sockets[-1]

    yield open_socket
    for socket in sockets:
        socket.close()
    for socket in sockets:
        socket.check()


@pytest.fixture
def connect_v1(suite):
    """Opens v1 sockets; at the end they are closed, and their frames have been checked."""
    opened = []

    def open_socket(token, query="", base=None, headers=None):
        base = base or suite.env["BASE"].replace("http", "ws")
        opened.append(V1Socket(f"{base}/ws/{token}{query}", headers))
        return opened[-1]

    yield open_socket
    for socket in opened:
        socket.close()
    for socket in opened:
        socket.check()


@pytest.fixture
def watch(connect, sim):
    """Opens a socket of a user and returns when the user's live is being watched."""
    def start(user, query=""):
        socket = connect(user, query)
        socket.wait("status", state="connected", connected=True, tiktok_username=user.name)
        wait_for(lambda: sim.room(user.name)["enters"], 10, "client in the room")
        return socket
    return start


@pytest.fixture
def asked(nats):
    """What gateways ask the events service for a user from now on: the next (verb, body); None when there is none in time."""
    nats.subscribe("rpc.events.*")

    def next_of(user_id, seconds=15):
        deadline = time.monotonic() + seconds
        while message := nats.read_one(deadline):
            if message != "PONG" and json.loads(message[2]).get("user_id") == user_id:
                return message[0].rsplit(".", 1)[1], json.loads(message[2])
        return None
    return next_of


@pytest.fixture
def tell(nats):
    """Sends a user an event as an events service does."""
    def send(user, text, id_, seq):
        event = {"type": "chat", "id": id_, "seq": seq, "ts": "2026-01-01T00:00:00.000Z", "user": "M", "username": "masha", "message": text}
        nats.publish(f"live.{user.id}", json.dumps(event).encode(), headers={"Nats-Msg-Id": f"{user.id}:{id_}"})
    return send


@pytest.fixture
def live(watch, user):
    """A socket of user, whose live is being watched."""
    return watch(user)


@pytest.fixture
def join(connect):
    """Opens one more socket of a user whose live is being watched, and returns when it is told so."""
    def start(user):
        socket = connect(user)
        socket.wait("status", state="connected", connected=True)
        return socket
    return start


@pytest.fixture
def expect_error(suite):
    """Lets a test say which errors in the logs are right: expect_error(pattern)."""
    return suite.expected_errors.append
