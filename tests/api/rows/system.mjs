export const goodCalls = {
  'GET /api/ping': async () => ({}),
  'GET /api/openapi.json': async () => ({}),
  'GET /api/asyncapi.json': async () => ({}),
};
