import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Generator } from '../../../ops/load/generator.ts';
import { MIX, ProtocolPlan } from '../../../ops/load/operations.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function serve(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler!);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const read = (url: string) => ({ operation: 'read', method: 'GET', url, key: 'k', body: null });

describe('the generator', () => {
  it('keeps its rate while no answer comes, and counts every answer by its status', async () => {
    const waiting: (() => void)[] = [];
    const url = await serve((_request, answer) => {
      waiting.push(() => answer.writeHead(waiting.length % 2 === 0 ? 200 : 429).end('{}'));
    });
    const generator = new Generator();
    const tally = () => generator.tallies.get('read');
    await generator.run(
      500,
      () => read(url),
      () => (tally()?.planned ?? 0) >= 20,
    );
    const sent = tally()!.planned;
    expect(sent).toBeGreaterThanOrEqual(20);
    expect(tally()!.answered).toBe(0);
    const answering = setInterval(() => waiting.shift()?.(), 1);
    await generator.finish();
    clearInterval(answering);
    expect(tally()!.answered).toBe(sent);
    expect([...tally()!.outcomes.keys()].sort()).toEqual(['200', '429']);
  });

  it('names what goes wrong on the way', async () => {
    const url = await serve((request) => request.socket.destroy());
    const generator = new Generator();
    expect(await generator.send(read(url))).toBe('ECONNRESET');
    expect(await generator.send(read('http://127.0.0.1:1'))).toBe('ECONNREFUSED');
    expect(generator.tallies.get('read')!.errors()).toBe(2);
    await generator.finish();
  });
});

describe('what a protocol asks', () => {
  const below = () => {
    const uniform = seededUniform(3);
    return (n: number) => Math.floor(uniform() * n);
  };

  it('is every operation in its share', () => {
    expect(MIX.reduce((sum, [, share]) => sum + share, 0)).toBe(100);
    const plan = new ProtocolPlan(['a', 'b'], below(), () => 0);
    const seen = new Map<string, number>();
    for (let n = 0; n < 5_000; n += 1) {
      const planned = plan.next(1_000_000);
      plan.answered(planned, 200);
      seen.set(planned.operation, (seen.get(planned.operation) ?? 0) + 1);
    }
    expect(new Set(seen.keys())).toEqual(new Set(MIX.map(([name]) => name)));
    for (const [name, share] of MIX) expect(seen.get(name)! / 50, name).toBeCloseTo(share, -1);
  });

  it('never has two writes of an account underway, and knows what was acknowledged', () => {
    const plan = new ProtocolPlan(['a'], below(), () => 0);
    const first = plan.write();
    expect(first.write).toEqual({ account: 'a', sequence: 1 });
    expect(plan.write().operation).toBe('positions');
    plan.answered(first, 503);
    expect(plan.acknowledged.size).toBe(0);
    const second = plan.write();
    expect(second.write).toEqual({ account: 'a', sequence: 2 });
    plan.answered(second, 200);
    expect([...plan.acknowledged]).toEqual([['a', 2]]);
  });
});
