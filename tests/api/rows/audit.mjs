export const goodCalls = {
  'GET /api/audit': async () => ({ as: 'admin', path: '/api/audit?object=account%3Aalice%40dialtone.test&from=2026-01-01' }),
};
