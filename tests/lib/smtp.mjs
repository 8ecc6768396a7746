/*
 * Mail servers for tests: a real one (aiosmtpd, with STARTTLS and a login), and one of ours that speaks just enough
 * SMTP to be told, mail by mail, how to misbehave.
 */
import { spawn } from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { after } from 'node:test';

import { sourceDir } from './instance.mjs';
import { runOk } from './run.mjs';
import { until } from './until.mjs';

/* A certificate for localhost that signs itself, in the directory. Resolves with { certificate, key }. */
export async function certificateFor(dir, host = 'localhost') {
  const files = { certificate: path.join(dir, `${host}.pem`), key: path.join(dir, `${host}.key`) };
  await runOk('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${host}`,
    '-addext', `subjectAltName=DNS:${host}`, '-keyout', files.key, '-out', files.certificate]);
  return files;
}

export class RealServer {
  /* server.mails: what it took. */
  static async start({ certificate, key }, user, password) {
    const server = new RealServer();
    server.mails = [];
    server.said = '';
    server.child = spawn('/usr/bin/python3', [path.join(sourceDir, 'tests/lib/smtp_server.py'), certificate, key, user, password]);
    server.child.stderr.setEncoding('utf8').on('data', (text) => (server.said += text));
    after(() => server.child.kill('SIGKILL'));
    readline.createInterface({ input: server.child.stdout }).on('line', (line) => {
      if (server.port) server.mails.push(JSON.parse(line));
      else server.port = JSON.parse(line);
    });
    await until(() => {
      if (server.child.exitCode !== null) throw new Error(server.said);
      return server.port;
    }, { what: 'aiosmtpd to listen' });
    return server;
  }

  async mailTo(address, times = 1) {
    const found = () => this.mails.filter(({ recipients }) => recipients.includes(address));
    await until(() => found().length >= times, { what: `a mail to ${address}` });
    return found()[times - 1];
  }
}

/*
 * On a port of its own, without TLS.  answer(event, mail) is asked for each of 'connect', 'EHLO', 'MAIL', 'RCPT', 'DATA'
 * and 'body', and returns the line to say, undefined for the usual one, null for silence, or a function of the socket.
 * server.taken: { to, id } of each mail whose end was answered with 250, in the order of their ends.
 */
export class OwnServer {
  static async start(answer = () => undefined) {
    const server = new OwnServer();
    server.taken = [];
    server.answer = answer;
    server.open = new Set();
    server.most = 0;
    server.listener = net.createServer((socket) => server.#serve(socket));
    await new Promise((resolve) => server.listener.listen(0, '127.0.0.1', resolve));
    server.port = server.listener.address().port;
    after(() => server.stop());
    return server;
  }

  stop() {
    for (const socket of this.open) socket.destroy();
    this.listener.close();
  }

  #serve(socket) {
    const mail = {};
    this.open.add(socket);
    this.most = Math.max(this.most, this.open.size);
    socket.on('error', () => {}).on('close', () => this.open.delete(socket)).setEncoding('latin1');
    let text = '', body = false;
    socket.on('data', (chunk) => {
      text += chunk;
      for (;;) {
        const end = text.indexOf(body ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + (body ? 5 : 2));
        if (body) this.#bodyEnds(socket, mail, line);
        else this.#command(socket, mail, line);
        body = !body && mail.begins === true;
        mail.begins = false;
      }
    });
    this.#say(socket, 'connect', mail, '220 hello');
  }

  #say(socket, event, mail, usual) {
    const answer = this.answer(event, mail);
    if (typeof answer === 'function') answer(socket);
    else if (answer !== null) socket.write(`${answer ?? usual}\r\n`);
    return answer === undefined;
  }

  #command(socket, mail, line) {
    const [verb] = line.toUpperCase().split(' ');
    if (verb === 'RCPT') mail.to = line.match(/<(.*)>/)[1];
    if (verb === 'QUIT') return void socket.end('221 bye\r\n');
    if (verb === 'DATA') mail.begins = this.#say(socket, verb, mail, '354 go on');
    else this.#say(socket, verb, mail, '250 fine');
  }

  #bodyEnds(socket, mail, text) {
    mail.id = text.match(/^Message-ID: (<.*>)$/im)?.[1];
    mail.text = text;
    if (this.#say(socket, 'body', mail, '250 taken')) this.taken.push({ to: mail.to, id: mail.id, text });
  }
}
