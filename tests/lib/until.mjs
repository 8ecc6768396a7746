/* Waiting for something to become true, by asking again: never by sleeping for a guessed time. */

const PAUSE_MS = 20;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Returns the first truthy answer of condition; throws after seconds, with what for and the last
 * error in the message. */
export async function until(condition, { what = condition.toString(), seconds = 30 } = {}) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const answer = await condition();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${seconds} s for: ${what}${last ? `; last: ${last.message}` : ''}`);
    }
    await pause(PAUSE_MS);
  }
}
