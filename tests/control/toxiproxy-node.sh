#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# toxiproxy-node-client, as npm gives it, drives every call and every toxic that it has; what both applications see is checked by
# toxiproxy-node.mjs. Started by the name and the options of toxiproxy-server. Skipped where there is no npm, or no registry to be reached.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for tool in npm node; do
    command -v $tool >/dev/null || { echo "skip toxiproxy-node-client: there is no $tool here"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
ln -s "$HANGUP" "$work/toxiproxy-server"
cd "$work"
echo '{"private":true}' >package.json
timeout 120 npm install --no-audit --no-fund --silent toxiproxy-node-client@4.1.0 >npm.log 2>&1 || {
    cat npm.log
    echo "skip toxiproxy-node-client: npm could not install it (its messages stand above)"
    exit 77
}
cp "$here/toxiproxy-node.mjs" .
node toxiproxy-node.mjs "$work/toxiproxy-server"
