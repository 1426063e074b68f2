#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# psql and PostgreSQL: untouched with no rule; a commit whose acknowledgement is lost; and a psql at its prompt that is caught in CLOSE_WAIT after the
# server was told to end its session.
. "$(dirname "$0")/../lib.sh" || exit 99
for folder in /usr/lib/postgresql/*/bin; do PATH=$folder:$PATH; done
need initdb postgres psql

# PostgreSQL refuses to run as root.
as_nobody=()
if [ "$(id -u)" = 0 ]; then
    user=$(id -un postgres 2>/dev/null || echo nobody)
    need setpriv
    as_nobody=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups)
    chown "$user" "$work"
fi
export PGUSER=tester PGDATABASE=postgres PGCONNECT_TIMEOUT=20 PSQLRC=/dev/null

(cd "$work" && "${as_nobody[@]}" initdb -D "$work/data" -U tester -A trust -N >"$work/initdb.log" 2>&1) || skip "initdb does not work: $(tail -n 1 "$work/initdb.log")"
db_answers() { psql -h "$work" -XAtc 'select 1' 2>/dev/null | grep -qx 1; }
start db "${as_nobody[@]}" postgres -D "$work/data" -c listen_addresses= -c unix_socket_directories="$work" -c fsync=off -c shared_buffers=16MB
until_true db_answers || die "PostgreSQL does not start"

# The same queries, straight and through hangup: the same answers. COPY in both directions, an error, a notice, a big row.
talk() {
    psql "$@" -XAt 2>&1 <<'SQL'
create table t (n int, s text);
insert into t select n, repeat(md5(n::text), 20) from generate_series(1, 3000) n;
select count(*), sum(length(s)) from t;
copy t to stdout;
\copy (select n from t where n < 10) to stdout csv
select nonsense;
do $$ begin raise notice 'hello'; end $$;
select repeat('x', 3000000);
drop table t;
SQL
}
server=unix:$work/.s.PGSQL.5432
hangup_run
talk -h "$work" >"$work/direct.out"
talk -h 127.0.0.1 -p "${relay##*:}" >"$work/relayed.out"
cmp "$work/direct.out" "$work/relayed.out" || fail "psql's answers differ through hangup"
verdict
is "hangup with no rule" "$status" 0

# Committed, and nobody hears of it: the row is there although psql failed.
psql -h "$work" -XAtqc 'create table paid (n int)'
hangup_run --rule 'for connection 1 when server is about to send "COMMIT" then reset client expect client reconnects within 5s'
start client psql -h 127.0.0.1 -p "${relay##*:}" -XAt -c 'begin' -c 'insert into paid values (1)' -c 'commit'
ended client
((status != 0)) || fail "psql does not notice that the acknowledgement is lost"
is "rows that psql does not know of" "$(psql -h 127.0.0.1 -p "${relay##*:}" -XAtc 'select count(*) from paid')" 1
verdict
is "hangup after the lost acknowledgement" "$status" 0
has relay.err '^passed .*client reconnects within 5s'

# psql at its prompt: the server ends the session (as at a restart); psql stays in CLOSE_WAIT until somebody types.
mkfifo "$work/keys"
hangup_run --rule 'when server sends fin expect client closes within 1s'
start client psql -h 127.0.0.1 -p "${relay##*:}" -XAt -f "$work/keys"
exec 9>"$work/keys"
echo 'select 40 + 2;' >&9
eventually_has client.out '^42$'
psql -h "$work" -XAtqc 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = '"'client backend'" >"$work/kill.out"
until_true has_line "$work/relay.trace" '"finding"' || die "no finding came"
exec 9>&-
ended client
verdict
is "hangup on psql at its prompt" "$status" 1
has relay.err '^failed .*client closes within 1s.*still CLOSE_WAIT after 1.000 s (pid [0-9]* psql, fd [0-9]*)'
