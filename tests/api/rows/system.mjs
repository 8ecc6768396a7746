export const goodCalls = {
  'GET /api/ping': async () => ({}),
  'GET /api/openapi.json': async () => ({}),
  'GET /api/asyncapi.json': async () => ({}),
  'GET /health/live': async () => ({}),
  'GET /health/ready': async () => ({}),
  'GET /up': async () => ({}),
};
