import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { fuzz } from './run.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
}, 300_000);
afterAll(() => postgres.stop());

test('every operation of the document answers as it says, fails never and tells no protocol about another', async () => {
  const report = await fuzz(await postgres.openMigrated(), { requests: 500, seed: 20260314 });
  expect(report.failures).toEqual([]);
  expect(report.unreached).toEqual([]);
  expect(report.valid / report.sent).toBeGreaterThan(0.6);
}, 300_000);
