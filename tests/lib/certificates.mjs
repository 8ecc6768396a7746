/*
 * A certificate authority for tests, and what it signs, as PEM files in a directory.
 *
 *   const ca = await Authority.make(dir, 'ca');       ca.file
 *   await ca.sign('server', { names: ['DNS:localhost', 'IP:127.0.0.1'] })   -> { certificate, key }: paths
 */
import fs from 'node:fs/promises';
import path from 'node:path';

import { runOk } from './run.mjs';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export class Authority {
  static async make(dir, name) {
    const ca = Object.assign(new Authority(), { dir, name, file: path.join(dir, `${name}.crt`), key: path.join(dir, `${name}.key`) });
    await runOk('openssl', ['req', '-x509', ...KEY, '-keyout', ca.key, '-days', '2', '-subj', `/CN=${name}`,
      '-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-out', ca.file]);
    return ca;
  }

  /* days: negative for one that has expired. Its key can be read by all, since servers run as other users. */
  async sign(name, { names = ['DNS:localhost', 'IP:127.0.0.1'], days = 2 } = {}) {
    const base = path.join(this.dir, `${this.name}-${name}`), [certificate, key, request] = [`${base}.crt`, `${base}.key`, `${base}.csr`];
    await runOk('openssl', ['req', ...KEY, '-keyout', key, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${names.join(',')}`, '-out', request]);
    const from = days < 0 ? ['-days', '-1'] : ['-days', String(days)];
    await runOk('openssl', ['x509', '-req', '-in', request, '-CA', this.file, '-CAkey', this.key, '-CAcreateserial', ...from,
      '-copy_extensions', 'copy', '-out', certificate]);
    await fs.chmod(key, 0o644);
    return { certificate, key };
  }
}
