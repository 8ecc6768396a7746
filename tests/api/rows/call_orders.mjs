/* Without a PBX none is taken, whatever is asked. */
const refused = (body) => async ({ user }) => ({ token: user.token, status: 501, invalid: 501, broken: 501, body });

export const goodCalls = {
  'POST /api/astproxy/call': refused({ number: '202', endpointId: '201' }),
  'POST /api/astproxy/hangup': refused({ endpointId: '201' }),
  'POST /api/astproxy/cancel': refused({ endpointId: '201' }),
  'POST /api/astproxy/answer': refused({ endpointId: '201' }),
};
