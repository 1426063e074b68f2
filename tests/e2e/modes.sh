#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Whether a flow goes through a pipe or a buffer, or from one to the other in mid-stream, and whose thread does it, no application sees: scenarios of
# invisible/ in each mode. (By default these are read and written, as they are not bulk.) All of them: modes.sh all.
. "$(dirname "$0")/lib.sh" || exit 99

here=$(cd "$(dirname "$0")" && pwd)
some='bulk fin-behind-blocked-data half-close killed-with-unread-data lingering-close request-and-reply rst-after-data
    rst-by-the-receiver-during-back-pressure rst-with-both-ways-blocked urgent-twice write-on-after-close'
[ "${1:-}" != all ] || some=$(cd "$here/invisible" && ls | sed -n 's/\.scenario$//p')

# in_mode NAME CODE OPTION…: hangup is run with these options, and ends with that code.
in_mode() {
    local name=$1
    export E2E_EXIT=$2 E2E_FAMILIES=ipv4
    shift 2
    export E2E_OPTIONS=$*
    # shellcheck disable=SC2086 # names are words
    printf '%s\n' $some | xargs -P 4 -I{} sh -c '"$0" "$1/invisible/$2.scenario" >"$3/$4.$2.log" 2>&1 || echo "$2" >>"$3/$4.failed"' \
        "$here/compare" "$here" {} "$work" "$name"
    if [ -e "$work/$name.failed" ]; then
        fail "$name: $(sort "$work/$name.failed" | tr '\n' ' ')"
    else
        rm -f "$work/$name".*.log
    fi
}

in_mode pipe 0 --splice always
in_mode changing 4 --splice always "$here/modes/changing.rule"
in_mode buffer 4 "$here/modes/buffer.rule"
in_mode workers 0 --workers 3
in_mode met 0 --connect met
E2E_OPTIONS=

# largest [OPTION…]: the most bytes that came in one go, of a link that was blocked until much had come in.
largest() {
    server accept 'await full' 'read to end'
    hangup_run "$@"
    client 'fill 64MiB => blocked' 'post full' 'shutdown wr' 'read to end => end'
    is "the client" "$status" 0
    ended server
    is "the server" "$status" 0
    verdict
    is "hangup" "$status" 0
    rm -f "$work/full"
    largest=$(sed -n 's/.*"received".*"bytes":\([0-9]*\).*/\1/p' "$work/relay.trace" | sort -n | tail -n 1)
}
largest
((largest > 65536)) || fail "bulk data is not spliced: $largest bytes are the most in one go"
largest --splice never
((largest <= 65536)) || fail "there is a splice in spite of --splice never: $largest bytes in one go"
