/* A machine of its own with nothing on it: a root made with debootstrap, booted with systemd (tests/in_root). */
import path from 'node:path';

import { sourceDir } from './instance.mjs';
import { Shell } from './pages.mjs';

export const MINUTE = 60; // s
export const RELEASES = (process.env.DIALTONE_RELEASES ?? 'bookworm trixie').split(' ');
export const CLONE = '/home/reader/dialtone';

export class Machine {
  static async boot(release) {
    const machine = new Machine();
    machine.host = new Shell(path.join(sourceDir, 'tests/in_root'), ['--boot', release]);
    await machine.host.until(() => /^ready \d+$/m.test(machine.host.text), { what: 'a machine', seconds: 15 * MINUTE });
    machine.init = machine.host.text.match(/^ready (\d+)$/m)[1];
    return machine;
  }

  /* Where its files are here. */
  at(file) {
    return `/proc/${this.init}/root${file}`;
  }

  /* Bash as this user, in this folder; it ends at a failing command. */
  shell(user, folder = CLONE) {
    return new Shell('nsenter', [...this.as(user, folder), 'bash', '-eu', '-o', 'pipefail']);
  }

  /* A terminal with this command, or with an interactive shell. */
  terminal(user, command = 'bash -i') {
    return new Shell('nsenter', [...this.as(user, CLONE), 'script', '-qec', command, '/dev/null']);
  }

  as(user, folder) {
    const [home, path_] = user === 'root' ? ['/root', '/usr/sbin:/usr/bin:/sbin:/bin'] : [`/home/${user}`, '/usr/bin:/bin'];
    return ['--target', this.init, '--all', '--', 'setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups',
      'env', '-i', `--chdir=${folder}`, `HOME=${home}`, `USER=${user}`, `PATH=${path_}`, 'LANG=C.UTF-8', 'TERM=dumb',
      'NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'];
  }

  async remove() {
    this.host.child.stdin.end();
    await this.host.ended;
  }
}
