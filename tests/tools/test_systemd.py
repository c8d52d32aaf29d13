# SPDX-License-Identifier: MIT
"""make install, and what it installs: units, settings, nginx's site, the helpers around secrets."""
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / os.environ.get("TTB_PROFILE", "release") / "bin"
DAEMONS = ("gateway", "auth", "license", "media", "events")
UNITS = "usr/local/lib/systemd/system"
SHARE = "opt/ttboost/share/ttboost"
EXPOSURE_BELOW = 3.0


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def make(target, destdir):
    # With the flags of the make that runs the tests, lest all is built anew: MAKEFLAGS holds what it was told, but not what it chose.
    profile = [f"PROFILE={BIN.parent.name}"] if BIN.parent.name in ("release", "debug", "asan", "tsan") else []
    return run("make", "-C", ROOT, target, f"DESTDIR={destdir}", *profile)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    destdir = tmp_path_factory.mktemp("server")
    make("install", destdir)
    return destdir


@pytest.fixture(scope="module")
def units(installed, tmp_path_factory):
    """The units with paths that lead into DESTDIR, for systemd looks for what they start."""
    folder = tmp_path_factory.mktemp("units")
    shutil.copytree(installed / UNITS, folder, dirs_exist_ok=True)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace("/opt/ttboost/", f"{installed}/opt/ttboost/"))
    return folder


def analyze(units, *arguments):
    return run("systemd-analyze", *arguments, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:", "SYSTEMD_COLORS": "0"})


def all_services():
    return [f"ttboost-{name}{instance}.service" for name in DAEMONS for instance in ("", "@9111")] + ["nats-server.service"]


def test_systemd_finds_nothing_wrong_with_the_units(units):
    assert analyze(units, "verify", "ttboost.target", "postgresql@15-main.service", *all_services()) == ""


@pytest.mark.parametrize("service", all_services())
def test_a_service_is_little_exposed(units, service):
    report = analyze(units, "security", "--offline=true", "--no-pager", service)
    exposure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", report).group(1))
    assert exposure < EXPOSURE_BELOW, report


def settings_of(daemon):
    """With the <NAME>_FILE of secrets."""
    return set(re.findall(r"`([A-Z][A-Z0-9_]*)`", run(BIN / f"ttb-{daemon}", "--markdown-config")))


@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_unit_sets_what_its_daemon_knows(installed, daemon):
    text = (installed / UNITS / f"ttboost-{daemon}.service").read_text()
    lines = re.findall(r"^Environment=(\w+)=\S*$", text, re.MULTILINE)
    assert len(lines) == text.count("Environment=")
    assert set(lines) - settings_of(daemon) == set()


@pytest.mark.parametrize("daemon", DAEMONS)
def test_every_secret_that_a_unit_loads_is_one_that_is_made(installed, daemon, tmp_path):
    run(installed / SHARE / "make-secrets", tmp_path)
    text = (installed / UNITS / f"ttboost-{daemon}.service").read_text()
    loaded = re.findall(r"^LoadCredential=(\w+):/etc/ttboost/secrets/(\w+)$", text, re.MULTILINE)
    used = re.findall(r"^Environment=\w+_FILE=%d/(\w+)$", text, re.MULTILINE)
    assert sorted(name for name, _ in loaded) == sorted(used)
    assert all(name == file and (tmp_path / file).exists() for name, file in loaded)


def test_the_example_names_settings_that_some_daemon_knows(installed):
    text = (installed / "etc/ttboost/ttboost.env").read_text()
    names = set(re.findall(r"^(?:#|# )?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    assert "SERVER_HOST" in names
    assert names - set().union(*map(settings_of, DAEMONS)) == set()


def test_the_ports_are_those_that_the_operator_is_told(installed):
    ports = [re.search(r"OPS_PORT=(\S+)", (installed / UNITS / f"ttboost-{name}.service").read_text()).group(1) for name in DAEMONS]
    assert ports == ["9100", "9101", "9102", "9103", "9104"]
    replica = (installed / UNITS / "ttboost-auth@.service").read_text()
    assert "OPS_PORT=%i\n" in replica and "9101" not in replica


def test_install_keeps_what_the_operator_has_written_and_so_does_uninstall(tmp_path):
    make("install", tmp_path)
    own = [tmp_path / "etc/ttboost/ttboost.env", tmp_path / "etc/nginx/sites-available/ttboost.conf",
           tmp_path / "etc/ttboost/auth.env"]
    for path in own:
        path.write_text("mine\n")
    make("install", tmp_path)
    assert (tmp_path / "opt/ttboost/bin/ttb-auth").exists()
    make("uninstall", tmp_path)
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(own)
    assert all(path.read_text() == "mine\n" for path in own)


def test_nothing_that_is_installed_holds_a_placeholder(installed):
    found = [path for path in installed.rglob("*") if path.is_file() and re.search(rb"@[A-Z]+@", path.read_bytes())
             and path.parent.name != "bin"]
    assert found == []


def test_logrotate_takes_its_configuration(installed, tmp_path):
    state = tmp_path / "state"
    config = tmp_path / "ttboost"  # its owner and mode are checked
    shutil.copy(installed / "etc/logrotate.d/ttboost", config)
    config.chmod(0o644)
    assert "error" not in run("logrotate", "-d", "-s", state, config).lower()


def test_users_and_folders_are_such_as_systemd_takes(installed, tmp_path):
    """systemd-sysusers and systemd-tmpfiles make them in an empty root."""
    (tmp_path / "etc").mkdir()
    for name in "passwd", "group":
        shutil.copy(f"/etc/{name}", tmp_path / "etc" / name)
    run("systemd-sysusers", "--dry-run", f"--root={tmp_path}", installed / "usr/local/lib/sysusers.d/ttboost.conf")
    users = re.findall(r"^u (\S+)", (installed / "usr/local/lib/sysusers.d/ttboost.conf").read_text(), re.MULTILINE)
    assert users == [f"ttboost-{name}" for name in DAEMONS]
    lines = (installed / "usr/local/lib/tmpfiles.d/ttboost.conf").read_text()
    folders = dict(re.findall(r"^d (\S+)\s+(\d+)", lines, re.MULTILINE))
    assert folders == {"/etc/ttboost": "0755", "/etc/ttboost/secrets": "0700", "/var/ttboost": "0755",
                       "/var/ttboost/media": "0750", "/var/log/ttboost": "0750"}


def test_nginx_takes_the_site(installed, tmp_path):
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
        "-subj", "/CN=test", "-days", "1")
    site = (installed / "etc/nginx/sites-available/ttboost.conf").read_text()
    site = site.replace("/opt/ttboost/", f"{installed}/opt/ttboost/").replace("/var/log/nginx", str(tmp_path))
    site = re.sub(r"/etc/letsencrypt/live/[^/]+", str(tmp_path), site)
    # nginx -t opens what it would listen on, and a test may not open the real ports.
    site = re.sub(r"listen (\[::\]:)?(\d+)", lambda port: f"listen unix:{tmp_path}/{6 if port[1] else 4}.{port[2]}", site)
    (tmp_path / "nginx.conf").write_text(f"""
pid {tmp_path}/pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {tmp_path}/a; proxy_temp_path {tmp_path}/b; fastcgi_temp_path {tmp_path}/c;
    uwsgi_temp_path {tmp_path}/d; scgi_temp_path {tmp_path}/e;
    ssl_protocols TLSv1.2 TLSv1.3; # as Debian's nginx.conf
    {site.replace(chr(10), chr(10) + "    ")}
}}
""")
    report = run("/usr/sbin/nginx", "-t", "-p", tmp_path, "-e", "stderr", "-c", tmp_path / "nginx.conf")
    assert "[warn]" not in report and "[emerg]" not in report, report


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path):
    folder = tmp_path / "secrets"
    run(ROOT / "deploy/make-secrets", folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    written_by_hand = {"jwt_secret_previous", "sign_api_key", "tts_http_key"}
    for name, text in first.items():
        assert text == "" if name in written_by_hand else re.fullmatch(r"s[0-9a-f]{64}", text), name
    assert len(set(first.values())) == len(first) - len(written_by_hand) + 1

    (folder / "jwt_secret").unlink()
    (folder / "sign_api_key").write_text("theirs")
    assert run(ROOT / "deploy/make-secrets", folder) == "made jwt_secret\n"
    again = {path.name: path.read_text() for path in folder.iterdir()}
    assert again.pop("jwt_secret") != first.pop("jwt_secret")
    assert again == {**first, "sign_api_key": "theirs"}


def test_nats_gets_its_passwords_from_files(tmp_path):
    run(ROOT / "deploy/make-secrets", tmp_path)
    for end in "", "\n":
        (tmp_path / "nats_password_auth").write_text("a b$c" + end)
        shown = run(ROOT / "deploy/nats/with-passwords", tmp_path, "sh", "-c", 'printf "%s|%s" "$NATS_PASSWORD_AUTH" "$NATS_PASSWORD_OPERATOR"')
        assert shown == "a b$c|" + (tmp_path / "nats_password_operator").read_text()
    run(ROOT / "deploy/make-secrets", tmp_path)
    (tmp_path / "nats_password_auth").write_text("plain1")
    environment = {**os.environ, "NATS_HOST": "127.0.0.1", "NATS_PORT": "4222", "NATS_STORE": f'"{tmp_path}"'}
    run(ROOT / "deploy/nats/with-passwords", tmp_path, "nats-server", "-t", "-c", ROOT / "deploy/nats/nats-server.conf", env=environment)
    (tmp_path / "nats_password_auth").write_text("")
    assert subprocess.run([ROOT / "deploy/nats/with-passwords", tmp_path, "true"], check=False).returncode != 0


def test_the_database_is_prepared_with_passwords_from_files(tmp_path):
    """What psql gets; tests/integration runs init.sql itself."""
    run(ROOT / "deploy/make-secrets", tmp_path / "secrets")
    fake = tmp_path / "psql"
    fake.write_text('#!/bin/sh\necho "$PG_PASSWORD_AUTH $PG_PASSWORD_LICENSE $PG_PASSWORD_MEDIA $PG_PASSWORD_EVENTS $*"\n')
    fake.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PGUSER": "postgres"}
    shown = run(ROOT / "deploy/postgres/prepare", tmp_path / "secrets", env=environment).split()
    assert shown[:4] == [(tmp_path / "secrets" / f"pg_password_{role}").read_text() for role in DAEMONS[1:]]
    assert shown[-1] == str(ROOT / "deploy/postgres/init.sql")
