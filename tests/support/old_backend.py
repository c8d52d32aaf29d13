# SPDX-License-Identifier: MIT
"""A database in the form in which the old FastAPI backend left it, and the import commands run on it."""
import os
import re
import subprocess

import psycopg2

from suite import PROFILE, ROOT

COMMAND_SECONDS = 60

# Its hashes are of the passwords that stand beside them in the contract.
PBKDF2 = "$pbkdf2-sha256$29000$AAECAwQFBgcICQoLDA0ODw$3WmNBJLdF24fFFGCXt61dzHj97NhVRuW4bbJgdVJnA4"
PBKDF2_PASSWORD = "StrongPass123"
BCRYPT = "$2b$04$abcdefghijklmnopqrstuuToT0LAsoQ9PgZuCq77K74UDXwTR/yNa"
BCRYPT_PASSWORD = "supersecret"

TABLES = """
create table users (id text primary key, username text, password_hash text, created_at timestamp, tiktok_username text);
create table user_settings (user_id text, voice_id text, tts_enabled boolean, gift_sounds_enabled boolean,
                            tts_volume integer, gifts_volume integer);
create table license_keys (key text primary key, plan text, status text, issued_at timestamp, expires_at timestamp,
                           user_id text, max_devices integer, devices_bound integer);
create table web_purchases (order_id text primary key, email text, plan text, ttl_days integer, amount numeric(12, 2),
                            currency text, license_key text, created_at timestamp);
create table user_tiktok_accounts (user_id text, username text, created_at timestamp, last_used_at timestamp);
"""


class OldBackend:
    def __init__(self, suite, name, tables=TABLES):
        self.suite = suite
        self.name = name
        self.as_superuser(f"create database {name}")
        self.as_superuser(f"create role {name} login password 'old secret'")
        self.connection = psycopg2.connect(suite.env["DATABASE_URL"], dbname=name)
        self.connection.autocommit = True
        self.execute(tables)
        self.execute(f"grant select on all tables in schema public to {name}")

    def as_superuser(self, statement):
        """In the suite's own database."""
        connection = psycopg2.connect(self.suite.env["DATABASE_URL"])
        connection.autocommit = True
        connection.cursor().execute(statement)
        connection.close()

    def url(self, scheme):
        """For a role that may only read. SQLAlchemy names a driver in the scheme."""
        return f"{scheme}://{self.name}:old%20secret@127.0.0.1:{self.suite.ports['PG']}/{self.name}"

    def execute(self, statement, values=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)

    def insert(self, table, *rows):
        for row in rows:
            names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
            self.execute(f"insert into {table} ({names}) values ({marks})", list(row.values()))

    def run(self, service, old_url=None, command="import"):
        """Returns its exit code, output and errors."""
        password = self.suite.secret(f"PG_PASSWORD_{service.upper()}")
        place = f"127.0.0.1:{self.suite.ports['PG']}/ttboost"
        environment = {**os.environ, "JWT_SECRET": self.suite.env["JWT_SECRET"],
                       "DATABASE_URL": f"postgresql+asyncpg://{service}:{password}@{place}",
                       "OLD_DATABASE_URL": self.url("postgresql+psycopg") if old_url is None else old_url}
        done = subprocess.run([ROOT / f"build/{PROFILE}/bin/ttb-{service}", command], env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=COMMAND_SECONDS, check=False)
        return done.returncode, done.stdout, done.stderr

    def take(self, service):
        """Runs it through; returns its report."""
        code, out, errors = self.run(service)
        assert code == 0, errors
        return Report(out)

    def drop(self):
        self.connection.close()
        self.as_superuser(f"drop database {self.name}")
        self.as_superuser(f"drop role {self.name}")


class Report:
    """counts: of each table, (read, added, already there, skipped). remarks: its other lines."""

    def __init__(self, text):
        table, _, remarks = text.partition("\n\n")
        self.text = text
        self.counts = {line.split()[0]: tuple(int(number) for number in re.findall(r" (\d+)", line))
                       for line in table.splitlines()[1:]}
        self.remarks = remarks.splitlines()
