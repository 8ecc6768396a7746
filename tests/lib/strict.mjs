/*
 * A reader of answers that forgives nothing: the bytes of a head are held to RFC 9112, 4 and 5.  Libraries
 * take `HTTP/1.1 200` without anything behind it; some clients of ours do not.
 */
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';

/* Words are no must for the RFC; belle-sip, the library of Linphone, drops answers without. */
const STATUS_LINE = /^HTTP\/1\.1 ([1-5][0-9]{2}) ([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/;
const BARE_STATUS_LINE = /^HTTP\/1\.1 ([1-5][0-9]{2}) $/;
const FIELD_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[\x20-\x7e]*$/;

/* { status, reason } of the bytes of an answer. withoutReason: statuses that may lack one. */
export function readStrictly(bytes, { withoutReason = [] } = {}) {
  const end = bytes.indexOf('\r\n\r\n');
  assert.ok(end > 0, `no head ends in ${JSON.stringify(bytes.toString('latin1').slice(0, 200))}`);
  const [statusLine, ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, status, reason = ''] = STATUS_LINE.exec(statusLine) ?? BARE_STATUS_LINE.exec(statusLine) ?? [];
  assert.ok(status, `not a status line: ${JSON.stringify(statusLine)}`);
  assert.ok(reason || withoutReason.includes(Number(status)), `no reason in ${JSON.stringify(statusLine)}`);
  for (const field of fields) assert.match(field, FIELD_LINE);
  return { status: Number(status), reason };
}

/* What a server says to these bytes: to: what net.connect() takes, with `ca` for TLS. Ends with the head of
 * the answer, as some connections stay. */
export function say(to, bytes) {
  return new Promise((resolve, reject) => {
    const socket = to.ca ? tls.connect({ ...to, servername: 'localhost' }) : net.connect(to);
    let all = Buffer.alloc(0);
    const done = () => {
      socket.destroy();
      resolve(all);
    };
    socket.on('data', (part) => {
      all = Buffer.concat([all, part]);
      if (all.includes('\r\n\r\n')) done();
    });
    socket.on('end', done);
    socket.on('error', (error) => (all.length ? done() : reject(error)));
    socket.setTimeout(15000, () => reject(new Error(`no answer to ${bytes.toString().slice(0, 60)}`)));
    socket.write(bytes);
  });
}
