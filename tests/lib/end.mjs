/*
 * A file of tests ends. What a test that failed has left going (a loop, a client, a timer) would keep its process
 * alive for ever, and the run with it; three minutes after the last test, time enough to take servers down, the
 * process is ended, and the file has failed.
 */
import { after } from 'node:test';

const SECONDS = 180;

function endWhatIsLeft() {
  setTimeout(() => {
    console.error(`${process.argv[1]}: something is still going ${SECONDS} s after the last test`);
    process.exit(1);
  }, SECONDS * 1000).unref();
}

/* Only below `node --test`: elsewhere the hook would be a test of its own. */
if (process.env.NODE_TEST_CONTEXT) after(endWhatIsLeft);
