/* A proxy that takes JSON-RPC and does nothing: what it was ordered, and answers up to the test. */
import http from 'node:http';
import { after } from 'node:test';

/*
 * answers: by method, a result, a function of the params that gives one, or an Error with a code, which it refuses with.
 * Resolves with { url, calls: [{ method, params }], answers }; it ends with the test file.
 */
export async function fakeRpc(answers = {}) {
  const fake = { calls: [], answers };
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (part) => { text += part; }).on('end', () => {
      const { method, params, id } = JSON.parse(text);
      fake.calls.push({ method, params });
      const known = Object.hasOwn(fake.answers, method) ? fake.answers[method] : {};
      const result = typeof known === 'function' ? known(params) : known;
      if (result === undefined) return;
      const body = result instanceof Error ? { error: { code: result.code, message: result.message } } : { result };
      response.writeHead(result instanceof Error ? result.code : 200, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', ...body, id }));
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  fake.url = `http://127.0.0.1:${server.address().port}/RPC`;
  fake.ordered = (method) => fake.calls.filter((call) => call.method === method).map(({ params }) => params);
  after(() => { server.closeAllConnections(); server.close(); });
  return fake;
}
