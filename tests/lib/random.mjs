/* Repeatable chance: a test prints its seed, and TEST_SEED gives it back. */

export const seedOf = () => Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/* Numbers of [0, 1), always the same for a seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
