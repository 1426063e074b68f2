# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# TLS stacks from Debian in both roles, and in a line what they said. Read by tls.sh, behind lib.sh.
PATH=$PATH:/usr/sbin
python=/usr/bin/python3 # Debian's, if there are others as well
[ -x "$python" ] || python=python3

# A CA, and a certificate for a.example.
tls_certificates() {
    (
        cd "$work" || exit 1
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=test-ca &&
            openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=a.example &&
            openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tls.pem -days 2 -extfile <(echo subjectAltName=DNS:a.example)
    ) >"$work/openssl.log" 2>&1 || die "no certificate: $(cat "$work/openssl.log")"
}

cat >"$work/client.py" <<'END'
import socket, ssl, sys
host, port = sys.argv[1].split(":")
context = ssl.create_default_context(cafile=sys.argv[3])
context.minimum_version = context.maximum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[sys.argv[2]]
step = "connect"
try:
    plain = socket.create_connection((host, int(port)), timeout=int(sys.argv[4]))
    step = "do_handshake"
    tls = context.wrap_socket(plain, server_hostname="a.example")
    step = "read"
    tls.sendall(b"GET / HTTP/1.0\r\n\r\n")
    got = b""
    while more := tls.recv(65536):
        got += more
    print("whole reply" if b"200 ok" in got[:40].lower() and got else "read: 0")
except ssl.SSLError as error:
    print(f"{step}: {type(error).__name__} {error.reason}")
except OSError as error:
    print(f"{step}: {type(error).__name__}")
END
cat >"$work/client.js" <<'END'
const [address, version, ca, patience] = process.argv.slice(2), [host, port] = address.split(":");
let step = "handshake", got = "";
const tls = require("tls").connect({host, port, servername: "a.example", ca: require("fs").readFileSync(ca),
    minVersion: "TLSv" + version, maxVersion: "TLSv" + version});
const say = what => { console.log(what); process.exit(0); };
tls.setTimeout(1000 * patience, () => say(step + ": timeout"));
tls.on("secureConnect", () => { step = "read"; tls.write("GET / HTTP/1.0\r\n\r\n"); });
tls.on("data", data => { got += data; });
tls.on("end", () => say(/200 ok/i.test(got.slice(0, 40)) ? "whole reply" : step + ": end"));
tls.on("error", error => say(step + ": " + error.code));
END

# tls_client STACK ADDRESS VERSION: asks for a page; prints in a line how that went. It waits so long for an answer (s).
tls_patience=$E2E_LIMIT
tls_client() {
    local port=${2#*:} log="$work/$1.log"
    case $1 in
    openssl)
        printf 'GET / HTTP/1.0\r\n\r\n' | timeout "$tls_patience" openssl s_client -connect "$2" -servername a.example -CAfile "$work/ca.pem" \
            -verify_return_error -quiet "-tls${3/./_}" -ign_eof >"$log.out" 2>"$log"
        local code=$?
        if grep -qai '200 ok' "$log.out" && ! grep -qa ':error:' "$log"; then echo whole reply
        elif grep -qa ':error:' "$log"; then sed -n 's/.*:error:[^:]*:[^:]*:[^:]*:\([^:]*\):.*/\1/p' "$log" | head -n 1
        elif [ $code = 124 ]; then echo timeout
        else sed -n 's/.*\(errno=[0-9]*\).*/\1/p' "$log" | head -n 1; fi
        ;;
    curl)
        curl -sS --max-time "$tls_patience" --cacert "$work/ca.pem" "--tlsv$3" --tls-max "$3" --connect-to "a.example:443:127.0.0.1:$port" \
            -o "$log.out" https://a.example/ 2>"$log"
        local code=$?
        if [ $code = 0 ]; then echo whole reply; else echo "$code"; fi
        ;;
    gnutls)
        printf 'GET / HTTP/1.0\r\n\r\n' | timeout "$tls_patience" gnutls-cli --x509cafile "$work/ca.pem" --sni-hostname a.example --verify-hostname a.example \
            --priority "NORMAL:-VERS-ALL:+VERS-TLS$3" -p "$port" 127.0.0.1 >"$log.out" 2>"$log"
        local code=$?
        if grep -qai '200 ok' "$log.out" && [ $code = 0 ]; then echo whole reply
        elif [ $code = 124 ]; then echo timeout
        else sed -n 's/^\*\*\* Fatal error: //p; s/^\*\*\* \(Received .*\)/\1/p' "$log" "$log.out" | head -n 1 | grep . || echo "exit $code"; fi
        ;;
    python) "$python" "$work/client.py" "$2" "$3" "$work/ca.pem" "$tls_patience" ;;
    node) node "$work/client.js" "$2" "$3" "$work/ca.pem" "$tls_patience" ;;
    esac
}

cat >"$work/server.py" <<'END'
import socket, ssl, sys
host, port = sys.argv[1].split(":")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
listener = socket.create_server((host, int(port)))
while True:
    plain, _ = listener.accept()
    plain.settimeout(10)
    try:
        context.wrap_socket(plain, server_side=True).recv(1)
        print("handshake done", flush=True)
    except ssl.SSLError as error:
        print(f"{type(error).__name__} {error.reason}", flush=True)
    except OSError as error:
        print(type(error).__name__, flush=True)
    plain.close()
END
cat >"$work/server.js" <<'END'
const [address, cert, key] = process.argv.slice(2), [host, port] = address.split(":"), read = require("fs").readFileSync;
const server = require("tls").createServer({cert: read(cert), key: read(key)}, socket => socket.end());
server.on("tlsClientError", error => console.log(error.code));
server.listen(port, host);
END

nginx_configuration() {
    cat <<END
daemon off;
master_process off;
pid $work/nginx.pid;
error_log $work/tls.out info;
events { }
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    server { listen $server ssl; ssl_protocols TLSv1.3; ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key; }
}
END
}

# tls_server STACK VERSION: starts one; its address is $server.
tls_server() {
    stack=$1
    server=127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    case $stack in
    openssl) start tls openssl s_server -accept "$server" -cert "$work/tls.pem" -key "$work/tls.key" "-tls${2/./_}" -www ;;
    gnutls) start tls gnutls-serv -p "${server#*:}" --x509certfile "$work/tls.pem" --x509keyfile "$work/tls.key" --echo --disable-client-cert ;;
    nginx)
        nginx_configuration >"$work/nginx.conf"
        start tls nginx -e "$work/tls.err" -c "$work/nginx.conf"
        ;;
    python) start tls "$python" "$work/server.py" "$server" "$work/tls.pem" "$work/tls.key" ;;
    node) start tls node "$work/server.js" "$server" "$work/tls.pem" "$work/tls.key" ;;
    esac
    until_true tls_listens || die "$stack does not listen"
    tls_said=0
    tls_server_forget
}
tls_listens() { ss -Hltn "sport = :${server#*:}" | grep -q .; }
tls_server_ends() {
    kill "${pid[tls]}"
    ended tls
}

# tls_server_says: in a line what it said since tls_server_forget; false: nothing yet.
tls_server_says() {
    cat "$work/tls.out" "$work/tls.err" | tail -n "+$((tls_said + 1))" >"$work/tls.said"
    case $stack in
    openssl) sed -n 's/.*:error:[^:]*:[^:]*:[^:]*:\([^:]*\):.*/\1/p; s/^ *\(ERROR\) *$/\1/p' "$work/tls.said" ;;
    gnutls) sed -n 's/^Error in handshake: //p' "$work/tls.said" ;;
    nginx) sed -n 's/(SSL: error:[^:]*:[^:]*:[^:]*:\([^:)]*\)[^)]*)/\1/; s/.*\] [^ ]* \*[0-9]* \(.*\) while .*, client: .*/\1/p' "$work/tls.said" ;;
    python | node) cat "$work/tls.said" ;;
    esac | tail -n 1 | grep .
}
tls_server_forget() { tls_said=$(cat "$work/tls.out" "$work/tls.err" | wc -l); }
