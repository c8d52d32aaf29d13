# SPDX-License-Identifier: MIT
"""DATABASE_PASSWORD: wherever a daemon opens its own database, the password may stand beside the URL instead of in it."""
import os
import subprocess
import urllib.request

import pytest

from suite import PROFILE, ROOT, free_ports, wait_for

CONFIG_ERROR = "DATABASE_PASSWORD: DATABASE_URL has a password, too"
READY_S = 15


@pytest.fixture
def settings(suite):
    """Of a daemon, whose URL has no password."""
    def make(service, **more):
        return {**os.environ, "JWT_SECRET": suite.secret("JWT_SECRET"), "MEDIA_ROOT": str(suite.state / "media"),
                "DATABASE_URL": f"postgresql://{service}@127.0.0.1:{suite.ports['PG']}/ttboost",
                "NATS_URL": f"nats://127.0.0.1:{suite.ports['NATS']}", "NATS_USER": service,
                "NATS_PASSWORD": suite.secret(f"NATS_PASSWORD_{service.upper()}"), **more}
    return make


@pytest.fixture
def password(suite):
    return lambda service: suite.secret(f"PG_PASSWORD_{service.upper()}")


def run(service, environment, *arguments):
    return subprocess.run([ROOT / "build" / PROFILE / f"bin/ttb-{service}", *arguments], env=environment, text=True,
                          capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize("service", ["auth", "license", "media", "events"])
def test_migrations_take_the_password_from_beside_the_url(settings, password, service):
    done = run(service, settings(service, DATABASE_PASSWORD=password(service)), "--migrate-only")
    assert done.returncode == 0, done.stderr


def test_commands_take_it_too(suite, settings, password, user):
    """From a file, as secrets may be."""
    file = suite.state / "auth-password"
    file.write_text(password("auth") + "\n")
    done = run("auth", settings("auth", DATABASE_PASSWORD_FILE=str(file)), "grant", user.name, "support")
    assert (done.returncode, done.stdout) == (0, f"{user.name} has the role support now\n"), done.stderr
    done = run("media", settings("media", DATABASE_PASSWORD=password("media")), "sweep")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("service", ["auth", "license"])
def test_an_import_takes_it_for_our_database(suite, settings, password, service):
    environment = settings(service, DATABASE_PASSWORD=password(service), OLD_DATABASE_URL=suite.env["DATABASE_URL"])
    done = run(service, environment, "import")
    assert done.returncode == 0, done.stderr
    assert "is not in the old database" in done.stdout


@pytest.mark.parametrize("service,more", [("license", {"WEB_ALLOWED_PLANS": "pro,duo"}), ("auth", {}), ("events", {})])
def test_a_daemon_serves_with_it(suite, settings, password, service, more):
    port = free_ports(1)
    environment = settings(service, DATABASE_PASSWORD=password(service), OPS_PORT=str(port), **more)
    with open(suite.state / "logs" / f"{service}-beside.log", "w") as log:
        process = subprocess.Popen([ROOT / "build" / PROFILE / f"bin/ttb-{service}"], env=environment, stderr=log)

    def is_ready():
        assert process.poll() is None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as reply:
                return reply.status == 200
        except OSError:
            return False

    try:
        wait_for(is_ready, READY_S, f"ready {service}")
    finally:
        process.terminate()
    assert process.wait(READY_S) == 0


def test_without_it_or_with_another_one_nobody_gets_in(settings, user):
    for more in ({}, {"DATABASE_PASSWORD": "another"}):
        with pytest.raises(subprocess.TimeoutExpired) as waiting:  # for the server that may come
            subprocess.run([ROOT / "build" / PROFILE / "bin/ttb-auth", "ban", user.name], env=settings("auth", **more),
                           capture_output=True, timeout=1, check=False)
        assert b"password" in waiting.value.stderr


def test_two_passwords_are_a_configuration_error(suite, settings):
    url = f"postgresql://license:first@127.0.0.1:{suite.ports['PG']}/ttboost"
    done = run("license", settings("license", DATABASE_URL=url, DATABASE_PASSWORD="second"), "--check-config")
    assert done.returncode != 0 and CONFIG_ERROR in done.stderr
    assert "first" not in done.stderr and "second" not in done.stderr


def test_it_is_masked_where_the_configuration_is_shown(settings):
    done = run("license", settings("license", DATABASE_PASSWORD="unmistakable"), "--print-config")
    assert done.returncode == 0 and "DATABASE_PASSWORD=***\n" in done.stdout
    assert "unmistakable" not in done.stdout + done.stderr
