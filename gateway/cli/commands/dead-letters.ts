import { parseArgs } from 'node:util';
import type { Database } from '../../../db/connection.ts';
import { appendAudit } from '../../../db/queries/audit.ts';
import { ALL_TASKS } from '../../../jobs/all-tasks.ts';
import {
  type DeadLetter,
  DeadLetterNotFoundError,
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetter,
} from '../../../jobs/dead-letters.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../../jobs/queues/create.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import { readEnvironment } from '../../config/env.ts';
import { withoutAddresses } from '../../schemas/redact.ts';
import { type Command, type CommandIo, needed, subcommand, table } from '../command.ts';
import { withDatabase } from '../open-database.ts';

const USAGE = `usage: npm run dead-letters -- <command>
  list [--task TASK] [--type TYPE] [--limit N] [--json]     jobs that failed for good, newest first
  show TASK JOB_ID                                          one of them with its payload, as JSON
  replay TASK (JOB_ID ... | --all [--type TYPE])            back into the queue with all their tries
  discard TASK (JOB_ID ... | --all [--type TYPE]) --reason TEXT      forgotten
Works on REDIS_URL, else on DATABASE_URL or the embedded database in DATA_DIR. A running worker does the work.
What is replayed or discarded goes to the audit log, chain '_deployment'.`;

/**
 * Jobs belong to the deployment, not to a protocol (one sweeps the accounts of all), so they have a chain of their own.
 * No protocol can have its name.
 */
export const DEPLOYMENT_CHAIN = '_deployment';

/** How many letters of a task are looked at; as many as are kept. */
const MOST = 10_000;
const DEFAULT_LIMIT = 100;

type Task = (typeof ALL_TASKS)[number];

/** @throws InvalidInputError */
function taskOf(name: string | undefined): Task {
  const task = ALL_TASKS.find((one) => one.name === needed(name, 'TASK'));
  if (task !== undefined) return task;
  throw new InvalidInputError('TASK', `must be one of ${ALL_TASKS.map((one) => one.name).join(', ')}`);
}

/** @throws InvalidInputError */
function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST)
    throw new InvalidInputError('--limit', `must be an integer from 1 to ${MOST}`);
  return limit;
}

const time = (ms: number | null) => (ms === null ? '-' : new Date(ms).toISOString());
const firstLine = (text: string) => withoutAddresses(text.split('\n')[0]!).slice(0, 100);

function asJson({ enqueuedAtMs, failedAtMs, message, ...letter }: DeadLetter) {
  return {
    ...letter,
    message: withoutAddresses(message),
    enqueuedAt: time(enqueuedAtMs),
    failedAt: time(failedAtMs),
  };
}

interface Given {
  readonly task?: string | undefined;
  readonly type?: string | undefined;
  readonly limit?: string | undefined;
  readonly reason?: string | undefined;
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
}

async function list(print: CommandIo['print'], backend: QueueBackend, given: Given): Promise<number> {
  const tasks = given.task === undefined ? ALL_TASKS : [taskOf(given.task)];
  const limit = limitOf(given.limit);
  // The type is looked for among all that are kept, so that a rare one is found behind many others.
  const ask = given.type === undefined ? { limit } : { limit: MOST, type: given.type };
  const letters = (await listDeadLetters(backend, tasks, ask)).slice(0, limit);
  if (given.json) print(JSON.stringify(letters.map(asJson), null, 2));
  else {
    const rows = letters.map(({ task, jobId, type, attempts, failedAtMs, message }) => [
      task,
      jobId,
      type,
      String(attempts),
      time(failedAtMs),
      firstLine(message),
    ]);
    print(table([['task', 'job', 'type', 'tries', 'failed', 'why'], ...rows]));
  }
  return 0;
}

async function show(
  print: CommandIo['print'],
  backend: QueueBackend,
  task: Task,
  id: string,
): Promise<number> {
  const letters = await listDeadLetters(backend, [task], { limit: MOST });
  const letter = letters.find(({ jobId }) => jobId === id);
  if (letter === undefined) throw new DeadLetterNotFoundError(task.name, id);
  print(JSON.stringify(asJson(letter), null, 2));
  return 0;
}

/** Which letters a command is about. @throws InvalidInputError */
async function chosen(
  backend: QueueBackend,
  task: Task,
  ids: readonly string[],
  { all = false, type }: Given,
): Promise<readonly string[]> {
  if (all === ids.length > 0) throw new InvalidInputError('JOB_ID', 'give one or more, or --all');
  if (!all) return ids;
  const letters = await listDeadLetters(backend, [task], {
    limit: MOST,
    ...(type === undefined ? {} : { type }),
  });
  return letters.map(({ jobId }) => jobId);
}

/**
 * The entry and the act: the entry is written first and committed last, so that an act without an entry needs the
 * database to fail in between, and a refused act leaves none.
 */
function audited(
  database: Database,
  act: {
    readonly action: string;
    readonly task: Task;
    readonly jobId: string;
    readonly reason: string | null;
  },
  work: () => Promise<void>,
): Promise<void> {
  const { action, task, jobId, reason } = act;
  return database.transaction(async (tx) => {
    const details = { task: task.name, reason };
    await appendAudit(tx, { protocol: DEPLOYMENT_CHAIN, actor: 'cli', action, subject: jobId, details });
    await work();
  });
}

/** `npm run dead-letters`. */
export const deadLettersCommand: Command = {
  usage: USAGE,
  run: async ({ args, environment, print }) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        task: { type: 'string' },
        type: { type: 'string' },
        limit: { type: 'string' },
        reason: { type: 'string' },
        all: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
    const [command, name, ...ids] = positionals;
    type Run = (database: Database, backend: QueueBackend) => Promise<number>;
    const each =
      (action: 'replay' | 'discard', reason: string | null, done: string): Run =>
      async (database, backend) => {
        const task = taskOf(name);
        for (const jobId of await chosen(backend, task, ids, values)) {
          await audited(database, { action: `dead-letter.${action}`, task, jobId, reason }, () =>
            action === 'replay'
              ? replayDeadLetter(backend, task, jobId)
              : discardDeadLetter(backend, task, jobId),
          );
          print(`${jobId} of ${task.name} ${done}`);
        }
        return 0;
      };
    const runs: Readonly<Record<string, Run>> = {
      list: (_, backend) => list(print, backend, values),
      show: (_, backend) => show(print, backend, taskOf(name), needed(ids[0], 'JOB_ID')),
      replay: each('replay', values.reason ?? null, 'is in the queue again'),
      discard: (database, backend) =>
        each('discard', needed(values.reason, '--reason'), 'is forgotten')(database, backend),
    };
    const run = subcommand(runs, command);
    if (run === undefined) return null;
    // Before anything is opened.
    if (command !== 'list') taskOf(name);
    const { redisUrl } = readEnvironment(environment);
    return withDatabase(environment, async (database) => {
      const backend = await createQueueBackend(
        redisUrl === null ? { databaseUrl: database.url } : { redisUrl },
      );
      try {
        return await run(database, backend);
      } finally {
        await backend.close();
      }
    });
  },
};
