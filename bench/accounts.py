# SPDX-License-Identifier: MIT
"""Accounts: me, login, and both at once; memory."""
import os
import subprocess
import time

from harness import DAEMONS, ROOT, ROUNDS, SECONDS, Shares, rss_kib, sign_up, wrk


def me(stack):
    token = sign_up(stack, "bench.me")
    shares = Shares(stack)
    rate, p50, p99, bad = wrk(["-t1", "-c64", "-H", f"Authorization: Bearer {token}", f"{stack.GATEWAY_HTTP}/v2/auth/me"])
    print(f"me: {rate:.0f} requests/s at 64 connections, p50 {p50:.1f} ms, p99 {p99:.1f} ms, refused {bad}   (goal: 6,000/s, p99 30 ms)\n  {shares}, and wrk")


def pbkdf2_rate(seconds):
    command = [ROOT / "build/release/bin/bench-pbkdf2", str(ROUNDS), str(os.cpu_count()), str(seconds)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def login(stack):
    """The ceiling and the logins by turns, since a shared machine's speed changes from minute to minute."""
    users = 64  # one user's logins would queue for the lock on that user's row
    for i in range(users):
        sign_up(stack, f"bench.login.{i + 1}")
    script = stack.state / "login.lua"
    script.write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nlocal n = 0\n'
                      f'request = function()\n  n = n % {users} + 1\n'
                      '  return wrk.format(nil, nil, nil, \'{"username":"bench.login.\' .. n .. \'","password":"StrongPass123"}\')\nend\n')
    turns, seconds, used = 4, max(2, SECONDS // 2), []
    ceilings, runs = [pbkdf2_rate(seconds)], []
    for _ in range(turns):
        shares = Shares(stack)
        runs.append(wrk(["-t1", "-c64", f"{stack.GATEWAY_HTTP}/v2/auth/login"], str(script), seconds))
        used.append(str(shares))
        ceilings.append(pbkdf2_rate(seconds))
    ratios = sorted(100 * run[0] / ((ceilings[i] + ceilings[i + 1]) / 2) for i, run in enumerate(runs))
    print(f"login: {sum(run[0] for run in runs) / turns:.0f}/s with {ROUNDS} rounds, p50 {runs[-1][1]:.0f} ms, p99 {runs[-1][2]:.0f} ms, "
          f"refused {sum(run[3] for run in runs)}; PBKDF2 alone {sum(ceilings) / len(ceilings):.0f}/s: median {(ratios[1] + ratios[2]) / 2:.0f} % of it, "
          f"{ratios[0]:.0f} to {ratios[-1]:.0f}   (goal: 90 %)\n  {used[-1]}")
    token = sign_up(stack, "bench.me.meanwhile")
    flood = subprocess.Popen(["wrk", "-t1", "-c64", f"-d{SECONDS + 2}s", "-s", str(script), f"{stack.GATEWAY_HTTP}/v2/auth/login"], stdout=subprocess.DEVNULL)
    time.sleep(1)
    rate, p50, p99, bad = wrk(["-t1", "-c16", "-H", f"Authorization: Bearer {token}", f"{stack.GATEWAY_HTTP}/v2/auth/me"])
    flood.wait()
    print(f"me while 64 connections log in: {rate:.0f} requests/s at 16 connections, p50 {p50:.1f} ms, p99 {p99:.1f} ms, refused {bad}   (goal: p99 50 ms)")


def memory(stack):
    rss = {name: rss_kib(stack.pid(name)) / 1024 for name in DAEMONS}
    own = sum(rss_kib(stack.pid(name), "RssAnon") / 1024 for name in DAEMONS)
    print(f"memory: five daemons idle {sum(rss.values()):.1f} MiB RSS, of which {own:.1f} MiB their own   (goal: 60 MiB)\n  "
          + ", ".join(f"{name} {mib:.1f}" for name, mib in rss.items()))
