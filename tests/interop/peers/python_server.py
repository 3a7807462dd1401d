"""An echo server on Python's websockets.

    python_server.py PORT

The same behaviours and the same output as gorilla/echo_server/main.go, and `opened
EXTENSIONS` for every connection. What INTEROP_COMPRESSION may be is written in
python_compression.py.
"""

import asyncio
import contextlib
import sys

import websockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

import python_compression


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def echo_in_fragments(connection):
    async for message in connection:
        await connection.send(quarters(connection, message))


async def quarters(connection, message):
    step = -(-len(message) // 4)
    for start in range(0, len(message), step):
        if start > 0:
            await (await connection.ping("between"))
        yield message[start : start + step]


async def ping_first(connection):
    await (await connection.ping("are you there"))
    await connection.send("answered")
    await echo(connection)


async def close_first(connection):
    await connection.recv()
    await connection.close(4000, "bye")


BEHAVIOURS = {
    "/echo": echo,
    "/fragments": echo_in_fragments,
    "/ping": ping_first,
    "/close": close_first,
}


async def serve_one(connection):
    print("opened", python_compression.agreed(connection, "server"), flush=True)
    with contextlib.suppress(websockets.ConnectionClosed):
        await BEHAVIOURS[connection.path](connection)
    await connection.wait_closed()
    print("closed", connection.close_code, connection.close_reason, flush=True)


async def main(port):
    compression = python_compression.options(ServerPerMessageDeflateFactory)
    async with websockets.serve(
        serve_one, "127.0.0.1", port, subprotocols=["echo"], **compression
    ) as server:
        host, chosen = server.sockets[0].getsockname()
        print(f"listening {host}:{chosen}", flush=True)
        await asyncio.Future()


asyncio.run(main(int(sys.argv[1])))
