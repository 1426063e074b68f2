# SPDX-License-Identifier: BSD-2-Clause
"""One measurement: a new network, a server, a relay, the load generator's client, and what the relay cost meanwhile. Called by
bench."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

from benching import namespace, relays, usage

LIMIT = 15  # seconds for anything that has to come


class Failed(Exception):
    """This measurement has no figure; says why."""


def end_on_signals():
    """What was started is ended, however this program is."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


class Stage:
    """The processes of one measurement, all ended at its end."""

    def __init__(self, load):
        self.load = load
        self.started = []
        self.folder = tempfile.TemporaryDirectory(prefix="hangup-bench.")

    def __enter__(self):
        namespace.fresh()
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            for pid in reversed(usage.family(process.pid)):
                try:
                    os.kill(pid, 15)
                except ProcessLookupError:
                    pass
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.folder.cleanup()

    def start(self, name, command, **options):
        with open(os.path.join(self.folder.name, name + ".err"), "w") as errors:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, text=True, **options)
        self.started.append(process)
        return process

    def errors(self, name):
        with open(os.path.join(self.folder.name, name + ".err")) as file:
            return " ".join(file.read().split())[-300:]

    def start_server(self):
        return self.start("server", [self.load, "serve"], stdout=subprocess.PIPE).stdout.readline().strip()

    def start_relay(self, relay, server):
        """Its process, and the seconds until it listens."""
        begun = time.monotonic()
        process = self.start("relay", relay.command(self.folder.name, server), stdout=subprocess.DEVNULL)
        while not namespace.is_listening(relays.PORT):
            if process.poll() is not None:
                raise Failed(f"it did not start: {self.errors('relay')}")
            if time.monotonic() > begun + LIMIT:
                raise Failed(f"it does not listen after {LIMIT} s")
            time.sleep(0.002)
        return process, time.monotonic() - begun

    def start_client(self, measure, relay, seconds, address):
        options = ["-n", str(relay.most_links)] if measure.key == "idle" else ["-t", str(seconds)]
        return self.start("client", [self.load, *measure.load, *options, address], stdout=subprocess.PIPE)

    def hear(self, client, seconds):
        """What the client measured; it may still run (idle)."""
        if not select.select([client.stdout], [], [], seconds + LIMIT)[0]:
            raise Failed(f"no end after {seconds + LIMIT:.0f} s")
        line = client.stdout.readline()
        if not line.strip():
            raise Failed(self.errors("client") or self.errors("relay") or "it said nothing")
        return json.loads(line)


def measure_once(load, measure, relay, seconds):
    """The figures of one measurement by their keys."""
    with Stage(load) as stage:
        server = stage.start_server()
        process, start = stage.start_relay(relay, server) if relay.command else (None, 0)
        cpu_before, memory_before = (usage.cpu(process.pid), usage.memory(process.pid)) if process else (0, 0)
        client = stage.start_client(measure, relay, seconds, relays.ADDRESS if process else server)
        said = stage.hear(client, seconds)
        said["start"] = start
        said["memory"] = usage.memory(process.pid) - memory_before if process else 0
        cpu = usage.cpu(process.pid) - cpu_before if process else 0
        if process and process.poll() is not None:
            raise Failed(f"it ended: {stage.errors('relay')}")
        try:
            return {figure.key: figure.value(said, cpu) for figure in measure.figures if process or not figure.of_relay}
        except ZeroDivisionError:
            raise Failed(f"nothing came through in {seconds:g} s")
