/*
 * What clients are told, row by row of the table in sip-integration 3.3: of each fact about a call, who hears which
 * lines (listener.mjs). A row is { owner's name: lines for that user alone, all: lines for everyone who may see };
 * rows of one step are added up.
 *
 * A party is { name, exten, number }: a person with one device. Devices of persons with several are parties of their
 * own with the same name and number. A line that begins with "?" may be left out: a state that soon is another one.
 * now: states that are the newest in the end, whether they had to be told or not.
 */
const others = (calls) => (calls.length ? ` ${calls.join(' ')}` : '');
const own = (party, line) => ({ [party.name]: [line] });

export function sum(...rows) {
  const total = {};
  for (const row of rows) {
    for (const [who, lines] of Object.entries(row)) total[who] = [...(total[who] ?? []), ...lines];
  }
  return total;
}

/* calls: "out:bob", "in:alice+", as they are listed. */
export const state = (party, status, ...calls) => ({ all: [`${party.exten} ${status}${others(calls)}`] });
export const passing = (party, status, ...calls) => ({ all: [`?${party.exten} ${status}${others(calls)}`] });
export const presence = (party, status) => ({ all: [`${party.name} is ${status}`] });
export const settled = (party, status, ...calls) => ({ ...passing(party, status, ...calls), now: [`${party.exten} ${status}${others(calls)}`] });
export const passingPresence = (party, status) => ({ all: [`?${party.name} is ${status}`] });
export const hangup = (party, other, cause) => own(party, `${party.exten} hangs up on ${other.number}: ${cause}`);

export const registered = (party) => sum(state(party, 'online'), presence(party, 'online'));
export const unregistered = (party) => sum(state(party, 'offline'), presence(party, 'offline'));

export const called = (caller, callee) => sum(state(caller, 'busy', `out:${callee.number}`), presence(caller, 'busy'));

export const ringing = (caller, callee, dialled = callee.number) => sum(
  own(callee, `rings: ${caller.number} "${caller.title}" calls ${dialled}`),
  state(callee, 'ringing', `in:${caller.number}`), presence(callee, 'ringing'));

const connected = (party, other, direction) => sum(
  own(party, `${party.exten} connected`), own(party, `${party.exten} talks ${direction}:${other.number}`),
  state(party, 'busy', `${direction}:${other.number}+`));

export const up = (caller, callee) => sum(connected(caller, callee, 'out'), connected(callee, caller, 'in'), presence(callee, 'busy'));

export const held = (party, other, direction) => state(party, 'onhold', `${direction}:${other.number}+`);
export const goesOn = (party, other, direction) => state(party, 'busy', `${direction}:${other.number}+`);

const free = (party) => sum(state(party, 'online'), presence(party, 'online'));

export const ended = (caller, callee, cause = 'normal_clearing') => sum(
  hangup(caller, callee, cause), hangup(callee, caller, cause), free(caller), free(callee));

/* The callee never rang: it may be over before any client was told that it began. */
export const refused = (caller, callee, cause) => sum(
  passing(caller, 'busy', `out:${callee.number}`), passingPresence(caller, 'busy'),
  hangup(caller, callee, cause), settled(caller, 'online'), passingPresence(caller, 'online'));

/* What that user hears of it; who: a name, or undefined for one that is only in the rooms. */
export function heardBy(row, who, seesOthers = true, own = []) {
  const mine = row[who] ?? [];
  const all = (row.all ?? []).filter((line) => seesOthers || own.some((name) => line.replace(/^\?/, '').startsWith(`${name} `)));
  return [...mine, ...all];
}
