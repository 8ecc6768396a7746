/* HTTPS as a client of the API sees it, with the instance's own CA and kept connections. */
import https from 'node:https';
import http from 'node:http';
import net from 'node:net';

/*
 * One request. Resolves with
 *   { status, headers, header(name), all(name), bytes, text, json }
 * where header() gives the first value of a header line, all() each line's value (WWW-Authenticate
 * comes several times), and json the parsed body (undefined when it is none).
 *
 * signal: of an AbortController, to go away early. localAddress: to come from, 127.0.0.2 say. Without one it is
 * 127.0.0.1, also where localhost is ::1 first.
 * body: an object becomes JSON with its Content-Type; a string or Buffer is sent as it is.
 */
export function request(url, { method = 'GET', headers = {}, body, ca, agent, query, signal, localAddress } = {}) {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, value);
  const [payload, type] = encode(body);
  const sent = { ...(type && { 'Content-Type': type }), ...headers };
  if (payload !== undefined && !('Content-Length' in sent) && !('Transfer-Encoding' in sent)) {
    sent['Content-Length'] = Buffer.byteLength(payload);
  }
  const client = target.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    /* The certificate is the address's, whatever Host a test pretends. */
    const req = client.request(target, { method, headers: sent, ca, agent, signal, localAddress, family: net.isIPv6(localAddress) ? 6 : 4,
      servername: target.hostname }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => resolve(answer(res, Buffer.concat(chunks))));
    });
    /* A server that refuses early may close while we still send: what it said counts. */
    req.on('error', (error) => setImmediate(() => reject(error)));
    req.end(payload);
  });
}

function encode(body) {
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) return [body];
  return [JSON.stringify(body), 'application/json'];
}

function answer(res, bytes) {
  const text = bytes.toString('utf8');
  const all = (name) => res.headersDistinct[name.toLowerCase()] ?? [];
  return {
    status: res.statusCode,
    headers: res.headers,
    all,
    header: (name) => all(name)[0],
    bytes,
    text,
    json: parsed(text),
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/* Remembers an instance's address, CA and connections. */
export class Client {
  constructor(base, ca) {
    this.base = base;
    this.ca = ca;
    this.agent = base.startsWith('https:') ? new https.Agent({ keepAlive: true, ca }) : new http.Agent({ keepAlive: true });
  }

  request(method, path, options = {}) {
    return request(this.base + path, { method, ca: this.ca, agent: this.agent, ...options });
  }

  close() {
    this.agent.destroy();
  }
}
