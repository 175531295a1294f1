import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_TASKS } from '../../jobs/all-tasks.ts';

const FOLDER = join(import.meta.dirname, '../../jobs/tasks');

test('ALL_TASKS holds every task that jobs/tasks declares', async () => {
  const declared: string[] = [];
  for (const file of readdirSync(FOLDER)) {
    const exported: Record<string, unknown> = await import(join(FOLDER, file));
    for (const value of Object.values(exported)) {
      const task = value as { name?: unknown; payload?: unknown; timeoutMs?: unknown } | null;
      if (task !== null && typeof task === 'object' && 'payload' in task && 'timeoutMs' in task) {
        declared.push(String(task.name));
      }
    }
  }
  expect(ALL_TASKS.map(({ name }) => name).sort()).toEqual(declared.sort());
});
