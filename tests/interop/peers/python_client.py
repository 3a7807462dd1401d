"""A client on Python's websockets that runs the interop checks.

    python_client.py URL CHECK...

Prints one line of JSON per check, {"check":…,"ok":true,"extensions":…} or
{"check":…,"error":…}. What each check means is written in ../checks.ts, and what
INTEROP_COMPRESSION may be in python_compression.py.
"""

import asyncio
import json
import random
import sys
from urllib.parse import urlsplit

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

import python_compression

PATIENCE = 10
UNICODE = "aß水🌊"
# As in exerciser.mjs.
SCRAMBLED = 100_000
JSON_SIZE = 1280


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


def scrambled():
    return "".join(random.Random(1).choices(UNICODE, k=SCRAMBLED))


def json_of(size):
    rows, length = [], 1
    while True:
        row = {"id": len(rows), "name": UNICODE, "value": len(rows) * 7919 % 1000}
        text = json.dumps(row, ensure_ascii=False)
        length += len(text.encode()) + 1
        if length > size:
            return f"[{','.join(rows)}]"
        rows.append(text)


async def json_text(connection, size):
    await echoes(connection, json_of(int(size)))


async def random_bytes(connection, size):
    await echoes(connection, random.Random(1).randbytes(int(size)))


async def far(connection, size):
    await echoes(connection, random.Random(1).randbytes(int(size)) * 4)


async def fragments(connection, kind):
    whole = scrambled() if kind == "text" else random.Random(1).randbytes(SCRAMBLED)
    step = SCRAMBLED // 4

    async def pieces():
        for start in range(0, SCRAMBLED, step):
            if start > 0:
                await ping(connection, None)
            yield whole[start : start + step]

    await connection.send(pieces())
    equal(await connection.recv(), whole, "the echo")


async def ping(connection, _):
    await (await connection.ping("round trip"))


async def subprotocol(connection, _):
    equal(connection.subprotocol, "echo", "the subprotocol")


async def all_echo(connection, messages):
    for message in messages:
        await connection.send(message)
    for message in messages:
        equal(await connection.recv(), message, "the echo")


async def burst(connection, count):
    await all_echo(connection, [str(number) for number in range(int(count))])


async def series(connection, count):
    kinds = [json_of(JSON_SIZE), json_of(60), "", random.Random(1).randbytes(300), "a"]
    await all_echo(connection, [kinds[i % len(kinds)] for i in range(int(count))])


async def close(connection, code):
    await connection.close(int(code), "the check is over")
    equal(connection.close_code, int(code), "close code")


async def served(connection, behaviour):
    if behaviour == "fragments":
        await echoes(connection, scrambled())
    elif behaviour == "mixed":
        for _ in range(5):
            await echoes(connection, json_of(JSON_SIZE))
            await echoes(connection, json_of(JSON_SIZE).encode())
    elif behaviour == "ping":
        equal(await connection.recv(), "answered", "message")
    elif behaviour == "close":
        await connection.send("close, please")
        await connection.wait_closed()
        equal(connection.close_code, 4000, "close code")


CHECKS = {
    "text": text,
    "binary": binary,
    "unicode": unicode,
    "json": json_text,
    "random": random_bytes,
    "far": far,
    "fragments": fragments,
    "ping": ping,
    "subprotocol": subprotocol,
    "burst": burst,
    "series": series,
    "close": close,
    "served": served,
}


async def run(url, spec):
    name, _, argument = spec.partition(" ")
    target = urlsplit(url)._replace(path=f"/{argument}").geturl() if name == "served" else url
    offered = ["unknown", "echo"] if name == "subprotocol" else None
    compression = python_compression.options(ClientPerMessageDeflateFactory)
    connection = await websockets.connect(target, subprotocols=offered, **compression)
    try:
        await CHECKS[name](connection, argument)
        if connection.open:
            await close(connection, 1000)
    finally:
        # After a failure, messages that nobody reads would hold up the closing handshake.
        connection.transport.abort()
    return python_compression.agreed(connection, "client")


async def main(url, specs):
    for spec in specs:
        row = {"check": spec}
        try:
            row["extensions"] = await asyncio.wait_for(run(url, spec), PATIENCE)
            row["ok"] = True
        except Exception as error:
            row["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps(row), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2:]))
