"""An echo server on Python's websockets.

    python_server.py PORT

The same behaviours and the same output as gorilla/echo_server/main.go.
"""

import asyncio
import contextlib
import sys

import websockets


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def echo_in_fragments(connection):
    async for message in connection:
        await connection.send([message[i : i + 20] for i in range(0, len(message), 20)])


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
    with contextlib.suppress(websockets.ConnectionClosed):
        await BEHAVIOURS[connection.path](connection)
    await connection.wait_closed()
    print("closed", connection.close_code, connection.close_reason, flush=True)


async def main(port):
    async with websockets.serve(serve_one, "127.0.0.1", port, subprotocols=["echo"]) as server:
        host, chosen = server.sockets[0].getsockname()
        print(f"listening {host}:{chosen}", flush=True)
        await asyncio.Future()


asyncio.run(main(int(sys.argv[1])))
