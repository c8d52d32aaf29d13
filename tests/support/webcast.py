# SPDX-License-Identifier: MIT
"""Frames as TikTok sends them, made by hand, to break them: proto/webcast.proto, PushFrame."""
import gzip

FRAME_LOG_ID, FRAME_HEADERS, FRAME_ENCODING, FRAME_TYPE, FRAME_PAYLOAD = 2, 5, 6, 7, 8
BOMB_BYTES = 64 * 1024 * 1024


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def number_field(number, value):
    return varint(number << 3) + varint(value)


def bytes_field(number, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def gzip_frame(payload):
    """A "msg" frame that says that its payload is gzip."""
    header = bytes_field(1, "compress_type") + bytes_field(2, "gzip")
    return (number_field(FRAME_LOG_ID, 1) + bytes_field(FRAME_HEADERS, header) + bytes_field(FRAME_ENCODING, "pb")
            + bytes_field(FRAME_TYPE, "msg") + bytes_field(FRAME_PAYLOAD, payload))


BAD_FRAMES = {
    "garbage": b"\xff\xfe\xfd" * 100,
    "empty": b"\x0a",
    "truncated gzip": gzip_frame(gzip.compress(bytes(5000) + b"end")[:-12]),
    "gzip of garbage": gzip_frame(gzip.compress(b"\xff" * 1000)),
    "garbage called gzip": gzip_frame(b"\x1f\x8b\x08" + b"\xa5" * 300),
    "gzip bomb": gzip_frame(gzip.compress(bytes(BOMB_BYTES))),
}
