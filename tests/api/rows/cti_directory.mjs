import { createOperator } from '../../lib/cti.mjs';

const asOperator = (path) => async ({ dialtone }) => ({ token: (await createOperator(dialtone)).token, ...(path && { path }) });

export const goodCalls = {
  'GET /api/user/paramurl': asOperator(),
  'GET /api/user/nethlink': asOperator(),
  'POST /api/user/nethlink': asOperator(),
  'GET /api/profiling/all': asOperator(),
  'GET /api/astproxy/feature_codes': asOperator(),
  'GET /api/astproxy/extensions': asOperator(),
  'GET /api/astproxy/extension/{exten}': async ({ dialtone }) => {
    const operator = await createOperator(dialtone);
    return { token: operator.token, path: `/api/astproxy/extension/${operator.username}`, missing: { exten: 403 } };
  },
  'GET /api/astproxy/opgroups': asOperator(),
  'GET /api/astproxy/queues': asOperator(),
  'GET /api/astproxy/qmanager_queues': asOperator(),
  'GET /api/astproxy/parkings': asOperator(),
  'GET /api/astproxy/trunks': asOperator(),
  'GET /api/phonebook/speeddials': asOperator(),
  'DELETE /api/phonebook/speeddials': asOperator(),
  'GET /api/phonebook/search': asOperator(),
  'GET /api/phonebook/search/{term}': asOperator('/api/phonebook/search/alice'),
  'GET /api/phonebook/getall': asOperator(),
  'GET /api/phonebook/getall/{term}': asOperator('/api/phonebook/getall/alice'),
  'GET /api/streaming/sources': asOperator(),
  'GET /api/custcard/list': asOperator(),
  'GET /api/voicemail/list/{type}': asOperator('/api/voicemail/list/all'),
  'GET /api/voicemail/new_counters': asOperator(),
};
