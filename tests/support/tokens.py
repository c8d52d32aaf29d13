# SPDX-License-Identifier: MIT
"""Makes JSON Web Tokens, right and wrong ones."""
import base64
import hashlib
import hmac
import json

HEADER = {"alg": "HS256", "typ": "JWT"}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def make_token(secret, claims, header=None):
    """header: an object, or the bytes themselves."""
    header = HEADER if header is None else header
    if not isinstance(header, bytes):
        header = json.dumps(header, separators=(",", ":")).encode()
    text = f"{encode(header)}.{encode(json.dumps(claims).encode())}"
    digest = hashlib.sha512 if b"HS512" in header else hashlib.sha256
    return f"{text}.{encode(hmac.new(secret.encode(), text.encode(), digest).digest())}"


def read_claims(token):
    return decode(token.split(".")[1])
