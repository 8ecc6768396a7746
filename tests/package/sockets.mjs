/*
 * Clients on sockets from inside a machine's network: node sockets.mjs '{"certificate":..., "site":..., "apiKey":..., "users": 50}'
 *
 * Makes the users, each with a full number of sockets, and says "all live". Then answers each line of its standard input
 * with one: { live, drops, heard }, where heard is how many sockets heard the event that tells of this line's word.
 */
import fs from 'node:fs';
import https from 'node:https';
import readline from 'node:readline';

import { io } from 'socket.io-client';

const { certificate, site, apiKey, users } = JSON.parse(process.argv[2]);
const SOCKETS_EACH = 20, AT_ONCE = 50;
const ca = fs.readFileSync(certificate);
const agent = new https.Agent({ keepAlive: true, maxSockets: 8, ca, servername: site });
const PASSWORD = 'correct horse';
let drops = 0;
const heard = new Map();

const post = (path, headers, body) => new Promise((resolve, reject) => {
  const request = https.request({ host: '127.0.0.1', method: 'POST', path, agent,
    headers: { host: site, 'content-type': 'application/json', ...headers } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => (text += part)).on('end', () => resolve(JSON.parse(text)));
  });
  request.on('error', reject).end(JSON.stringify(body));
});

async function user(name) {
  await post('/api/accounts', { 'x-api-key': apiKey }, { username: name, password: PASSWORD, algorithm: 'SHA-256', activated: true });
  return { name, token: (await post('/api/login', {}, { username: name, password: PASSWORD })).token };
}

const client = ({ name, token }) => new Promise((resolve) => {
  const socket = io('https://127.0.0.1', { path: '/api/ws/', transports: ['websocket'], forceNew: true, ca, servername: site, extraHeaders: { host: site },
    reconnectionDelay: 100, reconnectionDelayMax: 1000 });
  const self = { live: false };
  socket.on('connect', () => socket.emit('login', { accessKeyId: name, token, uaType: 'desktop' }));
  socket.on('authe_ok', () => {
    self.live = true;
    resolve(self);
  });
  socket.on('disconnect', () => {
    self.live = false;
    drops++;
  });
  socket.on('extenRinging', (data) => {
    const { word } = Object.values(data)[0];
    heard.set(word, (heard.get(word) ?? 0) + 1);
  });
});

const owners = [];
for (let i = 0; i < users; i++) owners.push(await user(`socket.${i}`));
const wanted = owners.flatMap((owner) => Array(SOCKETS_EACH).fill(owner));
const clients = [];
while (clients.length < wanted.length) {
  clients.push(...await Promise.all(wanted.slice(clients.length, clients.length + AT_ONCE).map(client)));
}
console.log('all live');
for await (const word of readline.createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ live: clients.filter(({ live }) => live).length, drops, heard: heard.get(word) ?? 0 }));
}
process.exit(0);
