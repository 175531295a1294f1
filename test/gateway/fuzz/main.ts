/**
 * `npm run fuzz [-- --requests N --seed N --no-schemathesis]`: requests made from the OpenAPI document against the
 * application over a real database, with two protocols. A table by operation; the last line is `N passed, N failed`.
 */
import { parseArgs } from 'node:util';
import { startTestPostgres } from '../../helpers/postgres.ts';
import { fuzz } from './run.ts';
import { schemathesis } from './schemathesis.ts';

const LEAST_VALID = 0.6;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10500' },
    seed: { type: 'string', default: '20261122' },
    'no-schemathesis': { type: 'boolean', default: false },
  },
});
const postgres = await startTestPostgres();
const began = performance.now();
/** Wall time since the start, which tells how busy the machine was. */
const seconds = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
let failed = 0;
let passed = 0;
try {
  const requests = Number(values.requests);
  const report = await fuzz(await postgres.openMigrated(), {
    requests,
    seed: Number(values.seed),
    onProgress: (done) => {
      if (done % 2000 === 0) console.log(`${done} requests`);
    },
  });
  console.log(
    `${'operation'.padEnd(62)} ${'sent'.padStart(6)} ${'< 400'.padStart(6)} ${'failed'.padStart(6)}`,
  );
  for (const { operation, sent, valid, failed: bad } of report.rows) {
    const figures = [sent, valid, bad].map((n) => String(n).padStart(6)).join(' ');
    console.log(`${operation.padEnd(62)} ${figures}`);
  }
  const shown = report.failures.slice(0, 20);
  for (const failure of shown) console.log(`FAILED ${failure}`);
  const share = report.valid / report.sent;
  console.log(
    `${report.sent} requests, ${(100 * share).toFixed(1)} % valid, seed ${values.seed}, ${seconds()}`,
  );
  const short = [
    ...report.unreached.map((operation) => `${operation} was never answered with a 2xx`),
    ...(share < LEAST_VALID ? [`fewer than ${100 * LEAST_VALID} % of the requests were valid`] : []),
  ];
  for (const line of short) console.log(`FAILED ${line}`);
  failed = report.failures.length + short.length;
  passed = report.sent - report.failures.length;
  if (values['no-schemathesis']) console.log('schemathesis: left out');
  else {
    const other = await schemathesis(await postgres.openMigrated());
    console.log(`${other.line}, ${seconds()} in all`);
    passed += other.passed;
    failed += other.failed;
  }
} finally {
  await postgres.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
