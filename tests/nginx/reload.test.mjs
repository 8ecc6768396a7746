/*
 * nginx is reloaded while clients are on sockets: no request fails, sockets go on with the old processes and are ended when
 * worker_shutdown_timeout is over, not before. nginx is real, API and relay are not; with 1,000 sockets and the real
 * ones it is tried in tests/package.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import { fcgiServer } from '../lib/fcgi.mjs';
import { freePort, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const SOCKETS = 50;
const dir = await temporaryDirectory('nginx-reload'), port = await freePort(), relayPort = await freePort();
const conf = path.join(dir, 'nginx.conf');
const api = await fcgiServer(path.join(dir, 'api.sock'), () => 'ok');

/* Takes every upgrade, and says again what it hears. */
const relay = http.createServer().on('upgrade', (request, socket) => {
  socket.on('error', () => {}).pipe(socket);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
}).listen(relayPort, '127.0.0.1');

const { stdout: rendered } = await runOk(path.join(sourceDir, 'nginx/render'), ['--api', path.join(dir, 'api.sock'), '--relay', `aa=127.0.0.1:${relayPort}`,
  '--plain', `127.0.0.1:${port}`, '--standalone', dir, ...(process.getuid() === 0 ? ['--user', 'root'] : [])]);
const LEAVING = 'worker_shutdown_timeout 30s;';
/* It holds for processes that came with it. */
await fs.writeFile(conf, rendered.replace(LEAVING, 'worker_shutdown_timeout 500ms;'));
const nginx = spawn('nginx', ['-e', 'stderr', '-c', conf], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }, stdio: 'ignore' });
const ended = new Promise((resolve) => nginx.once('exit', resolve));
after(async () => {
  nginx.kill('SIGTERM');
  await ended;
  api.close();
  relay.closeAllConnections();
  relay.close();
  await fs.rm(dir, { recursive: true, force: true });
});

const status = () => new Promise((resolve) => {
  http.get({ host: '127.0.0.1', port, path: '/api/ping', agent: false }, (response) => response.on('end', () => resolve(response.statusCode)).resume())
    .on('error', (error) => resolve(error.code));
});

function client() {
  const made = { text: '', ended: false, socket: net.connect(port, '127.0.0.1') };
  made.socket.setEncoding('utf8').on('data', (text) => (made.text += text)).on('error', () => {}).on('close', () => (made.ended = true));
  made.socket.write('GET /api/ws/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  return made;
}

const processes = async () => new Set((await fs.readFile(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8')).trim().split(' '));

/* New processes are there; answers that were asked for meanwhile. */
async function reload() {
  const before = await processes(), answers = [];
  nginx.kill('SIGHUP');
  await until(async () => {
    answers.push(await status());
    return [...await processes()].some((pid) => !before.has(pid));
  }, { what: 'new processes of nginx' });
  for (let i = 0; i < 20; i++) answers.push(await status());
  return answers;
}

test('sockets_outlive_a_reload_for_as_long_as_they_are_told_and_no_request_fails', async () => {
  await until(async () => (await status()) === 200, { what: 'nginx' });
  assert.ok(rendered.includes(LEAVING));
  const clients = Array.from({ length: SOCKETS }, client);
  await until(() => clients.every(({ text }) => text.includes('101')), { what: 'sockets' });
  await fs.writeFile(conf, rendered);
  assert.deepEqual(new Set(await reload()), new Set([200]));
  for (const { socket } of clients) socket.write('still here');
  await until(() => clients.every(({ text, ended }) => text.includes('still here') || ended), { what: 'an echo' });
  await until(() => clients.every(({ ended }) => ended), { what: 'sockets to be ended' });
  assert.deepEqual(await status(), 200);
  const late = Array.from({ length: SOCKETS }, client);
  await until(() => late.every(({ text }) => text.includes('101')), { what: 'sockets' });
  assert.deepEqual(new Set(await reload()), new Set([200]));
  for (const { socket } of late) socket.write('still here');
  await until(() => late.every(({ text }) => text.includes('still here')), { what: 'an echo after the reload' });
  for (const { socket } of late) socket.destroy();
});
