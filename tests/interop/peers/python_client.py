"""A client on Python's websockets that runs the interop checks.

    python_client.py URL CHECK...

Prints one line of JSON per check, {"check":…,"ok":true} or {"check":…,"error":…}.
What each check means is written in ../checks.ts.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

import websockets

PATIENCE = 10
UNICODE = "aß水🌊"


def equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"expected {what} {str(expected):.40}, got {str(actual):.40}")


async def echoes(connection, message):
    await connection.send(message)
    equal(await connection.recv(), message, "the echo")


async def text(connection, size):
    letters = "abcdefghijklmnopqrstuvwxyz"
    await echoes(connection, (letters * (int(size) // 26 + 1))[: int(size)])


async def binary(connection, size):
    await echoes(connection, bytes(i * 7 & 255 for i in range(int(size))))


async def unicode(connection, _):
    await echoes(connection, UNICODE)


async def fragments(connection, kind):
    pieces = [UNICODE, UNICODE[::-1], UNICODE]
    if kind == "binary":
        pieces = [piece.encode() for piece in pieces]
    await connection.send(pieces)
    equal(await connection.recv(), pieces[0][:0].join(pieces), "the echo")


async def ping(connection, _):
    await (await connection.ping("round trip"))


async def subprotocol(connection, _):
    equal(connection.subprotocol, "echo", "the subprotocol")


async def burst(connection, count):
    messages = [str(number) for number in range(int(count))]
    for message in messages:
        await connection.send(message)
    equal([await connection.recv() for _ in messages], messages, "messages")


async def close(connection, code):
    await connection.close(int(code), "the check is over")
    equal(connection.close_code, int(code), "close code")


async def served(connection, behaviour):
    if behaviour == "fragments":
        await echoes(connection, UNICODE * 50)
    elif behaviour == "ping":
        equal(await connection.recv(), "answered", "message")
    elif behaviour == "close":
        await connection.send("close, please")
        await connection.wait_closed()
        equal(connection.close_code, 4000, "close code")


CHECKS = (text, binary, unicode, fragments, ping, subprotocol, burst, close, served)
BY_NAME = {check.__name__: check for check in CHECKS}


async def run(url, spec):
    name, _, argument = spec.partition(" ")
    target = urlsplit(url)._replace(path=f"/{argument}").geturl() if name == "served" else url
    offered = ["unknown", "echo"] if name == "subprotocol" else None
    connection = await websockets.connect(target, subprotocols=offered)
    try:
        await BY_NAME[name](connection, argument)
        if connection.open:
            await close(connection, 1000)
    finally:
        await connection.close()


async def main(url, specs):
    for spec in specs:
        row = {"check": spec}
        try:
            await asyncio.wait_for(run(url, spec), PATIENCE)
            row["ok"] = True
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(row), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
