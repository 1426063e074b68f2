// SPDX-License-Identifier: BSD-2-Clause
// Node's tls as a client that comes again: resume.js PORT CA VERSION. Four connections, each with the session of the one before it; prints
// isSessionReused() of each.
'use strict';
const fs = require('fs'), tls = require('tls');
const told = [];
let session;
function come() {
    if (told.length === 4) {
        console.log(told.join(' '));
        return;
    }
    const version = 'TLSv' + process.argv[4];
    const socket = tls.connect({ host: '127.0.0.1', port: Number(process.argv[2]), servername: 'localhost', ca: fs.readFileSync(process.argv[3]),
        minVersion: version, maxVersion: version, session }, () => { told.push(socket.isSessionReused()); socket.write('hello'); });
    socket.on('session', (one) => { session = one; });
    socket.on('error', (error) => { console.log('error ' + error.message); process.exit(1); });
    socket.on('data', () => {});
    socket.on('close', come);
}
come();
setTimeout(() => { console.log('nothing'); process.exit(1); }, 15000).unref();
