import { afterAll, beforeAll, describe } from 'vitest';
import { createQueueBackend } from '../../../jobs/queues/create.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { queueSuite } from './suite.ts';

describe('jobs on PostgreSQL', () => {
  let postgres: TestPostgres;
  let databaseUrl: string;
  beforeAll(async () => {
    postgres = await startTestPostgres();
    databaseUrl = await postgres.createDatabase();
  });
  afterAll(() => postgres.stop());

  queueSuite(() => createQueueBackend({ databaseUrl }));
});
