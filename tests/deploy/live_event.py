#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Waits for a chat of the live on a WebSocket, and shows it: live_event.py STATE [SECONDS]"""
import asyncio
import json
import ssl
import sys

import websockets


async def wait_for_chat(state, seconds):
    tls = ssl.create_default_context(cafile=state["authority"])
    address = f"{state['base'].replace('http', 'ws', 1)}/v2/ws?token={state['token']}"
    async with websockets.connect(address, ssl=tls) as socket:
        async with asyncio.timeout(seconds):
            async for text in socket:
                if json.loads(text)["type"] == "chat":
                    return text


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(asyncio.run(wait_for_chat(json.load(file), float(sys.argv[2] if len(sys.argv) > 2 else 60))))
