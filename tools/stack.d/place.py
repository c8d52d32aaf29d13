# SPDX-License-Identifier: MIT
"""Where a stack lives: its folder, ports, settings and secrets."""
import json
import os
import pathlib
import secrets
import shlex
import shutil
import subprocess
import urllib.parse

import process

UNIX_PATH_MAX = 107  # sun_path, less its NUL
ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = pathlib.Path(os.environ.get("TTB_STATE_DIR") or ROOT / "build/run").resolve()
SERVICES = ("auth", "license", "media", "events")
DAEMONS = ("gateway",) + SERVICES
PORTS = {
    "TTB_EDGE_PORT": 8080, "TTB_HTTP_PORT": 8000, "TTB_WS_PORT": 8001, "TTB_MEDIA_PORT": 8002,
    "TTB_OPS_PORT": 9100, "TTB_PG_PORT": 5439, "TTB_NATS_PORT": 4229, "TTB_SIM_PORT": 8090,
}
SECRETS = ["JWT_SECRET", "ADMIN_API_KEY", "WEB_ISSUE_API_KEY", "DEMO_PASSWORD",
           "PG_PASSWORD_SUPERUSER", *(f"PG_PASSWORD_{name.upper()}" for name in SERVICES),
           "NATS_PASSWORD_OPERATOR", *(f"NATS_PASSWORD_{name.upper()}" for name in DAEMONS)]
OPTIONAL_SECRETS = ["JWT_SECRET_PREVIOUS", "DATABASE_PASSWORD"]  # never made up, nor kept


def write_private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def unprivileged(user):
    """Arguments of subprocess that make root run a program as somebody else; others stay who they
    are."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


class Place:
    """Made by open_place. The environment is that of the start: while anything of the stack runs,
    its ports and settings hold for every command, unless the caller sets others."""

    def __init__(self, environment):
        self.environment = environment
        self.state = STATE
        self.bin = ROOT / "build" / environment.get("TTB_PROFILE", "release") / "bin"
        self.ports = {name: int(environment.get(name) or default) for name, default in PORTS.items()}
        self.base = self.url("TTB_EDGE_PORT")
        self.sim = "" if environment.get("SIGN_SERVER_URL") else self.url("TTB_SIM_PORT")
        self.secrets = {}

    def url(self, port, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.ports[port]}"

    def ops_port(self, daemon):
        return self.ports["TTB_OPS_PORT"] + DAEMONS.index(daemon)

    def database_url(self, role, secret):
        password, port = self.secrets[secret], self.ports["TTB_PG_PORT"]
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/ttboost"

    def postgres_socket_folder(self):
        """Where Postgres listens beside its port, cheaper by a tenth of a login; None where the path is too long for a
        socket."""
        folder = self.shared_folder("postgres") / "postgres-socket"
        if len(f"{folder}/.s.PGSQL.65535") > UNIX_PATH_MAX:
            return None
        folder.mkdir(mode=0o755, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        return folder

    def daemon_database_url(self, role):
        secret, folder = f"PG_PASSWORD_{role.upper()}", self.postgres_socket_folder()
        if not folder:
            return self.database_url(role, secret)
        host = urllib.parse.quote(str(folder), safe="")
        return f"postgresql://{role}:{self.secrets[secret]}@/ttboost?host={host}&port={self.ports['TTB_PG_PORT']}"

    def make_folders(self):
        for name in ("", "logs", "pids", "started"):
            (self.state / name).mkdir(parents=True, exist_ok=True)
        self.state.chmod(0o755)  # what is secret in it is so by its own mode

    def load_secrets(self):
        """Random on the first start and kept; one from the environment wins, and is kept too. They
        begin with a letter, since nats-server would read 1e5 as a number."""
        path = self.state / "secrets"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = dict(line.split("=", 1) for line in lines)
        for name in SECRETS:
            kept[name] = self.given(name) or kept.get(name) or "k" + secrets.token_hex(24)
        text = "".join(f"{name}={value}\n" for name, value in kept.items())
        if text.splitlines() != lines:  # else left alone: another command may read it now
            write_private(path, text)
        self.secrets = kept

    def given(self, name):
        file = self.environment.get(f"{name}_FILE")
        return pathlib.Path(file).read_text().rstrip("\n") if file else self.environment.get(name)

    def child_environment(self, **values):
        """The environment of a part: ours, without secrets, and the values that are its own."""
        drop = {name + ending for name in (*SECRETS, *OPTIONAL_SECRETS) for ending in ("", "_FILE")}
        kept = {name: value for name, value in self.environment.items() if name not in drop}
        return {**kept, **{name: str(value) for name, value in values.items()}}

    def save_environment(self):
        write_private(self.state / "environment", json.dumps(self.environment))

    def write_env_file(self, **more):
        """The file to source."""
        nats = self.url("TTB_NATS_PORT", "nats")
        values = {
            "TTB_STATE_DIR": str(self.state),
            "BASE": self.base,
            "GATEWAY_HTTP": self.url("TTB_HTTP_PORT"),
            "GATEWAY_WS": self.url("TTB_WS_PORT", "ws"),
            "MEDIA": self.url("TTB_MEDIA_PORT"),
            "ADMIN_API_KEY": self.secrets["ADMIN_API_KEY"],
            "WEB_ISSUE_API_KEY": self.secrets["WEB_ISSUE_API_KEY"],
            "JWT_SECRET": self.secrets["JWT_SECRET"],
            "DATABASE_URL": self.database_url("postgres", "PG_PASSWORD_SUPERUSER"),
            "NATS_URL": nats.replace("//", f"//operator:{self.secrets['NATS_PASSWORD_OPERATOR']}@"),
            "SIM_URL": self.sim,
            **more,
        }
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in values.items()]
        write_private(self.state / "env", "".join(lines))

    def shared_folder(self, user):
        """A folder that user can reach: the state folder, or, where that lies in somebody's private
        home, one in /var/tmp. It is noted in the state folder, for `clean`."""
        note = self.state / "shared-folder"
        if not note.exists():
            reached = subprocess.run(["test", "-x", self.state], **unprivileged(user), check=False)
            folder = self.state if reached.returncode == 0 else \
                pathlib.Path(f"/var/tmp/ttboost-{secrets.token_hex(4)}")
            folder.mkdir(mode=0o755, exist_ok=True)
            note.write_text(str(folder))
        return pathlib.Path(note.read_text())

    def clean(self):
        note = self.state / "shared-folder"
        if note.exists():
            shutil.rmtree(note.read_text(), ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)


def open_place():
    saved = STATE / "environment"
    anything_runs = any(process.find(STATE, path.name) for path in (STATE / "pids").glob("*"))
    kept = json.loads(saved.read_text()) if anything_runs and saved.exists() else {}
    return Place({**kept, **os.environ})
