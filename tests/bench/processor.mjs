/*
 * Processor time: of a server and all below it, the dead included; of a program that runs to its end; and
 * of the whole machine, of which the rest is foreign load.  In microseconds.
 */
import fs from 'node:fs/promises';
import os from 'node:os';

import { runOk } from '../lib/run.mjs';

const TICK_US = 10000;
/* A cell of which others had more than this part of the machine is measured again. */
export const FOREIGN_MAX = 0.08;

const read = (name) => fs.readFile(name, 'utf8').catch(() => '');

async function childrenOf(pid) {
  const threads = await fs.readdir(`/proc/${pid}/task`).catch(() => []);
  const texts = await Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/children`)));
  return texts.flatMap((text) => text.trim().split(/\s+/).filter(Boolean));
}

/* Of a process and those below it that run, to the nanosecond. */
export async function cpuOf(pid) {
  const own = Number((await read(`/proc/${pid}/schedstat`)).split(' ')[0]) / 1000;
  const below = await Promise.all((await childrenOf(pid)).map(cpuOf));
  return own + below.reduce((a, b) => a + b, 0);
}

/* The same with those that have ended, in ticks: of a server that starts a process a connection. */
export async function cpuOfAll(pid) {
  const fields = (await read(`/proc/${pid}/stat`)).replace(/^.*\) /s, '').split(' ').slice(11, 15).map(Number);
  const below = await Promise.all((await childrenOf(pid)).map(cpuOfAll));
  return fields.reduce((a, b) => a + b, 0) * TICK_US + below.reduce((a, b) => a + b, 0);
}

/* What other guests of the same host took away counts as busy. */
export async function cpuOfMachine() {
  const [user, nice, system, , , irq, softirq, steal] = (await read('/proc/stat')).split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_US;
}

/* Runs a program; its output, and the processor time it had. */
export async function timed(command, args, options) {
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const { stdout, stderr } = await runOk('bash', ['-c', script, 'timed', command, ...args], options);
  const [, user, system] = stderr.match(/^cpu ([\d.]+) ([\d.]+)$/m);
  return { stdout, cpu: (Number(user) + Number(system)) * 1e6 };
}

/* Runs a cell: what it resolved with, the part of the machine that was used by others than pids, the load
 * generator and ourselves. */
export async function withForeign(pids, cell) {
  const ours = async () => (await Promise.all(pids.map(cpuOfAll))).reduce((a, b) => a + b, 0) + process.cpuUsage().user + process.cpuUsage().system;
  const before = { ours: await ours(), machine: await cpuOfMachine(), at: process.hrtime.bigint() };
  const result = await cell();
  const us = Number(process.hrtime.bigint() - before.at) / 1000;
  const used = (await cpuOfMachine()) - before.machine - ((await ours()) - before.ours) - result.load;
  return { ...result, foreign: Math.max(0, used / us / os.availableParallelism()) };
}
