// SPDX-License-Identifier: BSD-2-Clause
// Node's tls as a client: client.js PORT CA. Says hello by HTTP, reads to the end, and prints in one line what it was told.
'use strict';
const fs = require('fs'), tls = require('tls');
let got = '', told = [];
const socket = tls.connect({ host: '127.0.0.1', port: Number(process.argv[2]), servername: 'localhost', ca: fs.readFileSync(process.argv[3]) },
    () => socket.write('GET / HTTP/1.0\r\n\r\n'));
socket.on('data', (part) => { got += part; });
socket.on('end', () => told.push('end'));
socket.on('error', (error) => told.push('error ' + (error.code || error.message)));
socket.on('close', () => console.log(told.join(', ') + (got.endsWith('reply') ? ', the reply' : '')));
setTimeout(() => { console.log('nothing'); process.exit(1); }, 15000).unref();
