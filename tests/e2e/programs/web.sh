#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# curl and nginx: untouched with no rule; a download torn by FIN in the middle, which curl reports; a server that is slow to say goodbye; and a python
# http.client with a kept-alive connection, which is caught in CLOSE_WAIT once the server has closed it.
. "$(dirname "$0")/../lib.sh" || exit 99
PATH=$PATH:/usr/sbin
need nginx curl python3

mkdir "$work/www"
seq 1 200000 >"$work/www/big"
echo "hello, web" >"$work/www/small"
chmod -R a+rX "$work"
cat >"$work/nginx.conf" <<EOF
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    keepalive_timeout 300s;
    server {
        listen unix:$work/web.sock;
        root $work/www;
        location /short { alias $work/www/small; keepalive_timeout 300ms; }
    }
}
EOF
web_answers() { curl -s --unix-socket "$work/web.sock" http://web/small >/dev/null; }
start nginx nginx -e "$work/nginx.log" -c "$work/nginx.conf"
until_true web_answers || die "nginx does not start: $(cat "$work/nginx.log")"

# The same requests, straight and through hangup: the same answers, headers and all but for the date.
talk() {
    curl -si "$@" http://web/small http://web/big http://web/missing | grep -av '^Date:'
    curl -s "$@" -r 5-9 http://web/big
    curl -si "$@" --http1.0 http://web/small | grep -av '^Date:'
    curl -si "$@" -X PUT -T "$work/www/big" http://web/upload | grep -av '^Date:'
    curl -s "$@" -o /dev/null -w '%{http_code} %{num_connects} %{size_download}\n' http://web/big http://web/small
}
server=unix:$work/web.sock
hangup_run
talk --unix-socket "$work/web.sock" >"$work/direct.out"
talk --connect-to "web:80:127.0.0.1:${relay##*:}" >"$work/relayed.out"
cmp "$work/direct.out" "$work/relayed.out" || fail "curl's answers differ through hangup"
verdict
is "hangup with no rule" "$status" 0
fetch() { start client curl -sS -o "$work/got" --connect-to "web:80:127.0.0.1:${relay##*:}" "$@"; ended client; }

# Torn by a FIN in the middle of the body: exit code 18, a partial file; and not one byte more than that.
hangup_run --rule 'when server sends 100000 bytes then send fin to client expect client closes within 5s'
fetch http://web/big
is "curl's exit code for a torn body" "$status" 18
verdict
is "hangup after the torn body" "$status" 0
has relay.err '^passed .*client closes within 5s'
received=$(stat -c %s "$work/got")
((received > 90000 && received < 100000)) || fail "curl got $received bytes of a reply torn at byte 100000, headers included"

# A reset in front of the reply.
hangup_run --rule 'when server is about to send "HTTP/1." then reset client'
fetch http://web/small
is "curl's exit code for a reset" "$status" 56
has client.err 'reset by peer'
verdict
is "hangup after the reset" "$status" 0

# A pool: python's http.client keeps its connection; the server says goodbye after its keepalive timeout, and nobody looks.
mkfifo "$work/idle"
hangup_run --rule 'when server sends fin expect client closes within 1s'
start client python3 -c '
import http.client, sys
pool = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
pool.request("GET", "/short")
print(pool.getresponse().read(), flush=True)
open(sys.argv[2]).read()   # idle, until somebody opens the other side and closes it
' "${relay##*:}" "$work/idle"
until_true has_line "$work/relay.trace" '"finding"' || die "no finding came"
echo >"$work/idle"
ended client
has client.out 'hello, web'
verdict
is "hangup on a pooled connection" "$status" 1
has relay.err '^failed .*client closes within 1s.*still CLOSE_WAIT after 1.000 s (pid [0-9]* python3, fd [0-9]*)'
