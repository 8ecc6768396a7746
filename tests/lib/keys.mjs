/* The keys file of an instance, for tests that make what only the server should be able to. */
import fs from 'node:fs/promises';

export async function keysPath(dialtone) {
  const [, path] = (await fs.readFile(dialtone.env.DIALTONE_CONFIG, 'utf8')).match(/^\s*keys_file\s*=\s*(\S+)/m);
  return path;
}

/* The keys of one purpose ('jwt', 'seal', 'digest', 'token'), newest first. */
export async function keysOf(dialtone, purpose) {
  const text = await fs.readFile(await keysPath(dialtone), 'utf8');
  return [...text.matchAll(new RegExp(`^${purpose}\\s+(\\d+)\\s+([0-9a-f]{64})`, 'gm'))]
    .sort(([, a], [, b]) => b - a).map(([, , hex]) => Buffer.from(hex, 'hex'));
}
