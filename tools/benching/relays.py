# SPDX-License-Identifier: BSD-2-Clause
"""What is measured: hangup, as it comes and with rules, the other relays that Debian has, and one that does nothing but move bytes. How
each is started so that it listens on PORT and connects to a server. One process and one thread each (socat: one for each connection), as
an administrator who wants speed would set them. Called by run.py."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Callable

PORT = 7000
ADDRESS = f"127.0.0.1:{PORT}"
NGINX_STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"
MANY_RULES = 10000


@dataclass
class Relay:
    key: str
    title: str
    command: Callable  # of (folder for its files, the server's address): its argument list
    missing: Callable = lambda: None  # what has to be done to have it here, or None
    version: list = field(default_factory=list)  # a command that says which it is
    most_links: int = 5000  # how many idle links it is asked to keep


def written(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def needs(program, package):
    return lambda: None if shutil.which(program) else f"apt-get install {package}"


def needs_nginx():
    return None if shutil.which("nginx") and os.path.exists(NGINX_STREAM) else "apt-get install nginx-light libnginx-mod-stream"


def haproxy(option):
    def command(folder, server):
        return ["haproxy", "-db", "-f", written(folder, "haproxy.cfg", f"""
global
    nbthread 1
    maxconn 6000
    tune.pipesize 524288
    tune.maxaccept 100
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
    {option}
listen relay
    bind {ADDRESS} backlog 4096
    server server {server}
""")]
    return command


def nginx(folder, server):
    return ["nginx", "-p", folder, "-e", "stderr", "-c", written(folder, "nginx.conf", f"""
load_module {NGINX_STREAM};
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 20000; multi_accept on; }}
stream {{
    proxy_buffer_size 64k;
    proxy_timeout 1h;
    proxy_half_close on;
    server {{ listen {ADDRESS} backlog=4096; proxy_pass {server}; }}
}}
""")]


def socat(folder, server):
    return ["socat", "-b", "65536", f"TCP-LISTEN:{PORT},bind=127.0.0.1,fork,reuseaddr,backlog=4096,nodelay", f"TCP:{server},nodelay"]


def hangup(program, *options, rules=""):
    def command(folder, server):
        files = [written(folder, "bench.rule", rules)] if rules else []
        return [program, "run", "--quiet", "--listen", ADDRESS, "--server", server, *options, *files]
    return command


def rules_of(text):
    return "".join(f"rule r{i} {{ {text.format(i=i, a=i // 250, b=i % 250)} }}\n" for i in range(MANY_RULES))


def available(program):
    """All relays, by their keys. `program` is hangup; beside it stands the load generator."""
    load = os.path.join(os.path.dirname(program), "load")
    said = subprocess.run([program, "help", "run"], capture_output=True, text=True).stdout
    no_busy_wait = None if "--busy-wait" in said else "a hangup with --busy-wait"
    delay = ["--rule", "then delay client data by 10ms"]
    relays = [
        Relay("direct", "direct", None),
        Relay("bare", "bare relay", lambda folder, server: [load, "relay", ADDRESS, server]),
        Relay("hangup", "hangup", hangup(program), version=[program, "--version"]),
        Relay("haproxy-splice", "HAProxy, splice", haproxy("option splice-request\n    option splice-response"),
              needs("haproxy", "haproxy"), ["haproxy", "-v"]),
        Relay("haproxy", "HAProxy", haproxy(""), needs("haproxy", "haproxy")),
        Relay("nginx", "nginx", nginx, needs_nginx, ["nginx", "-v"]),
        Relay("socat", "socat", socat, needs("socat", "socat"), ["socat", "-V"], 200),
        Relay("hangup-busy", "hangup, --busy-wait", hangup(program, "--busy-wait", "1ms"), lambda: no_busy_wait),
        Relay("delay", "hangup, delay", hangup(program, *delay)),
        Relay("delay-busy", "hangup, delay, --busy-wait", hangup(program, "--busy-wait", "1ms", *delay), lambda: no_busy_wait),
        Relay("throttle", "hangup, throttle", hangup(program, "--rule", "then throttle server data to 10 MB/s")),
        Relay("rules", "hangup, 10,000 rules for other clients", hangup(program, rules=rules_of("for client 10.77.{a}.{b} then reset"))),
        Relay("texts", "hangup, 10,000 rules of other texts",
              hangup(program, rules=rules_of('when client sends "no such text {i}" then reset'))),
    ]
    return {relay.key: relay for relay in relays}


def version(relay):
    """Its name and version; "" if it says none."""
    if not relay.version:
        return ""
    said = subprocess.run(relay.version, capture_output=True, text=True)
    number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return f"{relay.title.partition(',')[0]} {number[0]}" if number else ""
