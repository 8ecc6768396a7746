export const goodCalls = {
  'GET /api/phone_countries': async () => ({}),
  'POST /api/phone_countries/{code}/activate': async () => ({ as: 'admin', path: '/api/phone_countries/TV/activate' }),
  'POST /api/phone_countries/{code}/deactivate': async () => ({ as: 'admin', path: '/api/phone_countries/TV/deactivate' }),
};
