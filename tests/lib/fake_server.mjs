/* Servers that do not behave: what they do with each connection is up to the test. */
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';

import { temporaryDirectory } from './instance.mjs';

/*
 * Listens on a unix socket, or with tcp on a port of this machine. Resolves with { path or port, connections }; every
 * connection is handed to serve(socket). It ends with the test file.
 */
export async function fakeServer(serve, { tcp = false } = {}) {
  const sockets = new Set();
  const fake = { connections: 0 };
  const server = net.createServer((socket) => {
    fake.connections++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    serve(socket);
  });
  if (!tcp) fake.path = path.join(await temporaryDirectory('fake'), 'socket');
  await new Promise((resolve) => { server.listen(tcp ? { port: 0, host: '127.0.0.1' } : fake.path, resolve); });
  fake.port = server.address().port;
  fake.close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  after(fake.close);
  return fake;
}

/* A byte now and then, for as long as the other side listens. */
export function drip(socket, { every = 50 } = {}) {
  const timer = setInterval(() => socket.write('x'), every);
  socket.on('close', () => clearInterval(timer)).on('error', () => clearInterval(timer));
}
