/*
 * What a relay does, in socket.io on Node: verifies a token, looks the session up in Redis, joins
 * the user's channel and the rooms, hands on what is published. The way one would write it, with the
 * packages as they come: WebSocket only, no compression, no adapter.
 *
 *   node --expose-gc node_relay.mjs SOCKET|PORT REDIS_SOCKET PREFIX KEY_HEX
 */
import crypto from 'node:crypto';
import http from 'node:http';

import Redis from 'ioredis';
import { Server } from 'socket.io';

const [address, redisSocket, prefix, keyHex] = process.argv.slice(2);
const key = Buffer.from(keyHex, 'hex');
const commands = new Redis(redisSocket);
const subscriber = new Redis(redisSocket);
const server = http.createServer();
const io = new Server(server, { path: '/api/ws/', transports: ['websocket'], perMessageDeflate: false });
const members = new Map(); /* channel: how many sockets */

function verified(token) {
  const [head, body, signature] = token.split('.');
  const expected = crypto.createHmac('sha256', key).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? '', 'base64url');
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) return undefined;
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  return claims.exp > Date.now() / 1000 ? claims : undefined;
}

async function join(socket, channel) {
  const before = members.get(channel) ?? 0;
  members.set(channel, before + 1);
  if (before === 0) await subscriber.subscribe(channel);
  socket.join(channel);
}

async function leave(channel) {
  const left = members.get(channel) - 1;
  if (left > 0) {
    members.set(channel, left);
  } else {
    members.delete(channel);
    await subscriber.unsubscribe(channel);
  }
}

async function login(socket, { accessKeyId, token }) {
  const claims = verified(token);
  const session = claims && claims.id === accessKeyId && (await commands.hgetall(`${prefix}:{${claims.dom}}:tok:${claims.jti}`));
  if (!session || session.u !== accessKeyId) {
    socket.emit('401', { message: 'unauthorized access' });
    socket.disconnect();
    return;
  }
  const channels = [`u:${accessKeyId}`, ...session.rooms.split(' ').filter(Boolean).map((room) => `r:${room}`)]
    .map((channel) => `${prefix}:{${claims.dom}}:${channel}`);
  await Promise.all(channels.map((channel) => join(socket, channel)));
  socket.on('disconnect', () => channels.forEach(leave));
  socket.emit('authe_ok', { message: 'authorized successfully' });
}

io.on('connection', (socket) => {
  socket.on('login', (data) => login(socket, data));
  socket.on('ping', (answer) => answer());
});
subscriber.on('message', (channel, text) => io.to(channel).emit(...JSON.parse(text)));
process.on('SIGUSR2', () => globalThis.gc());
process.on('SIGTERM', () => process.exit(0));
const listening = () => console.error('listens on');
if (address.startsWith('/')) server.listen(address, 8192, listening);
else server.listen(Number(address), '127.0.0.1', 8192, listening);
