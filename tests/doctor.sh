#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# hangup doctor, for somebody without any capability and in a namespace where everybody has all of them; and that `run` and `check` say the same.
set -u
hangup=${HANGUP:-./hangup}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
chmod 755 "$work"
cp "$hangup" "$work/hangup" # where nobody may run it: the build folder may be its owner's alone
hangup=$work/hangup
bad=0

if [ "$(id -u)" = 0 ]; then
    nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
else
    nobody() { "$@"; }
fi

# expect CODE COMMAND...: what it says is in $work/out.
expect() {
    code=$1
    shift
    "$@" > "$work/out" 2>&1 < /dev/null
    got=$?
    [ $got -eq "$code" ] || { echo "$*: ended with $got, not $code"; cat "$work/out"; bad=1; }
}
says() { grep -q -e "$1" "$work/out" || { echo "does not say: $1"; cat "$work/out"; bad=1; }; }
says_not() { ! grep -q -e "$1" "$work/out" || { echo "says: $1"; cat "$work/out"; bad=1; }; }

expect 1 nobody "$hangup" doctor
says '^allowed  vanish \[from SIDE\]$'
says '^in part  lose WHAT \[over SIZE\]  (data, fin, segments, acks)$'
says '^allowed  delay WHAT by DURATION  (data)$'
says '^refused  delay WHAT by DURATION  (segments)$'
says '^         but for all segments: needs CAP_NET_ADMIN (socket filters), and this user may not do that here$'
says '^refused  forget \[SIDE\]$'
says '^         needs CAP_NET_ADMIN, and this user may not do that here$'
says '^What would allow all of it:$'
says '^  sudo setcap cap_net_admin,cap_net_raw+ep /'
says_not 'not built yet'

# Where a file's capabilities would not count, another way is named.
expect 1 nobody setpriv --no-new-privs "$hangup" doctor
says '^  unshare -Urn '

printf 'relay r { listen 127.0.0.1:0 server 127.0.0.1:1 }\nrule a { then forget client }\nrule b { then lose client segments }\n' > "$work/a.rule"
expect 2 nobody "$hangup" run "$work/a.rule" -- true
says 'a.rule:2:15: error: `forget client` needs CAP_NET_ADMIN, and this user may not do that here; what would allow it: sudo setcap '
says_not 'a.rule:3'
expect 0 nobody "$hangup" check "$work/a.rule"
says 'a.rule:2:15: warning: `forget client` needs CAP_NET_ADMIN'
expect 2 "$hangup" doctor now
says 'it takes no now'

if unshare --user --map-root-user --net true 2> /dev/null; then
    expect 0 unshare --user --map-root-user --net "$hangup" doctor
    says '^allowed  forget \[SIDE\]$'
    says '^All of it is allowed here\.$'
    says_not '^refused'
    # A capability that is not one over the network namespace is none; nor would the file's help.
    if [ "$(id -u)" != 0 ]; then
        expect 1 unshare --user --map-root-user "$hangup" doctor
        says '^  unshare -Urn '
    fi
else
    echo "skip namespace: no user and network namespace can be made"
fi

# On a terminal it has colours.
expect 0 python3 -c 'import os, pty, sys
out = []
def take(fd):
    data = os.read(fd, 65536)
    out.append(data)
    return data
pty.spawn([sys.argv[1], "doctor"], take)
sys.exit(0 if b"\033[32mallowed\033[0m  wait" in b"".join(out) else 1)' "$hangup"
exit $bad
