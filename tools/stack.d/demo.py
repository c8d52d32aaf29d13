# SPDX-License-Identifier: MIT
"""An account with a licence to play with, and what one can try with it."""
import json
import urllib.error
import urllib.request

from process import Failure

USERNAME = "demo_streamer"


def post(place, path, body, headers=None):
    request = urllib.request.Request(
        f"{place.base}{path}", json.dumps(body).encode(),
        {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def sign_in(place):
    """A token of the demo user; on the first start that takes a licence."""
    who = {"username": USERNAME, "password": place.secrets["DEMO_PASSWORD"]}
    status, reply = post(place, "/v2/auth/login", who)
    if status == 401:
        admin = {"Admin-Api-Key": place.secrets["ADMIN_API_KEY"]}
        status, reply = post(place, "/v2/license/issue", {"plan": "pro", "ttl_days": 365}, admin)
        if status == 200:
            redeem = {**who, "license_key": reply["key"]}
            status, reply = post(place, "/v2/auth/redeem-license", redeem)
    if status != 200:
        raise Failure(f"the demo account {USERNAME} can't be signed in: {status} {reply}")
    return reply["access_token"]


def explanation(place, token):
    socket_url = f"{place.base.replace('http', 'ws', 1)}/v2/ws?token={token}"
    return f"""
The suite is up; `. {place.state}/env` sets its addresses and keys.

  the API      {place.base}/docs
  health       {place.base}/health
  signed in    {USERNAME}, password {place.secrets['DEMO_PASSWORD']}

Try:

  curl -H 'Authorization: Bearer {token}' {place.base}/v2/auth/me

  npx wscat -c '{socket_url}'

or, without npm:

  /usr/bin/python3 -m websockets '{socket_url}'
"""
