import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { RetryAfterWatch, retryAfterMs } from '../../../../oracles/sources/hermes/retry-after.ts';

it('reads seconds and dates, at most an hour, and nothing else', () => {
  const now = Date.parse('Wed, 21 Oct 2025 07:28:00 GMT');
  expect(retryAfterMs('7', now)).toBe(7000);
  expect(retryAfterMs('Wed, 21 Oct 2025 07:28:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Wed, 21 Oct 2025 07:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('999999999', now)).toBe(3_600_000);
  expect(retryAfterMs('soon', now)).toBeNull();
  expect(retryAfterMs('-5', now + 1e15)).not.toBe(-5000);
});

it('hears what one server asks for, and not what another does', async () => {
  const start = async (status: number, seconds: number) => {
    const server = createServer((_, response) =>
      response.writeHead(status, { 'Retry-After': `${seconds}` }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, ask: async () => (await fetch(`${url}/v2/x`)).text(), stop: () => server.close() };
  };
  const [ours, other, fine] = await Promise.all([start(429, 60), start(429, 60), start(200, 60)]);
  const watches = [new RetryAfterWatch(`${ours.url}/hermes`), new RetryAfterWatch(fine.url)] as const;
  try {
    await other.ask();
    await fine.ask();
    expect(watches.map((watch) => watch.leftMs())).toEqual([0, 0]);
    await ours.ask();
    expect(watches[0].leftMs()).toBeGreaterThan(50_000);
    expect(watches[1].leftMs()).toBe(0);
  } finally {
    for (const watch of watches) watch.stop();
    for (const server of [ours, other, fine]) server.stop();
  }
});
