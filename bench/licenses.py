# SPDX-License-Identifier: MIT
"""Licences, beside what Postgres alone makes."""
import pathlib
import re
import subprocess

from harness import SECONDS, Shares, post, wrk


def license(stack):
    """Against pgbench with the statement that the service runs, on the same server; the text is read from the service's own connections."""
    admin = {"Admin-Api-Key": stack.ADMIN_API_KEY}
    key = post(f"{stack.BASE}/v2/license/issue", {"plan": "pro"}, admin)["key"]
    check = stack.state / "check.lua"
    check.write_text(f'request = function() return wrk.format("GET", "/v2/license/check?key={key}") end\n')
    issue = stack.state / "issue.lua"
    issue.write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                     f'wrk.headers["Admin-Api-Key"] = "{stack.ADMIN_API_KEY}"\nwrk.body = \'{{"plan":"pro"}}\'\n')
    for name, script, path, mark, values, goal in (
            ("check", check, "check", "from license.keys", {1: f"'{key}'"}, 40),
            ("issue", issue, "issue", "insert into license.keys", {1: "'admin'", 2: "'127.0.0.1'", 3: "array[(:number)::text]", 4: "'pro'", 5: "30"}, 30)):
        shares = Shares(stack)
        rate, p50, p99, bad = wrk(["-t1", "-c64", f"{stack.GATEWAY_HTTP}/v2/license/{path}"], str(script))
        used = str(shares)
        statement = last_statement(stack, mark)
        alone, prepared = (pgbench_rate(stack, statement, values, mode) for mode in ("simple", "prepared"))
        print(f"license {name}: {rate:.0f} requests/s at 64 connections, p50 {p50:.1f} ms, p99 {p99:.1f} ms, refused {bad}; "
              f"pgbench with the same statement at 64 connections {alone:.0f}/s: {100 * rate / alone:.0f} %   (goal: {goal} %); "
              f"prepared {prepared:.0f}/s: {100 * rate / prepared:.0f} %\n  {used}, and wrk")


def last_statement(stack, mark):
    query = f"select query from pg_stat_activity where usename = 'license' and query like '%{mark}%' limit 1"
    return subprocess.run(["psql", "-qXAt", stack.DATABASE_URL, "-c", query], capture_output=True, text=True, check=True).stdout.strip()


def pgbench_rate(stack, statement, values, mode):
    """Statements a second at 64 connections; mode is pgbench's way to send them: simple is its own default."""
    script = stack.state / "pgbench.sql"
    text = re.sub(r"'([^']*HH24:[^']*)'", lambda quoted: "E'" + quoted[1].replace(":", r"\x3a") + "'", statement)  # :MI is a variable to pgbench
    text = re.sub(r"\$(\d+)", lambda n: values[int(n[1])], text).replace("\n", " ")
    script.write_text(f"\\set number random(1, 1000000000000000)\n{text};\n")
    command = [max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench")), "-n", "-M", mode, "-c", "64", "-j", "2", "-T", str(SECONDS),
               "-f", script, stack.DATABASE_URL]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"^tps = ([\d.]+)", out, re.MULTILINE)[1])
