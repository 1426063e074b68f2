// SPDX-License-Identifier: BSD-2-Clause
// Node's tls as a server: server.js CERTIFICATE [CA of clients]. Says where it listens on descriptor 3, answers one connection, reads on to its
// end, and prints in one line what it was told.
'use strict';
const fs = require('fs'), tls = require('tls');
const pem = fs.readFileSync(process.argv[2]);
const asks = process.argv.length > 3;
const server = tls.createServer({ key: pem, cert: pem, requestCert: asks, rejectUnauthorized: asks, ca: asks ? fs.readFileSync(process.argv[3]) : undefined });
const told = [];
const done = () => { console.log(told.join(', ')); process.exit(0); };
server.on('secureConnection', (socket) => {
    socket.once('data', () => socket.write('reply'));
    socket.on('end', () => told.push('end'));
    socket.on('error', (error) => told.push('error ' + error.code));
    socket.on('close', done);
});
server.on('tlsClientError', (error) => { told.push('tlsClientError ' + error.code); done(); });
server.listen(0, '127.0.0.1', () => { fs.writeSync(3, 'listening 127.0.0.1:' + server.address().port + '\n'); fs.closeSync(3); });
setTimeout(() => { console.log('nothing'); process.exit(1); }, 15000).unref();
