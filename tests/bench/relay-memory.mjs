/*
 * Resident memory of a relay per idle logged-in connection: every client another user, with a channel
 * and a session of its own.
 *
 *   node tests/bench/relay-memory.mjs [CONNECTIONS...]        default: 1000 10000
 *
 * DIALTONE_BUILD names a build directory without sanitizers. Prints figures, asserts none.
 */
import fs from 'node:fs/promises';
import net from 'node:net';

import { RelayAlone } from '../lib/relay.mjs';
import { until } from '../lib/until.mjs';

const counts = process.argv.slice(2).map(Number);
if (!counts.length) counts.push(1000, 10000);

const AT_ONCE = 100;

async function residentKib(pid) {
  const status = await fs.readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
}

/* A masked text frame; a mask of zeroes is a mask. */
function frame(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0])
    : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, body]);
}

function connect(relay, user, token) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(relay.port, '127.0.0.1');
    let heard = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed early')));
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      if (text === '\x81\x012') socket.write(frame('3'));
      heard += heard.includes('authe_ok') ? '' : text;
      if (heard.includes('authe_ok')) resolve(socket);
    });
    socket.write(`GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\nHost: dial.example.org\r\n`
      + 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
      + 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    socket.write(frame('40'));
    socket.write(frame(`42["login",{"accessKeyId":"${user}","token":"${token}","uaType":"desktop"}]`));
  });
}

async function measure(count) {
  const relay = await RelayAlone.start({ settings: { max_connections: 15000, max_sessions_per_address: 0, handshakes_per_second: 0 } });
  const users = Array.from({ length: count + 1 }, (_, i) => `user${i}`);
  const tokens = await relay.sessions(users);
  /* What the first login costs, libraries read in from disk, is not a connection's. */
  const sockets = [await connect(relay, users.pop(), tokens.pop())];
  const before = await residentKib(relay.process.pid);
  const started = Date.now();
  for (let i = 0; i < count; i += AT_ONCE) {
    const batch = users.slice(i, i + AT_ONCE).map((user, k) => connect(relay, user, tokens[i + k]));
    sockets.push(...(await Promise.all(batch)));
  }
  const seconds = (Date.now() - started) / 1000;
  await until(async () => Number(await relay.cli('PUBSUB', 'NUMSUB', relay.channel(users.at(-1))).then((t) => t.split('\n')[1])) === 1);
  const after = await residentKib(relay.process.pid);
  console.log(`${count} connections: ${before} KiB before, ${after} KiB after, `
    + `${(((after - before) * 1024) / count).toFixed(0)} bytes each; ${(count / seconds).toFixed(0)} logins/s`);
  for (const socket of sockets) socket.removeAllListeners().destroy();
  await relay.remove();
}

for (const count of counts) await measure(count);
