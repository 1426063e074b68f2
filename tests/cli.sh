#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The commands that run nothing: check, fmt, help, list, explain, and what is said to a command line that is wrong. Exit codes and the words that
# matter; what the language says is tested by tests/lang.
set -u
hangup=${HANGUP:-./hangup}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cd "$work" || exit 99
bad=0

# expect CODE PATTERN ARGUMENT ...: ends with CODE, and what it says has a line that matches (an empty pattern: whatever it says).
expect() {
    code=$1 pattern=$2
    shift 2
    "$hangup" "$@" > out 2> err < /dev/null
    got=$?
    if [ $got -ne "$code" ] || { [ "$pattern" ] && ! cat out err | grep -q -e "$pattern"; }; then
        echo "hangup $*: ended with $got, not $code, or said nothing like: $pattern"
        cat out err
        bad=1
    fi
}

# says nothing on this stream
empty() { [ ! -s "$1" ] || { echo "unexpected:"; cat "$1"; bad=1; }; }

mkdir catalog
printf '# one -- the first\n#   wire   nothing\n#   state  client LAST_ACK, server CLOSE\n#   errno  EPIPE, ENOTCONN\n#   step   client -x FIN | LAST_ACK FIN_WAIT2\n#   step   client -? FIN\n\nrule one { then reset }\n' > catalog/one.rule
printf '# two -- the second\n\nrule two { then close }\n' > catalog/two.rule
echo 'no rule' > catalog/notes.txt
HANGUP_CATALOG=$work/catalog
export HANGUP_CATALOG

expect 2 'usage: hangup COMMAND'
empty out
expect 0 'usage: hangup COMMAND' --help
empty err
expect 0 '^hangup [0-9]' --version
expect 2 'there is no command `chekc`; did you mean `check`?' chekc
expect 2 'there is no command `frobnicate`; `hangup help` lists them' frobnicate
expect 0 'usage: hangup check FILE' check --help

printf 'relay r { listen a:1 server b:1 }\nrule a { then reset }\n' > good.rule
printf 'rule b {\n  then rset\n}\n' > bad.rule
printf 'rule c { then reset, close }\n' > odd.rule
expect 0 '^1 file: 1 relay, 1 rule, no errors$' check good.rule
expect 0 '^2 files: 1 relay, 2 rules, 1 warning, no errors$' check good.rule odd.rule
expect 2 '^bad.rule:2:8: error: expected an action, found `rset`; did you mean `reset`?$' check good.rule bad.rule
empty out
expect 2 'none.rule: error: cannot read this file: No such file' check none.rule
expect 2 'which files?' check
expect 2 'there is no option -x' check -x

expect 2 '[-]-listen needs --server too: where do its connections go?$' run --listen 127.0.0.1:0
expect 2 '[-]-server needs --listen too: where do its connections come from?$' run --server 127.0.0.1:1
expect 2 'what to relay? give --listen and --server' run

# A chain of includes without end in sight.
deep=0
while [ $deep -lt 100 ]; do
    deep=$((deep + 1))
    printf 'include "deep%s.rule"\n' $((deep + 1)) > deep$deep.rule
done
expect 2 '^deep[0-9]*.rule:1:9: error: includes are nested too deep$' check deep1.rule

expect 0 '^relay r { listen a:1   server b:1 }$' fmt good.rule
expect 1 '^good.rule$' fmt --check good.rule
expect 0 '' fmt -w good.rule
empty out
expect 0 '' fmt --check good.rule
empty out
grep -q 'listen a:1   server' good.rule || { echo "fmt -w wrote nothing"; bad=1; }
cp bad.rule before
expect 2 'bad.rule:2:8: error' fmt -w bad.rule
cmp -s before bad.rule || { echo "fmt -w changed a file that it could not read"; bad=1; }
expect 2 'there is no option -q' fmt -q good.rule
expect 2 'which files?' fmt -w
chmod 640 good.rule && printf 'rule a {then reset}\n' > good.rule
expect 0 '' fmt -w good.rule
[ "$(stat -c %a good.rule)" = 640 ] || { echo "fmt -w changed the mode"; bad=1; }

expect 0 'then hold WHAT \[for DURATION | until EVENT\]' help hold
expect 0 'connection(s) ORDINALS' help connections
expect 0 'DURATION is a duration' help DURATION
expect 0 'CLOSE_WAIT is a TCP state' help CLOSE_WAIT
expect 0 'by lot, change places' help reorder
expect 0 'that is `delay WHAT by T`' help latency
expect 0 'usage: hangup check FILE' help check
expect 0 'rule NAME {' help rule
expect 0 'Standing expectations' help
expect 2 'did you mean `hold`?' help hodl
expect 2 'neither a command nor a word' help frobnicate
expect 2 'one word at a time' help a b

expect 0 '^one  the first$' list
expect 0 '^two  the second$' list 't*'
grep -q one out && { echo "list shows too much"; bad=1; }
expect 0 '^one  the first$' list FIRST
expect 2 'matches three' list three
expect 0 '^one  the first$' list --state LAST_ACK
expect 0 '^one  the first$' list --state CLOSE --errno EPIPE one
expect 2 'brings a socket into LAST_ACK and makes a call fail with EPIPE and matches t\*$' list --state LAST_ACK --errno EPIPE 't*'
expect 2 'makes a call fail with ENOENT$' list --errno ENOENT
expect 2 'brings a socket into CLOSE_WAIT$' list --state=CLOSE_WAIT
expect 2 '[-]-state LASTACK: there is no such TCP state; did you mean LAST_ACK?' list --state LASTACK
expect 2 '[-]-errno epip: there is no such errno; did you mean EPIPE?' list --errno epip
expect 2 '[-]-errno 104: there is no such errno (' list --errno 104
expect 2 '[-]-state wants a name: --state LAST_ACK, --errno EPIPE' list --state
expect 2 'there is no option --stat3' list --stat3
expect 2 'one pattern at a time' list a b
expect 0 '^rule one { then reset }$' explain one
expect 0 '^#       | -----* FIN -----*x   * |$' explain one
expect 0 '^#     LAST_ACK  *FIN_WAIT2$' explain one
expect 0 '^#   step   client -? FIN$' explain one
expect 0 '^rule one { then reset }$' explain one.rule
expect 2 'did you mean `one`?' explain oen
expect 2 'which one?' explain

expect 2 '[-]-listen twice: more than one relay' run --listen a:1 --listen a:2 --server b:1
expect 2 'there is no option --lisen; did you mean --listen?' run --lisen 127.0.0.1:0
for signal in kill stop SIGCHLD pipe; do
    expect 2 'cannot be given to rules' run --listen 127.0.0.1:0 --server 127.0.0.1:1 --signal "down=$signal" -- true
done
expect 0 'warning: nothing can give the signal `kill`' run --listen 127.0.0.1:0 --server 127.0.0.1:1 \
    --rule 'from signal kill then refuse' -- true

expect 2 'did you mean `one`?' run --listen 127.0.0.1:0 --server 127.0.0.1:1 onne
expect 3 'the report cannot be written to /nowhere/at/all' run --listen 127.0.0.1:0 --server 127.0.0.1:1 --report tap:/nowhere/at/all \
    -- touch was-run
[ ! -e was-run ] || { echo "COMMAND was run though its report has no place"; bad=1; }
cat > twins.rule << 'END'
relay a-b { listen 127.0.0.1:0  server 127.0.0.1:1 }
relay a_b { listen 127.0.0.1:0  server 127.0.0.1:1 }
expect no CLOSE_WAIT longer than 1s
END
expect 2 'would both be HANGUP_A_B' run twins.rule -- true

for words in help list 'check good.rule'; do
    # shellcheck disable=SC2086
    "$hangup" $words > /dev/full 2> err
    [ $? -eq 3 ] && grep -q 'standard output' err || { echo "hangup $words: a full disk was not noticed"; bad=1; }
done

HANGUP_CATALOG=$work/nowhere
expect 3 'cannot be read' list
expect 3 'cannot be read' explain one

exit $bad
