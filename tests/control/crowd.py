#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# A crowd of control clients who add and remove faults on relays under load: no request is stuck, nothing is left over, and on links that no fault
# touches not a byte is lost. CROWD_CLIENTS and CROWD_SECONDS make it larger; the suite has a small one.
import asyncio
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from house import *

CLIENTS = int(os.environ.get("CROWD_CLIENTS", "40"))
SECONDS = float(os.environ.get("CROWD_SECONDS", "2"))
RELAYS = 8
FAULTS = ["then delay data by 1..3ms", "then throttle data to 512 KiB/s", "then slice data into 100 bytes pieces",
          "then hold client data for 2ms", "for 50% of connections then delay server data by 2ms", "when client sends 100 KiB then wait for 1ms"]
end = 0.0
worst = 0.0
requests = 0


class Client:
    """One that keeps its connection."""

    def __init__(self, hangup):
        self.host, self.port = hangup.control.rsplit(":", 1)
        self.reader = None

    async def ask(self, method, path, body=None):
        global worst, requests
        begin = time.monotonic()
        status = await asyncio.wait_for(self.once(method, path, json.dumps(body).encode() if body else b""), LIMIT)
        worst = max(worst, time.monotonic() - begin)
        requests += 1
        return status

    async def once(self, method, path, body):
        if self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(self.host, int(self.port))
        self.writer.write(b"%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (method.encode(), path.encode(), len(body)) + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        if length:
            await self.reader.readexactly(length[0])
        return int(head.split()[1])


async def disturb(hangup, number):
    client, random_one = Client(hangup), random.Random(number)
    wrong = []
    while time.monotonic() < end:
        name = "/v1/rules/crowd-%d" % number
        wrong.append(await client.ask("PUT", name, {"rule": random_one.choice(FAULTS), "relay": "r%d" % random_one.randrange(RELAYS)}))
        if random_one.random() < 0.2:
            wrong.append(await client.ask("GET", random_one.choice(["/v1/links?limit=5", "/metrics", "/v1/rules"])))
        if random_one.random() < 0.1:
            wrong.append(await client.ask("PUT", "/v1/files/f%d" % number,
                                          {"text": "relay own-%d { listen 127.0.0.1:0 server 127.0.0.1:9 }" % number}))
            wrong.append(await client.ask("DELETE", "/v1/files/f%d" % number))
        removed = await client.ask("DELETE", name)
        wrong.append(200 if removed == 204 else removed)
    return [one for one in wrong if one not in (200, 204)]


async def echo(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except ConnectionError:
        pass
    writer.close()


async def talk(address, size):
    """Says pieces that only it can say, and hears each again."""
    host, port = address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    number = exchanged = 0
    while time.monotonic() < end:
        number += 1
        piece = (b"%08d" % number) * (size // 8)
        writer.write(piece)
        if await asyncio.wait_for(reader.readexactly(len(piece)), LIMIT) != piece:
            return -1
        exchanged += len(piece)
    writer.write_eof()
    if await asyncio.wait_for(reader.read(), LIMIT) != b"":
        return -1
    writer.close()
    return exchanged


def memory(hangup):
    with open("/proc/%d/status" % hangup.process.pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


async def run(hangup):
    global end
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    address = "127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    relays = [hangup.ask("POST", "/v1/relays", {"name": name, "listen": "127.0.0.1:0", "server": address})[1]["listen"]
              for name in ["calm"] + ["r%d" % one for one in range(RELAYS)]]
    end = time.monotonic() + SECONDS
    calm = [asyncio.create_task(talk(relays[0], 4096)) for _ in range(4)]
    busy = [asyncio.create_task(talk(relay, 2048)) for relay in relays[1:] for _ in range(2)]
    crowd = [asyncio.create_task(disturb(hangup, number)) for number in range(CLIENTS)]
    middle = asyncio.get_running_loop().call_later(SECONDS / 2, lambda: sizes.append(memory(hangup)))
    wrong = sum(await asyncio.gather(*crowd), [])
    same("each request is answered as it should", wrong, [])
    check("calm links lose nothing", min(await asyncio.gather(*calm)) > 0)
    check("disturbed ones neither", min(await asyncio.gather(*busy)) > 0)
    middle.cancel()
    server.close()


sizes = []
hangup = Hangup()
asyncio.run(run(hangup))
print("# %d clients, %d requests in %.0f s, the slowest took %.0f ms; memory half-way %d kB, at the end %d kB" % (
    CLIENTS, requests, SECONDS, worst * 1000, sizes[0], memory(hangup)))
same("no rule is left", hangup.get("/v1/rules"), [])
same("no file is left", hangup.get("/v1/files"), [])
same("no link is left", until(lambda: hangup.get("/v1/links") == [], "links"), True)
check("memory does not grow with the changes", memory(hangup) < 2 * sizes[0] + 20000, "%d kB, then %d kB" % (sizes[0], memory(hangup)))
same("it ends well", hangup.end(), 0)
finish()
