/*
 * A FastCGI server for tests of nginx: it tells what it was asked, and answers as it is told to.
 *
 *   const server = await fcgiServer(path, (call, socket) => 'body' or undefined for no answer);
 *   server.calls   // [{ method, uri, keep, fresh, params }], keep: nginx asks for the connection to stay open,
 *                  // fresh: the first one of its connection
 */
import net from 'node:net';

const BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6;
const HEAD = 8;

const record = (type, content) => Buffer.concat([Buffer.from([1, type, 0, 1, content.length >> 8, content.length & 255, 0, 0]), content]);

function readParams(buffer) {
  const params = {};
  let at = 0;
  const length = () => {
    if (buffer[at] < 128) return buffer[at++];
    at += 4;
    return buffer.readUInt32BE(at - 4) & 0x7fffffff;
  };
  while (at < buffer.length) {
    const name = length(), value = length();
    params[buffer.toString('latin1', at, at + name)] = buffer.toString('latin1', at + name, at + name + value);
    at += name + value;
  }
  return params;
}

/* Calls back with each whole request of a connection. */
function readRequests(socket, onRequest) {
  let bytes = Buffer.alloc(0), params = [], keep = false;
  socket.on('data', (part) => {
    bytes = Buffer.concat([bytes, part]);
    while (bytes.length >= HEAD && bytes.length >= HEAD + bytes.readUInt16BE(4) + bytes[6]) {
      const length = bytes.readUInt16BE(4), type = bytes[1], content = bytes.subarray(HEAD, HEAD + length);
      bytes = bytes.subarray(HEAD + length + bytes[6]);
      if (type === BEGIN) [params, keep] = [[], (content[2] & 1) === 1];
      if (type === PARAMS) params.push(content);
      if (type === STDIN && length === 0) onRequest(readParams(Buffer.concat(params)), keep);
    }
  });
}

export async function fcgiServer(path, answer) {
  const calls = [], sockets = new Set();
  const server = net.createServer((socket) => {
    let fresh = true;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    readRequests(socket, (params, keep) => {
      const call = { method: params.REQUEST_METHOD, uri: params.REQUEST_URI, keep, fresh, params };
      fresh = false;
      calls.push(call);
      const body = answer(call, socket);
      if (body === undefined) return;
      const head = 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n';
      socket.write(Buffer.concat([record(STDOUT, Buffer.from(head + body)), record(STDOUT, Buffer.alloc(0)), record(END, Buffer.alloc(HEAD))]));
      if (!keep) socket.end();
    });
  });
  await new Promise((resolve) => server.listen(path, resolve));
  return { calls, sockets, close: () => { sockets.forEach((socket) => socket.destroy()); server.close(); } };
}
