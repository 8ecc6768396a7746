/* What dialtone-pbx keeps in Redis of the phones of a domain, put there by a test. */
import crypto from 'node:crypto';

const key = (domain) => `cti1:{${domain}}:st`;

export const putState = (dialtone, domain, field, value) =>
  dialtone.redis('hset', key(domain), field, typeof value === 'string' ? value : JSON.stringify(value));
export const dropState = (dialtone, domain, field) => dialtone.redis('hdel', key(domain), field);
export const readState = (dialtone, domain, field) => dialtone.redis('hget', key(domain), field);

const channelOf = (number) => `SIP/${number}-${crypto.randomBytes(4).toString('hex')}`;

/* A call that exten makes, or takes. */
export function conversation(exten, { number = '0721000000', name = 'ACME', outgoing = false, connected = true, linkedId = `${Date.now()}.${crypto.randomInt(1e6)}` } = {}) {
  const [own, other] = [channelOf(exten), channelOf(number)];
  const [source, dest] = outgoing ? [own, other] : [other, own];
  const channel = (type, it, callerNum) => ({ type, channel: it, callerNum, callerName: callerNum, startTime: 1760000000000, bridgedNum: '', bridgedName: '', inConference: false, channelStatus: 'up', bridgedChannel: '' });
  return { id: `${source}>${dest}`, owner: exten, linkedId, uniqueId: linkedId, queueId: '', duration: 0, startTime: 1760000000000, connected, onHold: false, recording: 'false',
    chSource: channel('source', source, outgoing ? exten : number), chDest: channel('destination', dest, outgoing ? number : exten),
    direction: outgoing ? 'out' : 'in', inConference: false, throughQueue: false, throughTrunk: false, counterpartNum: number, counterpartName: name };
}

/* Of a device of a user, with such conversations. */
export const extenState = (username, exten, status, conversations = [], fields = {}) => ({
  exten, name: username, username, status, ip: '192.0.2.10', port: '5060', sipuseragent: 'Desk/1', dnd: false, seq: 1760000000000001, codecs: [],
  cf: '', cfb: '', cfu: '', cfVm: '', cfbVm: '', cfuVm: '', chanType: 'sip', context: '', mac: '', useWebsocket: false,
  conversations: Object.fromEntries(conversations.map((c) => [c.id, c])), ...fields });

export const putExten = (dialtone, { domain, username }, exten, status, conversations, fields) =>
  putState(dialtone, domain, `exten:${exten}`, extenState(username, exten, status, conversations, fields));
