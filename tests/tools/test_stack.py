# SPDX-License-Identifier: MIT
"""tools/stack without its servers: what it keeps, and whom it takes for its own."""
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/stack.d"))

import parts  # noqa: E402
import place  # noqa: E402
import process  # noqa: E402


@pytest.fixture(autouse=True)
def no_shared_folder_left(tmp_path):
    """Where Postgres can't reach a test's folder, as in root's, the stack makes one in /var/tmp."""
    yield
    for note in tmp_path.parent.glob("*/shared-folder"):
        shutil.rmtree(note.read_text(), ignore_errors=True)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "STATE", tmp_path)
    place.Place({}).make_folders()
    return tmp_path


@pytest.fixture
def sleeper(state):
    """A process of the stack that only waits."""
    child = process.spawn(state, "auth", ["sleep", "60"], dict(os.environ))
    yield child
    child.kill()
    child.wait()


def loaded(environment):
    opened = place.Place(environment)
    opened.load_secrets()
    return opened.secrets


def run_stack(state, *arguments, **environment):
    return subprocess.run([ROOT / "tools/stack", *arguments], text=True, capture_output=True, check=False,
                          env={**os.environ, "TTB_STATE_DIR": str(state), **environment})


# ---- secrets ----

def test_secrets_are_random_kept_and_private(state, tmp_path_factory, monkeypatch):
    first = loaded({})
    assert loaded({}) == first
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE((state / "secrets").stat().st_mode) == 0o600
    monkeypatch.setattr(place, "STATE", tmp_path_factory.mktemp("other"))
    assert not set(first.values()) & set(loaded({}).values())


def test_secrets_that_are_there_are_not_written_again(state):
    """Two commands at once would else meet a file that is half written."""
    loaded({})
    before = (state / "secrets").stat().st_mtime_ns
    loaded({})
    assert (state / "secrets").stat().st_mtime_ns == before


def test_a_secret_from_the_environment_wins(state):
    first = loaded({})
    assert loaded({"ADMIN_API_KEY": "mine"}) == {**first, "ADMIN_API_KEY": "mine"}


def test_a_secret_comes_from_a_file_too(state):
    (state / "key").write_text("from a file\n")
    assert loaded({"JWT_SECRET_FILE": str(state / "key")})["JWT_SECRET"] == "from a file"


def test_nats_reads_no_password_as_a_number(state):
    assert all(value[0].isalpha() for value in loaded({}).values())


def test_a_daemon_gets_its_own_secrets_and_no_others(state):
    opened = place.Place({"JWT_SECRET": "of gateway and auth", "ADMIN_API_KEY": "of the gateway"})
    opened.load_secrets()
    environment = parts.Daemon(opened, "license").environment()
    own = {opened.secrets["NATS_PASSWORD_LICENSE"], opened.secrets["PG_PASSWORD_LICENSE"]}
    text = "\n".join(environment.values())
    assert {value for value in opened.secrets.values() if value in text} == own


def test_only_the_gateway_gets_the_previous_secret(state):
    opened = place.Place({"JWT_SECRET_PREVIOUS": "of the gateway"})
    opened.load_secrets()
    environments = {name: parts.Daemon(opened, name).environment() for name in place.DAEMONS}
    assert [name for name, values in environments.items() if values.get("JWT_SECRET_PREVIOUS")] == ["gateway"]
    assert "of the gateway" not in (state / "secrets").read_text()


def test_the_file_to_source_is_valid_shell(state):
    opened = place.Place({"ADMIN_API_KEY": "it's $HOME `id`"})
    opened.load_secrets()
    opened.write_env_file()
    shown = subprocess.run(["bash", "-c", '. "$1"; printf %s "$ADMIN_API_KEY"', "-", state / "env"],
                           capture_output=True, text=True, check=True)
    assert shown.stdout == "it's $HOME `id`"


# ---- processes ----

def test_a_process_is_found_until_it_ends(state, sleeper):
    assert process.find(state, "auth") == sleeper.pid
    sleeper.kill()
    assert process.wait_gone(state, "auth", 5)
    assert process.find(state, "auth") is None


def test_another_process_with_the_same_id_is_not_ours(state):
    (state / "pids/auth").write_text(str(os.getpid()))
    (state / "started/auth").write_text("1")
    assert process.find(state, "auth") is None
    assert process.stop(state, "auth", signal.SIGKILL, 1)


def test_who_does_not_stop_is_killed(state):
    child = process.spawn(state, "auth", ["bash", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"],
                          dict(os.environ))
    while "ready" not in (state / "logs/auth.log").read_text():
        pass
    assert not process.stop(state, "auth", signal.SIGTERM, 0.2)
    assert child.wait(5) == -signal.SIGKILL


# ---- the command ----

def test_a_taken_port_is_named_with_its_variable(state):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        media = parts.Daemon(place.Place({"TTB_MEDIA_PORT": str(port)}), "media")
        assert (port, "TTB_MEDIA_PORT") in parts.taken_ports(media.place, media)


def test_settings_of_the_start_hold_while_something_runs(state, sleeper):
    place.Place({"TTB_EDGE_PORT": "18080", "PBKDF2_ROUNDS": "1000"}).save_environment()
    assert place.open_place().ports["TTB_EDGE_PORT"] == 18080
    assert place.open_place().environment["PBKDF2_ROUNDS"] == "1000"
    sleeper.kill()
    assert process.wait_gone(state, "auth", 5)
    assert "PBKDF2_ROUNDS" not in place.open_place().environment


def test_without_binaries_it_says_what_to_do(tmp_path):
    done = run_stack(tmp_path, "up", TTB_PROFILE="nothing")
    assert done.returncode == 1
    assert "run make first" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["start"], ["up", "more"], ["kill", "auth", "HUP"]])
def test_a_wrong_command_line_shows_the_usage(tmp_path, arguments):
    done = run_stack(tmp_path, *arguments)
    assert done.returncode == 2
    assert "usage: stack up" in done.stderr


def test_down_of_nothing_is_fine(tmp_path):
    assert run_stack(tmp_path, "down").returncode == 0


def test_status_of_nothing_is_not_ready(tmp_path):
    done = run_stack(tmp_path, "status")
    assert done.returncode == 1
    assert "gateway   stopped" in done.stdout
