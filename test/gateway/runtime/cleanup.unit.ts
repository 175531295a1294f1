import { expect, it } from 'vitest';
import { Cleanup } from '../../../gateway/runtime/cleanup.ts';

it('stops in reverse order, reports what fails, and goes on', async () => {
  const cleanup = new Cleanup();
  const stopped: string[] = [];
  const failed: string[] = [];
  cleanup.add('first', () => void stopped.push('first'));
  cleanup.add('second', async () => {
    throw new Error('stuck');
  });
  cleanup.add('third', async () => void stopped.push('third'));
  await cleanup.run((name, error) => failed.push(`${name}: ${(error as Error).message}`));
  expect(stopped).toEqual(['third', 'first']);
  expect(failed).toEqual(['second: stuck']);
});

it('runs once, however often it is asked', async () => {
  const cleanup = new Cleanup();
  let times = 0;
  cleanup.add('it', async () => {
    times += 1;
  });
  await Promise.all([cleanup.run(() => undefined), cleanup.run(() => undefined)]);
  await cleanup.run(() => undefined);
  expect(times).toBe(1);
});
