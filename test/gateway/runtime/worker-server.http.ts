import { describe, expect, it } from 'vitest';
import { jobRuns } from '../../../gateway/app/job-runs.ts';
import { hashKey } from '../../../gateway/auth/keys.ts';
import { workerApp } from '../../../gateway/runtime/worker-server.ts';

const KEY = 'key-of-the-scraper';
function app(keyHash: string | null, ready = true) {
  const runs = jobRuns();
  runs.observe('margin-sweep', 'done', 0.2);
  runs.observe('margin-sweep', 'retried', 0.2);
  runs.observe('webhook-deliver', 'failed', 40);
  return workerApp({
    runs,
    operations: {
      figures: async () => ({
        backlog: null,
        queues: [{ task: 'margin-sweep', waiting: 3, active: 1, delayed: 0, failed: 2 }],
      }),
      chains: () => [],
      queues: () => Promise.reject(new Error('not asked')),
    },
    health: { ready: async () => [{ name: 'database', ok: ready, detail: '' }] },
    clock: { nowMs: () => 0 },
    keyHash,
  });
}
const LOCAL = 'http://127.0.0.1:9464';

describe('what a worker answers', () => {
  it('tells backlogs and its own runs', async () => {
    const answer = await app(null).request(`${LOCAL}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/plain'),
    ]);
    const text = await answer.text();
    for (const line of [
      'breakwater_job_duration_seconds_count{task="margin-sweep",outcome="done"} 1',
      'breakwater_job_duration_seconds_count{task="margin-sweep",outcome="retried"} 1',
      'breakwater_job_duration_seconds_count{task="webhook-deliver",outcome="failed"} 1',
      'breakwater_job_duration_seconds_bucket{le="120",task="webhook-deliver",outcome="failed"} 1',
      'breakwater_queue_jobs{task="margin-sweep",state="waiting"} 3',
      'breakwater_dead_letters{task="margin-sweep"} 2',
      'breakwater_database_up 0',
      'breakwater_queue_up 1',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  it('without a key answers requests that name this machine, with one those that have it', async () => {
    const status = async (keyHash: string | null, url: string, key?: string) =>
      (
        await app(keyHash).request(
          url,
          key === undefined ? {} : { headers: { Authorization: `Bearer ${key}` } },
        )
      ).status;
    expect(await status(null, 'http://attacker.example/metrics')).toBe(403);
    expect(await status(null, 'http://[::1]:9464/metrics')).toBe(200);
    const hash = hashKey(KEY);
    expect(await status(hash, `${LOCAL}/metrics`)).toBe(401);
    expect(await status(hash, `${LOCAL}/metrics`, 'another')).toBe(401);
    expect(await status(hash, 'http://worker:9464/metrics', KEY)).toBe(200);
  });

  it('says whether it lives, and whether it is ready', async () => {
    expect((await app(null).request(`${LOCAL}/health`)).status).toBe(200);
    expect((await app(null).request(`${LOCAL}/ready`)).status).toBe(200);
    expect((await app(null, false).request(`${LOCAL}/ready`)).status).toBe(503);
    expect((await app(null).request(`${LOCAL}/v1/prices`)).status).toBe(404);
  });
});
