#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Holds that includes point one way only: cli, control, judge, trace, faults, engine, tls, relay, kernel, rules; each folder may include itself and
# those to its right. rules/ knows the C library and PCRE2 only; OpenSSL is known to proxy/tls only.
set -eu
cd "${top_srcdir:-$(dirname "$0")/..}"

find proxy rules -name '*.[ch]' -print | sort | xargs awk '
BEGIN {
    count = split("rules kernel relay tls engine faults trace judge control cli", order, " ")
    for (i = 1; i <= count; i++) rank[order[i]] = i
    split("assert ctype errno float inttypes limits locale math signal stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings " \
          "time unistd wchar wctype fcntl libgen dirent getopt sys/stat sys/types sys/param endian arpa/inet netinet/in sys/un", plain, " ")
    for (i in plain) libc[plain[i] ".h"] = 1
}
function wrong(why) {
    printf "%s:%d: %s\n", FILENAME, FNR, why
    bad = 1
}
FNR == 1 {
    folder = FILENAME
    sub(/^proxy\//, "", folder)
    sub(/\/.*/, "", folder)
    if (!(folder in rank)) wrong("the folder " folder " is not in the order")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\""); target = part[2]; sub(/\/.*/, "", target)
    if (!(target in rank)) wrong("\"" part[2] "\" does not begin with a folder of the order")
    else if (rank[target] > rank[folder]) wrong(folder "/ may not include " part[2] ": includes point the other way")
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    split($0, part, /[<>]/); target = part[2]
    if (folder == "rules" && !(target in libc) && target != "pcre2.h") wrong("rules/ may not include <" target ">")
    if (folder != "tls" && target ~ /^openssl\//) wrong("only proxy/tls may include <" target ">")
}
END { exit bad }'
