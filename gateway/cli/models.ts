import { openDatabase } from '../../db/connection.ts';
import { listModelDecisions } from '../../db/queries/model-decisions.ts';
import type { ShadowComparison } from '../../models/serving/promotion.ts';
import { ConfigurationError } from '../config/config-error.ts';
import { readEnvironment } from '../config/env.ts';
import { runProgram } from '../runtime/run-program.ts';

/** `npm run models`: the decisions about model artifacts in the database of DATABASE_URL, newest first, one JSON line each. */
await runProgram('models', async ({ cleanup }) => {
  const { databaseUrl } = readEnvironment(process.env);
  if (databaseUrl === null) {
    throw new ConfigurationError('the environment is not valid', [
      { field: 'DATABASE_URL', message: 'must name the database whose decisions are listed' },
    ]);
  }
  const database = openDatabase({ url: databaseUrl });
  cleanup.add('database connections', () => database.close());
  for (const { decidedAtMs, body, ...decision } of await listModelDecisions(database.orm)) {
    const comparisons = (body as readonly ShadowComparison[]).map(
      ({ asset, horizonHours, against, calibration }) =>
        `${asset} ${horizonHours} h: QLIKE ratio ${against?.ratio.toFixed(4)} (t ${against?.t.toFixed(2)}, ${against?.hours} h), coverage ${calibration}`,
    );
    const line = { decidedAt: new Date(decidedAtMs).toISOString(), ...decision, comparisons };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
  return 0;
});
