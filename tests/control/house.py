# SPDX-License-Identifier: BSD-2-Clause
# What the tests of the control side share: a hangup that is driven by HTTP, applications that are sockets of this process, and checks that say
# which they are. Nothing sleeps where it can wait; nothing depends on a fixed port.
import atexit
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIMIT = float(os.environ.get("CONTROL_LIMIT", "30"))  # s: as long as anything may take before it counts as hanging
HANGUP = os.environ.get("HANGUP", os.path.join(os.getcwd(), "hangup"))
failures = 0


def check(name, holds, what=""):
    global failures
    if holds:
        print("ok", name)
    else:
        failures += 1
        print("not ok", name, what)
    sys.stdout.flush()


def same(name, got, wanted):
    check(name, got == wanted, "got %r, wanted %r" % (got, wanted))


def until(condition, name):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    check(name, False, "it never came")
    return None


class Echo:
    """A server that is this process: the test accepts, and talks by hand."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.socket.settimeout(LIMIT)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def accept(self):
        peer = self.socket.accept()[0]
        peer.settimeout(LIMIT)
        return peer


def connect(address):
    host, port = address.rsplit(":", 1)
    peer = socket.create_connection((host.strip("[]"), int(port)), timeout=LIMIT)
    peer.settimeout(LIMIT)
    return peer


def read(peer, count):
    data = b""
    while len(data) < count:
        piece = peer.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def ending(peer):
    """How it ends, once all that is left was read: "fin" or "rst"."""
    try:
        while peer.recv(65536):
            pass
        return "fin"
    except ConnectionResetError:
        return "rst"


def is_silent(peer, seconds=0.05):
    return not select.select([peer], [], [], seconds)[0]


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=LIMIT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(LIMIT)
        self.sock.connect(self.path)


class Hangup:
    def __init__(self, *arguments, command="serve", control="127.0.0.1:0", limits=None):
        self.error = tempfile.TemporaryFile()
        ready, inner = os.pipe()
        os.set_inheritable(inner, True)
        self.process = subprocess.Popen(
            [HANGUP, command, "--connect", "late", "--control", control, "--ready-fd", str(inner),
             *os.environ.get("CONTROL_ARGUMENTS", "").split(), *arguments],
            stderr=self.error, pass_fds=[inner], preexec_fn=limits)
        atexit.register(self.process.kill)
        os.close(inner)
        with os.fdopen(ready) as lines:
            self.ready = dict(line.strip().split("=", 1) for line in lines)
        self.control = self.ready.get("control")
        self.token = None

    def connection(self):
        if self.control.startswith("unix:"):
            return Unix(self.control[5:])
        host, port = self.control.rsplit(":", 1)
        return http.client.HTTPConnection(host, int(port), timeout=LIMIT)

    def ask(self, method, path, body=None, headers=None):
        """Status, and what the answer says: parsed if it is JSON."""
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        connection = self.connection()
        connection.request(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.getheader("Content-Type", "").startswith("application/json"):
            return answer.status, json.loads(text)
        return answer.status, text

    def get(self, path):
        return self.ask("GET", path)[1]

    def log(self):
        self.error.seek(0)
        return self.error.read().decode()

    def end(self):
        """Ends it as a user does, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            check("it ends", False)
            code = None
        log = self.log()
        if "Sanitizer" in log or "runtime error" in log:
            check("no sanitizer has found something", False, log)
        return code


def finish():
    sys.exit(1 if failures else 0)
