/* Good calls of what SIP servers report. */
import { randomName } from '../../lib/accounts.mjs';

const asAdmin = { as: 'admin' };
const from = 'alice@sip.example.org';
const INSTANT = '2026-01-31T23:59:59.250000Z';

const newMessage = () => ({ id: randomName('m'), from, sent_at: INSTANT, encrypted: true, conference_id: 'meeting' });
const newCall = () => ({ id: randomName('c'), from, to: 'bob@sip.example.org', initiated_at: INSTANT, ended_at: INSTANT, conference_id: 'meeting' });

/* Reports one, and gives what is to be said about it. */
async function reported({ dialtone }, kind, body) {
  const record = kind === 'messages' ? newMessage() : newCall();
  await dialtone.api('POST', `/api/statistics/${kind}`, { ...asAdmin, body: record });
  return { ...asAdmin, body, path: `/api/statistics/${kind}/${record.id}` };
}

async function below(world, kind, path, body) {
  const one = await reported(world, kind, body);
  return { ...one, missing: { message_id: 400, call_id: 400 }, path: `${one.path}/${path}` };
}

export const goodCalls = {
  'GET /api/statistics/day': async () => asAdmin,
  'GET /api/statistics/week': async () => asAdmin,
  'GET /api/statistics/month': async () => asAdmin,
  'POST /api/statistics/messages': async () => ({ ...asAdmin, body: newMessage() }),
  'PATCH /api/statistics/messages/{message_id}/to/{to}/devices/{device_id}': (world) =>
    below(world, 'messages', 'to/bob@sip.example.org/devices/phone', { last_status: 200, received_at: INSTANT }),
  'POST /api/statistics/calls': async () => ({ ...asAdmin, body: newCall() }),
  'PATCH /api/statistics/calls/{call_id}/devices/{device_id}': (world) =>
    below(world, 'calls', 'devices/phone', { rang_at: INSTANT, invite_terminated: { at: INSTANT, state: 'declined' } }),
  'PATCH /api/statistics/calls/{call_id}': (world) => reported(world, 'calls', { ended_at: INSTANT }),
};

const noAddress = ['alice', '@sip.example.org', 'alice@', 'sip:@sip.example.org', 'al\u0007ice@sip.example.org'];
const noInstant = ['yesterday', '2026-02-30', '2026-01-31T24:00:00', '1769903999', '2026-01-31T23:59:59+25', '0000-01-01', '1970-01-01T00:00:00Z'];

export const malformed = {
  from: noAddress,
  to: noAddress,
  sent_at: noInstant,
  received_at: noInstant,
  initiated_at: noInstant,
  ended_at: noInstant,
  rang_at: noInstant,
  'invite_terminated.at': noInstant,
  last_status: [0, -1, 1000, '2e2'],
};
