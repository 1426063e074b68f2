#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# The CA of our own: made once, whoever comes first, its key for its owner alone; and what is said where it, or a file of a relay's block, cannot be used.
. "$(dirname "$0")/lib.sh" || exit 99

folder=$XDG_STATE_HOME/hangup
is "the key's mode" "$(stat -c %a "$folder/ca.key")" 600
is "hangup ca --path" "$("$HANGUP" ca --path)" "$folder/ca.pem"
cmp -s "$work/ca.crt" "$folder/ca.pem" || fail "hangup ca prints another certificate than is in its file"
! grep -q PRIVATE "$folder/ca.pem" || fail "the certificate's file has the key"

# Twenty at once make one; nothing else is left in the folder.
export XDG_STATE_HOME=$work/race
for i in $(seq 20); do "$HANGUP" ca >"$work/race.$i" 2>&1 & done
wait
is "CAs made at once" "$(cat "$work"/race.* | grep -v -e '-----' | sort | uniq -c | awk '$1 != 20' | wc -l)" 0
is "files in its folder" "$(ls "$work/race/hangup" | tr '\n' ' ')" "ca.key ca.pem "
# A certificate that was lost is written again; the key is what counts.
rm "$work/race/hangup/ca.pem"
"$HANGUP" ca | cmp -s - "$work/race.1" || fail "the certificate was not written again"

# refused WANTED COMMAND…: exit code 3, and one line that says why.
refused() {
    local wanted=$1 code=0
    shift
    "$@" >"$work/refused.out" 2>"$work/refused.err" </dev/null || code=$?
    is "$*" "$code" 3
    grep -q -- "$wanted" "$work/refused.err" || fail "$*: no line '$wanted': $(cat "$work/refused.err")"
    is "lines about it" "$(wc -l <"$work/refused.err")" 1
}
chmod 644 "$work/race/hangup/ca.key"
refused 'others may read the CA.s key: chmod 600' "$HANGUP" ca
chmod 600 "$work/race/hangup/ca.key"
echo nonsense >"$work/race/hangup/ca.key"
refused 'is no CA.s key and certificate' "$HANGUP" ca
refused 'there is no place for the CA' env -u HOME -u XDG_STATE_HOME "$HANGUP" ca
XDG_STATE_HOME=/proc refused 'folder /proc/hangup cannot be made' "$HANGUP" ca
is "an option of ca" "$("$HANGUP" ca --nonsense 2>&1)" 'hangup ca: there is no option --nonsense (`hangup help ca` says more)'

export XDG_STATE_HOME=$work/state
with() { refused "$1" "$HANGUP" run --listen 127.0.0.1:0 --server 127.0.0.1:1 --with "$2" -- true; }
with 'relay relay: the certificates to trust, /no/such, cannot be read' 'tls trust "/no/such"'
with 'relay relay: the certificate /no/such cannot be read' 'tls certificate "/no/such" key "/no/such"'
with 'cannot be used with' "tls certificate \"$work/server.crt\" key \"$work/ca.crt\""
with 'the certificate /no/such cannot be read' 'tls to server client certificate "/no/such" key "/no/such"'
with 'relay relay: ciphers nonsense' 'tls ciphers "nonsense"'
SSLKEYLOGFILE=/no/such/file with 'SSLKEYLOGFILE /no/such/file cannot be written' tls
exit 0
