# SPDX-License-Identifier: MIT
"""A service reaches its own schema and its own subjects only."""
import psycopg2
import pytest

from nats_client import NatsClient, NatsRefused

SERVICES = ("auth", "license", "media", "events")


@pytest.fixture
def as_role(suite):
    """A database connection with a service's role."""
    connections = []

    def connect(role):
        connections.append(psycopg2.connect(host="127.0.0.1", port=suite.ports["PG"], dbname="ttboost", user=role,
                                            password=suite.secret(f"PG_PASSWORD_{role.upper()}")))
        connections[-1].autocommit = True
        return connections[-1].cursor()

    yield connect
    for connection in connections:
        connection.close()


@pytest.fixture
def as_daemon(suite):
    """A NATS connection with a daemon's user."""
    clients = []

    def connect(user):
        clients.append(NatsClient(suite.ports["NATS"], user, suite.secret(f"NATS_PASSWORD_{user.upper()}")))
        return clients[-1]

    yield connect
    for client in clients:
        client.__exit__()


# ---- Postgres ----

def test_license_reads_its_own_tables(as_role):
    cursor = as_role("license")
    cursor.execute("select count(*) from license.plans")
    assert cursor.fetchone() == (5,)


@pytest.mark.parametrize("statement", [
    "select * from auth.users", "select count(*) from auth.sessions", "update auth.users set is_banned = true",
    "delete from auth.users", "create table auth.mine ()", "create table public.mine ()", "create schema mine",
    "set role auth", "set role postgres", "select pg_read_file('/etc/passwd')", "copy license.keys to program 'id'",
    "select usename, passwd from pg_shadow"])
def test_license_can_do_nothing_else(as_role, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_role("license").execute(statement)


@pytest.mark.parametrize("role", SERVICES)
def test_no_role_sees_anothers_tables(as_role, db, role):
    db.execute("""select schemaname, tablename from pg_tables
                  where schemaname in ('auth', 'license', 'media', 'events') and schemaname <> %s""", (role,))
    others = db.fetchall()
    assert others
    cursor = as_role(role)
    for schema, table in others:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f"select 1 from {schema}.{table}")


def test_a_role_needs_its_password(suite):
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host="127.0.0.1", port=suite.ports["PG"], dbname="ttboost", user="license", password="wrong")


# ---- NATS ----

def refused_publish(client, subject, reply=""):
    client.publish(subject, b"{}", reply)
    with pytest.raises(NatsRefused, match="(?i)permissions violation for publish"):
        client.flush()


@pytest.mark.parametrize("subject", [
    "rpc.auth.me", "rpc.auth.login", "rpc.license.bind", "rpc.events.watch", "rpc.media.speak", "live.somebody",
    "evt.auth.user_deleted", "_INBOX.gateway.x.1", "$JS.API.STREAM.DELETE.LIVE", "$JS.API.STREAM.PURGE.EVT",
    "$JS.API.STREAM.MSG.GET.EVT", "$JS.API.DIRECT.GET.EVT", "$JS.API.CONSUMER.CREATE.EVT", "$SYS.REQ.SERVER.PING"])
def test_license_cannot_publish_as_another(as_daemon, subject):
    refused_publish(as_daemon("license"), subject)


@pytest.mark.parametrize("subject", ["rpc.auth.>", "rpc.>", ">", "live.>", "_INBOX.>", "_INBOX.gateway.>", "evt.>", "$JS.>"])
def test_license_cannot_listen_to_others(as_daemon, subject):
    with pytest.raises(NatsRefused, match="(?i)permissions violation for subscription"):
        as_daemon("license").subscribe(subject)


@pytest.mark.parametrize("subject", ["evt.>", "evt.auth.*", "evt.auth.sessions_ended", "evt.license.>"])
def test_events_hears_of_settings_and_of_nothing_else_that_is_told(as_daemon, subject):
    client = as_daemon("events")
    client.subscribe("evt.auth.settings_changed")
    with pytest.raises(NatsRefused, match="(?i)permissions violation for subscription"):
        client.subscribe(subject)


@pytest.mark.parametrize("subject", ["news.>", "news.events.>", "news.events.triggers", "rpc.events.watch"])
def test_gateways_hear_what_is_watched_and_no_other_news_of_events(as_daemon, subject):
    client = as_daemon("gateway")
    client.subscribe("news.events.watching")
    with pytest.raises(NatsRefused, match="(?i)permissions violation for subscription"):
        client.subscribe(subject)


def test_license_may_serve_its_own_subjects(as_daemon):
    client = as_daemon("license")
    client.subscribe("rpc.license.nothing")
    client.subscribe("_INBOX.license.>")
    client.publish("evt.license.test", b"{}")
    client.flush()


@pytest.mark.parametrize("user,subject", [
    ("gateway", "live.somebody"), ("gateway", "news.events.watching"), ("auth", "news.events.watching"), ("gateway", "evt.auth.x"), ("gateway", "$JS.API.STREAM.DELETE.LIVE"),
    ("auth", "rpc.events.watch"), ("auth", "live.somebody"), ("media", "rpc.auth.me"), ("media", "live.somebody"),
    ("events", "rpc.license.bind"), ("events", "evt.auth.x")])
def test_what_other_daemons_may_not_publish(as_daemon, user, subject):
    refused_publish(as_daemon(user), subject)


# What each service has of the stream EVT.
CONSUMERS = {"auth": "auth-entitlements", "license": "license-user-deleted", "media": "media-user-deleted",
             "events": "events-user-deleted"}
CONSUMER_SUBJECTS = ("$JS.API.CONSUMER.INFO.EVT.{}", "$JS.API.CONSUMER.DURABLE.CREATE.EVT.{}",
                     "$JS.API.CONSUMER.MSG.NEXT.EVT.{}", "$JS.ACK.EVT.{}.1.1.1.1.0")


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_uses_its_own_consumer(as_daemon, user):
    client = as_daemon(user)
    client.subscribe(f"_INBOX.{user}.test.>")
    client.publish(f"$JS.API.CONSUMER.INFO.EVT.{CONSUMERS[user]}", b"", f"_INBOX.{user}.test.1")
    client.flush()


@pytest.mark.parametrize("subject", CONSUMER_SUBJECTS)
@pytest.mark.parametrize("user", ("gateway", *SERVICES))
def test_nobody_touches_anothers_consumer(as_daemon, user, subject):
    for consumer in {*CONSUMERS.values(), "license-other"} - {CONSUMERS.get(user)}:
        refused_publish(as_daemon(user), subject.format(consumer))
    refused_publish(as_daemon(user), "$JS.API.CONSUMER.DELETE.EVT." + CONSUMERS.get(user, "any"))


@pytest.mark.parametrize("user,password", [("license", "wrong"), ("nobody", ""), ("", "")])
def test_nats_needs_a_password(suite, user, password):
    with pytest.raises(NatsRefused, match="(?i)authorization violation"):
        NatsClient(suite.ports["NATS"], user, password)
