/* packaging/quickstart as a newcomer, a script and an impatient operator use it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { Instance, buildDir, freePort, sanitizerEnv, sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { Shell, blocksOf } from '../lib/pages.mjs';
import { commandLines, run, runOk } from '../lib/run.mjs';
import { until } from '../lib/until.mjs';

const quickstart = path.join(sourceDir, 'packaging/quickstart');
const NAMES = ['DIALTONE_URL', 'DIALTONE_CACERT', 'DIALTONE_DOMAIN', 'DIALTONE_ADMIN', 'DIALTONE_ADMIN_PASSWORD',
  'DIALTONE_ADMIN_API_KEY', 'DIALTONE_USER', 'DIALTONE_USER_PASSWORD', 'DIALTONE_PG', 'DIALTONE_REDIS', 'DIALTONE_CONFIG'];

async function newDirectory(below = '') {
  const outer = await temporaryDirectory('quickstart');
  const dir = path.join(outer, below);
  after(async () => {
    await new Instance(dir).remove();
    await fs.rm(outer, { recursive: true, force: true });
  });
  return dir;
}

async function optionsFor(dir) {
  return ['--dir', dir, '--port', String(await freePort()), '--workers', '2', '--build-dir', buildDir];
}

/* Starts it in the foreground and waits for its last word before the log lines. */
async function startForeground(options) {
  const child = spawn(quickstart, options, { env: sanitizerEnv });
  const shown = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (shown.text += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await until(() => {
    assert.equal(child.exitCode, null, shown.text);
    return shown.text.includes('Ctrl-C stops everything');
  }, { what: 'quickstart to be ready', seconds: 120 });
  return { child, shown, ended };
}

async function runningServers(dir) {
  const { stdout } = await run(path.join(sourceDir, 'packaging/instance'), ['status', dir]);
  return stdout.split('\n').filter((line) => / running /.test(line));
}

test('foreground_run_prints_working_requests_and_ctrl_c_leaves_no_process', async () => {
  const dir = await newDirectory();
  const { child, shown, ended } = await startForeground(await optionsFor(dir));
  assert.equal((await runningServers(dir)).length, 7);

  const addresses = Object.values(os.networkInterfaces()).flat().some(({ address }) => address === '::1') ? ['-4', '-6'] : ['-4'];
  for (const family of addresses) await runOk('bash', ['-c', `. ${dir}/instance.env && curl ${family} -sSf --cacert "$DIALTONE_CACERT" "$DIALTONE_URL/api/ping"`]);

  const requests = shown.text.split('\n').map((line) => line.trim()).filter((line) => line.startsWith('curl '));
  assert.equal(requests.length, 3);
  for (const line of requests) {
    const { stdout } = await runOk('bash', ['-c', `${line} -sS --fail-with-body`]);
    assert.notEqual(stdout, '', line);
  }

  child.kill('SIGINT');
  assert.equal(await ended, 0);
  assert.deepEqual((await commandLines()).filter((line) => line.includes(dir)), []);
});

test('all_stops_when_no_one_reads_what_it_says_any_more', async () => {
  const dir = await newDirectory();
  const { child, ended } = await startForeground(await optionsFor(dir));
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGINT');
  await ended;
  assert.deepEqual((await commandLines()).filter((line) => line.includes(dir)), []);
});

test('instance_env_has_the_promised_names_and_is_for_the_owner_only', async () => {
  const dir = await newDirectory();
  await runOk(quickstart, ['--detach', ...await optionsFor(dir)], { env: sanitizerEnv });
  const file = path.join(dir, 'instance.env');
  assert.equal((await fs.stat(file)).mode & 0o777, 0o600);
  const { stdout } = await runOk('env', ['-i', 'bash', '-c', `. ${file} && set | grep ^DIALTONE_ | cut -d= -f1`]);
  assert.deepEqual(stdout.trim().split('\n').sort(), [...NAMES].sort());

  const dialtone = new Instance(dir);
  await dialtone.read();
  for (const name of ['DIALTONE_CACERT', 'DIALTONE_CONFIG']) await fs.access(dialtone.env[name]);
  assert.deepEqual(await dialtone.sql('SELECT expires_after_last_used_minutes, ip IS NULL FROM api_keys'), [['0', 't']],
    'the admin key never expires and is good from anywhere');
  assert.equal(await dialtone.redis('ping'), 'PONG');
});

test('second_run_keeps_data_and_credentials_and_fresh_forgets_them', async () => {
  const dir = await newDirectory();
  const options = ['--detach', ...await optionsFor(dir)];
  const dialtone = new Instance(dir);
  const start = async (...more) => {
    await runOk(quickstart, [...options, ...more], { env: sanitizerEnv });
    await dialtone.read();
    return dialtone.env.DIALTONE_ADMIN_API_KEY;
  };

  const key = await start();
  const made = await dialtone.api('POST', '/api/accounts', {
    as: 'admin', body: { username: 'kept.user', password: 'kept-password', algorithm: 'SHA-256' },
  });
  assert.equal(made.status, 200, made.text);
  await runOk(quickstart, ['--stop', '--dir', dir]);
  assert.deepEqual(await runningServers(dir), []);

  assert.equal(await start(), key);
  assert.equal((await dialtone.api('GET', `/api/accounts/${made.json.id}`, { as: 'admin' })).json.username, 'kept.user');
  await runOk(quickstart, ['--stop', '--dir', dir]);

  assert.notEqual(await start('--fresh'), key);
  assert.equal((await dialtone.api('GET', `/api/accounts/kept.user@${dialtone.env.DIALTONE_DOMAIN}/search`, { as: 'admin' })).status, 404);
});

/* A shell where README.md has its reader: in a clone with a running quickstart, and the client of an earlier example. */
async function readersShell(dir) {
  const cwd = await temporaryDirectory('reader');
  await fs.symlink(dir, path.join(cwd, 'var'));
  await fs.symlink(path.join(sourceDir, 'tests'), path.join(cwd, 'tests'));
  const client = (await blocksOf('README.md', ['sh'])).map(({ body }) => /^cat >listen\.js <<'EOS'\n[^]*^EOS$/m.exec(body)?.[0]).find(Boolean);
  const shell = new Shell('bash', ['-eu', '-o', 'pipefail'], { cwd });
  after(async () => {
    shell.end();
    await fs.rm(cwd, { recursive: true, force: true });
  });
  await shell.execute(client);
  return shell;
}

async function twoFreePorts() {
  for (;;) {
    const port = await freePort();
    if (port < 65535 && (await run('bash', ['-c', `: </dev/tcp/127.0.0.1/${port + 1}`])).status !== 0) return port;
  }
}

test('with_sip_phones_call_each_other_as_docs_show_and_are_kept', async () => {
  const dir = await newDirectory();
  const options = ['--detach', ...await optionsFor(dir), '--sip', '--sip-port', String(await twoFreePorts())];
  const phones = (text) => text.match(/phone\.[12]@\S+ +password \S+/g);
  const { stdout } = await runOk(quickstart, options, { env: sanitizerEnv });
  assert.equal(phones(stdout).length, 2);
  assert.deepEqual((await runningServers(dir)).map((line) => line.split(' ')[0]), ['postgres', 'redis', 'api', 'relay-aa', 'relay-ab', 'jobs', 'kamailio', 'pbx', 'nginx']);
  const [{ body, shown }, ...more] = await blocksOf('docs/sip.md', ['bash']);
  assert.deepEqual(more, []);
  await (await readersShell(dir)).execute(body, shown);

  await runOk(quickstart, ['--stop', '--dir', dir]);
  assert.deepEqual((await commandLines()).filter((line) => line.includes(dir)), []);
  const again = await runOk(quickstart, options, { env: sanitizerEnv });
  assert.deepEqual(phones(again.stdout), phones(stdout));
});

test('port_in_use_is_said_and_nothing_stays_running', async () => {
  const dir = await newDirectory();
  const taken = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  after(() => taken.close());
  const { port } = taken.address();
  const { status, stderr } = await run(quickstart, ['--dir', dir, '--port', String(port), '--build-dir', buildDir]);
  assert.notEqual(status, 0);
  assert.match(stderr, new RegExp(`port ${port} .*taken.*--port`));
  assert.deepEqual(await runningServers(dir), []);
});

test('second_start_in_a_running_directory_is_refused_and_disturbs_nothing', async () => {
  const dir = await newDirectory();
  const options = ['--detach', ...await optionsFor(dir)];
  const inItsPort = ['--dir', await newDirectory('beside'), ...options.slice(3, 5)];
  await runOk(quickstart, options, { env: sanitizerEnv });
  const { status, stderr } = await run(quickstart, options, { env: sanitizerEnv });
  assert.notEqual(status, 0);
  assert.match(stderr, /is running in .* already; stop it with: .* --stop/);
  const other = await run(quickstart, inItsPort, { env: sanitizerEnv });
  assert.match(other.stderr, new RegExp(`port \\d+ on 127\\.0\\.0\\.1 is taken by nginx \\(process \\d+\\) of the instance in ${dir}; choose another one with --port`));
  assert.equal((await runningServers(dir)).length, 7);
});

/* As in a container whose process 1 waits for no orphan: those of a command stay, as zombies, until it ends. */
const NO_REAPER = `import ctypes, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
sys.exit(subprocess.run(sys.argv[1:]).returncode)`;

test('a_killed_postgres_that_stays_a_zombie_is_started_again', async () => {
  const dir = await newDirectory();
  await runOk(quickstart, ['--detach', ...await optionsFor(dir)], { env: sanitizerEnv });
  await runOk(quickstart, ['--stop', '--dir', dir]);
  const { stdout } = await runOk('python3', ['-c', NO_REAPER, 'bash', '-euc', `$0 start "$1"
    $0 kill "$1" postgres && ps -o stat= --ppid "$PPID" | grep -c ^Z
    $0 start "$1" postgres && $0 status "$1" && $0 stop "$1"`, path.join(sourceDir, 'packaging/instance'), dir], { env: sanitizerEnv });
  assert.notEqual(stdout.split('\n')[0], '0', 'there are zombies');
  assert.match(stdout, /^postgres running \d+$/m);
});

test('directory_too_deep_for_a_socket_works_all_the_same', async () => {
  const dir = await newDirectory('a-directory-with-a-long-name'.repeat(4));
  await runOk(quickstart, ['--detach', ...await optionsFor(dir)], { env: sanitizerEnv });
  assert.equal((await runningServers(dir)).length, 7);
});

test('wrong_options_are_named', async () => {
  for (const [options, message] of [
    [['--prot', '1'], /unknown argument --prot/],
    [['--port'], /--port wants a value/],
    [['--dir='], /--dir wants a directory/],
    [['--port', '08443', '--dir', await newDirectory(), '--build-dir', buildDir], /--port 08443: expected a number from 1 to 65535/],
    [['--port', '99999', '--dir', await newDirectory(), '--build-dir', buildDir], /--port 99999: expected a number from 1 to 65535/],
  ]) {
    const { status, stderr } = await run(quickstart, options);
    assert.notEqual(status, 0);
    assert.match(stderr, message);
  }
});

test('help_names_every_option', async () => {
  const script = await fs.readFile(quickstart, 'utf8');
  const known = [...script.slice(script.indexOf('while [ $# -gt 0 ]'), script.indexOf('esac')).matchAll(/(?<=[\s|])--[a-z-]+(?=[\s|)])/g)].map(([option]) => option);
  assert.ok(known.length >= 10, known.join());
  const { stdout } = await runOk(quickstart, ['--help']);
  for (const option of known) assert.match(stdout, new RegExp(`^  (-h, )?${option}\\b`, 'm'));
});

/* A clone as a user may place it; what the build makes is taken from here. */
async function cloneAt(dir) {
  await fs.mkdir(dir, { recursive: true });
  for (const name of ['nginx', 'packaging']) await fs.cp(path.join(sourceDir, name), path.join(dir, name), { recursive: true });
  return path.join(dir, 'packaging/quickstart');
}

/* Programs that are found before those of the machine: [name, script of sh]. */
async function programsAt(dir, programs) {
  await fs.mkdir(dir, { recursive: true });
  for (const [name, script] of programs) await fs.writeFile(path.join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return dir;
}

/* As if built there before: ninja has nothing to do. */
async function builtBefore(clone) {
  const build = path.join(clone, 'build-release');
  await fs.mkdir(build);
  await fs.writeFile(path.join(build, 'build.ninja'), '');
  for (const name of ['api', '-relay', '-jobs', '-pbx', 'ctl'].map((end) => (end === 'api' ? 'dialtone-api' : `dialtone${end}`))) {
    await fs.symlink(path.join(buildDir, name), path.join(build, name));
  }
  return { ...sanitizerEnv, PATH: `${await programsAt(path.join(clone, 'bin'), [['ninja', 'echo "ninja: no work to do."']])}:${process.env.PATH}` };
}

test('clone_and_directory_may_have_blanks_in_their_paths_and_no_word_of_the_build_is_shown', async () => {
  const dir = await newDirectory('my data/with blanks');
  const clone = path.join(path.dirname(dir), 'my clone');
  const script = await cloneAt(clone);
  const options = (await optionsFor(dir)).slice(0, -2);
  const { stdout, stderr } = await runOk(script, ['--detach', ...options], { env: await builtBefore(clone) });
  assert.doesNotMatch(stdout + stderr, /ninja/);
  assert.equal((await runningServers(dir)).length, 7);
  await runOk('bash', ['-c', `. '${dir}/instance.env' && curl -sS --fail-with-body --cacert "$DIALTONE_CACERT" "$DIALTONE_URL/api" &&
    curl -sS --fail-with-body --cacert "$DIALTONE_CACERT" -H "x-api-key: $DIALTONE_ADMIN_API_KEY" "$DIALTONE_URL/api/accounts" && psql -X -c 'SELECT 1' "$DIALTONE_PG"`]);
  await runOk(script, ['--stop', '--dir', dir], { env: sanitizerEnv });
});

/* Nothing was installed, built or written: a build directory without programs would be found out later. */
test('what_cannot_work_is_said_before_anything_is_installed_or_built', async () => {
  const taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const outer = await newDirectory('early');
  const cases = [
    [['--dir', outer, '--port', String(taken.address().port)], new RegExp(`port \\d+ on 127\\.0\\.0\\.1 is taken by \\S+ \\(process ${process.pid}\\); choose another one with --port`)],
    [['--dir', path.join(sourceDir, 'src')], /src has something else in it; choose another place with --dir/],
    [['--dir', path.join(sourceDir, 'README.md', 'below')], /README\.md is no directory; choose another one with --dir/],
    [['--dir', path.join(outer, 'a;b')], /a path with quotes or any of/],
    [['--dir', outer, '--port', '70000'], /expected a number from 1 to 65535/],
  ];
  for (const [options, message] of cases) {
    const { status, stdout, stderr } = await run(quickstart, [...options, '--build-dir', sourceDir], { env: sanitizerEnv });
    assert.notEqual(status, 0);
    assert.match(stderr, message);
    assert.equal(stdout, '', 'it is the first word');
    await assert.rejects(fs.access(path.join(outer, 'instance.conf')));
  }
  taken.close();
});

const ofRoot = { skip: process.getuid() !== 0 && 'for root' };

test('directories_of_others_are_left_alone', ofRoot, async () => {
  const dir = await newDirectory('theirs');
  await fs.mkdir(dir, { recursive: true });
  const script = await cloneAt(path.join(path.dirname(dir), 'clone'));
  const asNobody = await run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', script, '--dir', path.join(dir, 'mine'), '--build-dir', '/'], { env: sanitizerEnv });
  assert.match(asNobody.stderr, /theirs may not be written to by nobody; choose another place with --dir/);
  await fs.writeFile(path.join(dir, 'instance.conf'), '');
  await fs.chown(path.join(dir, 'instance.conf'), 65534, 65534);
  const asRoot = await run(path.join(sourceDir, 'packaging/instance'), ['check', dir, '--port', String(await freePort())]);
  assert.match(asRoot.stderr, /theirs is an instance of nobody; choose another place with --dir/);
});

test('all_that_is_missing_is_told_at_once', async () => {
  const dir = await programsAt(path.join(await newDirectory(), 'bin'), [['dpkg-query', 'exit 1'], ['apt-get', 'exit 1'], ['id', 'echo 1000']]);
  for (const name of ['env', 'bash', 'dirname', 'cmp']) await fs.symlink((await runOk('which', [name])).stdout.trim(), path.join(dir, name));
  const { status, stdout, stderr } = await run(path.join(sourceDir, 'packaging/install-needed'), ['run', 'sip', 'build'], { env: { PATH: dir } });
  assert.equal(status, 1);
  const [, list] = stderr.match(/^dialtone: as root, run: apt-get install (.*)$/m);
  for (const name of ['postgresql', 'kamailio-redis-modules', 'libpq-dev']) {
    assert.ok(list.split(' ').includes(name), list);
    assert.match(stdout, new RegExp(`needs the package ${name}: `));
  }
});

test('without_a_network_the_viewer_is_done_without', ofRoot, async () => {
  const clone = await newDirectory('clone');
  await cloneAt(clone);
  await fs.rm(path.join(clone, 'nginx/reference/node_modules'), { recursive: true, force: true });
  const { stdout } = await runOk('unshare', ['--net', path.join(clone, 'packaging/install-needed'), 'reference'],
    { env: { ...process.env, npm_config_cache: path.join(clone, 'cache') }, seconds: 30 });
  assert.match(stdout, /the viewer behind \/api could not be fetched; everything else works without it/);
});
