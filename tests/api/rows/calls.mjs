/* Good calls of the history. */
import { createOperator } from '../../lib/cti.mjs';

const rights = { cdr: ['ad_cdr', 'group_cdr'] };
const days = '20260101/20260131';

const asOperator = (path) => async ({ dialtone }) => {
  const { username, token } = await createOperator(dialtone, rights);
  return { token, invalid: 400, ...(path && { path: path(username) }) };
};

export const goodCalls = {
  'GET /api/historycall/interval/{type}/{target}/{from}/{to}': asOperator((name) => `/api/historycall/interval/user/${name}/${days}`),
  'GET /api/historycall/interval/{type}/{target}/{from}/{to}/{filter}': asOperator((name) => `/api/historycall/interval/user/${name}/${days}/bob`),
  'GET /api/histcallswitch/interval/{from}/{to}': asOperator(() => `/api/histcallswitch/interval/${days}`),
  'GET /api/histcallswitch/interval/{from}/{to}/{filter}': asOperator(() => `/api/histcallswitch/interval/${days}/bob`),
  'GET /api/histcallsgroups/interval/{from}/{to}': asOperator(() => `/api/histcallsgroups/interval/${days}`),
  'GET /api/histcallsgroups/interval/{from}/{to}/{filter}': asOperator(() => `/api/histcallsgroups/interval/${days}/bob`),
  'GET /api/history/calls': asOperator((name) => `/api/history/calls?callType=user&username=${name}&from=20260101&to=20260131`),
  'POST /api/history/statuses': asOperator(),
};
