/* Alarms and the dashboard name figures that there are; each alarm goes off when it should, and has a paragraph of its own. */
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

import { sourceDir, temporaryDirectory } from '../lib/instance.mjs';
import { run } from '../lib/run.mjs';

const RULES = path.join(sourceDir, 'packaging/prometheus/alerts.yml');
const read = (name) => fs.readFile(path.join(sourceDir, name), 'utf8');
const rules = await fs.readFile(RULES, 'utf8');
const names = [...rules.matchAll(/- alert: (\w+)$/mg)].map(([, name]) => name);
const documented = new Set([...(await read('docs/figures.md')).matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
const mentioned = (text) => [...new Set(text.match(/\b(dialtone|process)_\w+/g))].map((name) => name.replace(/_bucket$/, '')).filter((name) => name !== 'process_fds');

const API = 'instance="api"', JOBS = 'instance="jobs"', RELAY = 'instance="aa"', PBX = 'instance="pbx"';
const WELL = '0x60', GROWS = '0+60x60';
/* What each alarm hears before it goes off, a value a minute, and what is well. */
const cases = {
  DialtoneDown: { bad: { 'up{job="dialtone"}': '0x60' }, well: { 'up{job="dialtone"}': '1x60' } },
  DialtoneVersionsDiffer: { bad: { 'dialtone_build_info{version="1"}': '1x90', 'dialtone_build_info{version="2"}': '1x90' }, well: { 'dialtone_build_info{version="1"}': '1x60' }, at: '80m' },
  DialtoneDescriptors: { bad: { 'process_open_fds{job="dialtone"}': '900x60', 'process_max_fds{job="dialtone"}': '1000x60' },
    well: { 'process_open_fds{job="dialtone"}': '90x60', 'process_max_fds{job="dialtone"}': '1000x60' } },
  DialtoneApiErrors: { bad: { [`dialtone_api_requests_total{${API},status="200"}`]: '0+100x60', [`dialtone_api_requests_total{${API},status="503"}`]: '0+2x60' },
    well: { [`dialtone_api_requests_total{${API},status="200"}`]: '0+1000x60', [`dialtone_api_requests_total{${API},status="500"}`]: '0+1x60', [`dialtone_api_requests_total{${API},status="404"}`]: '0+500x60' } },
  DialtoneApiSlow: { bad: { [`dialtone_api_request_seconds_bucket{${API},le="1.0"}`]: '0+90x60', [`dialtone_api_request_seconds_bucket{${API},le="2.5"}`]: '0+100x60', [`dialtone_api_request_seconds_bucket{${API},le="+Inf"}`]: '0+100x60' },
    well: { [`dialtone_api_request_seconds_bucket{${API},le="1.0"}`]: '0+1000x60', [`dialtone_api_request_seconds_bucket{${API},le="2.5"}`]: '0+1001x60', [`dialtone_api_request_seconds_bucket{${API},le="+Inf"}`]: '0+1001x60' } },
  DialtoneApiBusy: { bad: { [`dialtone_api_busy_seconds_total{${API}}`]: '0+220x60', [`dialtone_api_workers_alive{${API}}`]: '4x60' },
    well: { [`dialtone_api_busy_seconds_total{${API}}`]: '0+120x60', [`dialtone_api_workers_alive{${API}}`]: '4x60' } },
  DialtoneApiWorkersEnd: { bad: { [`dialtone_api_workers_restarted_total{${API}}`]: '0+1x60' }, well: { [`dialtone_api_workers_restarted_total{${API}}`]: '1x60' } },
  DialtoneApiWorkersHang: { bad: { [`dialtone_api_workers_hung_total{${API}}`]: '0x50 1x20' }, well: { [`dialtone_api_workers_hung_total{${API}}`]: '1x60' } },
  DialtoneGuessing: { bad: { [`dialtone_api_logins_total{${API},door="login",result="wrong"}`]: '0+100x60' },
    well: { [`dialtone_api_logins_total{${API},door="login",result="right"}`]: '0+1000x60', [`dialtone_api_logins_total{${API},door="login",result="wrong"}`]: '0+10x60' } },
  DialtonePostgresqlErrors: { bad: { [`dialtone_jobs_postgresql_errors_total{${JOBS},class="53"}`]: GROWS },
    well: { [`dialtone_api_postgresql_errors_total{${API},class="23"}`]: GROWS, [`dialtone_jobs_postgresql_errors_total{${JOBS},class="53"}`]: WELL } },
  DialtoneOutboxWaits: { bad: { [`dialtone_jobs_outbox_oldest_seconds{${JOBS}}`]: '0+60x60' }, well: { [`dialtone_jobs_outbox_oldest_seconds{${JOBS}}`]: '5x60' } },
  DialtoneNoLeader: { bad: { [`dialtone_jobs_leader{${JOBS}}`]: WELL }, well: { [`dialtone_jobs_leader{${JOBS}}`]: '1x60' } },
  DialtoneEventsDropped: { bad: { [`dialtone_jobs_outbox_dropped_total{${JOBS}}`]: '0+1x60' }, well: { [`dialtone_jobs_outbox_dropped_total{${JOBS}}`]: WELL } },
  DialtoneJobsGivenUp: { bad: { [`dialtone_jobs_given_up_total{${JOBS},kind="mail"}`]: '0x10 1x50' }, well: { [`dialtone_jobs_given_up_total{${JOBS},kind="mail"}`]: '7x60' } },
  DialtoneJobsWait: { bad: { [`dialtone_jobs_waiting{${JOBS},kind="mail"}`]: '2000x60' }, well: { [`dialtone_jobs_waiting{${JOBS},kind="mail"}`]: '20x60' } },
  DialtoneRelayRedisAway: { bad: { [`dialtone_relay_redis_up{${RELAY}}`]: WELL }, well: { [`dialtone_relay_redis_up{${RELAY}}`]: '1x60' } },
  DialtoneRelayLoginsWait: { bad: { [`dialtone_relay_logins_pending{${RELAY}}`]: '3x60' }, well: { [`dialtone_relay_logins_pending{${RELAY}}`]: '3 0 3 0 3 0x60' } },
  DialtoneRelayGaps: { bad: { [`dialtone_relay_gaps_total{${RELAY}}`]: '0+1x60' }, well: { [`dialtone_relay_gaps_total{${RELAY}}`]: '4x60' } },
  DialtoneRelayForgery: { bad: { [`dialtone_relay_messages_misplaced_total{${RELAY}}`]: '0x10 1x50' }, well: { [`dialtone_relay_messages_misplaced_total{${RELAY}}`]: WELL } },
  DialtoneRelaySlowClients: { bad: { [`dialtone_relay_slow_clients_total{${RELAY}}`]: '0+2x60' }, well: { [`dialtone_relay_slow_clients_total{${RELAY}}`]: '0x20 1x40' } },
  DialtoneRelayRefuses: { bad: { [`dialtone_relay_refused_total{${RELAY},reason="handshake_rate"}`]: '0+120x60' }, well: { [`dialtone_relay_refused_total{${RELAY},reason="handshake_rate"}`]: '0+6x60' } },
  DialtonePbxNoneAtWork: { bad: { [`dialtone_pbx_at_work{${PBX}}`]: WELL }, well: { [`dialtone_pbx_at_work{${PBX}}`]: '1x60' } },
  DialtonePbxSyncOld: { bad: { [`dialtone_pbx_sync_age_seconds{${PBX}}`]: '0+60x60' }, well: { [`dialtone_pbx_sync_age_seconds{${PBX}}`]: '30x60' } },
  DialtonePbxRecordsDropped: { bad: { [`dialtone_pbx_records_dropped_total{${PBX}}`]: '0x10 5x50' }, well: { [`dialtone_pbx_records_dropped_total{${PBX}}`]: WELL } },
};

const firing = (alert, eval_time, fires) => ({
  expr: `count by (alertname) (ALERTS{alertstate="firing",alertname="${alert}"})`, eval_time, exp_samples: fires ? [{ labels: `{alertname="${alert}"}`, value: 1 }] : [],
});
const serve = (series) => Object.entries(series).map(([name, values]) => ({ series: name, values }));

test('each alarm goes off when it should, and none while all is well', async () => {
  assert.deepEqual(Object.keys(cases).sort(), [...names].sort());
  const dir = await temporaryDirectory('alarms'), file = path.join(dir, 'cases.yml');
  const well = Object.assign({}, ...Object.values(cases).map((one) => one.well));
  await fs.writeFile(file, JSON.stringify({
    rule_files: [RULES],
    evaluation_interval: '1m',
    tests: [...Object.entries(cases).map(([alert, { bad, at = '55m' }]) => ({ interval: '1m', input_series: serve(bad), promql_expr_test: [firing(alert, at, true)] })),
      { interval: '1m', input_series: serve(well), promql_expr_test: names.map((alert) => firing(alert, '55m', false)) }],
  }));
  const { status, stdout, stderr } = await run('promtool', ['test', 'rules', file]);
  await fs.rm(dir, { recursive: true });
  assert.equal(status, 0, `${stdout}${stderr}`);
  const { status: judged, stderr: why } = await run('promtool', ['check', 'rules', '--lint-fatal', RULES]);
  assert.equal(judged, 0, why);
});

test('each alarm has a paragraph in docs/monitoring.md, and none is left over', async () => {
  const page = await read('docs/monitoring.md');
  assert.deepEqual([...page.matchAll(/^### (Dialtone\w+)$/mg)].map(([, name]) => name).sort(), [...names].sort());
});

for (const file of ['packaging/prometheus/alerts.yml', 'packaging/grafana/dialtone.json']) {
  test(`${file} names figures that there are`, async () => {
    const unknown = mentioned(await read(file)).filter((name) => !documented.has(name));
    assert.deepEqual(unknown, []);
  });
}

test('the dashboard is one that Grafana takes', async () => {
  const board = JSON.parse(await read('packaging/grafana/dialtone.json'));
  assert.ok(board.uid && board.title && board.schemaVersion >= 36);
  const ids = board.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { title, type, gridPos, targets, datasource } of board.panels.filter(({ type }) => type !== 'row')) {
    assert.ok(title && type && gridPos.x + gridPos.w <= 24, title);
    assert.equal(datasource.uid, '${datasource}', title);
    for (const { expr, refId } of targets) assert.ok(expr && refId, title);
  }
});
