import { HttpRequestError, RpcRequestError, TimeoutError } from 'viem';
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../chains/clients/backoff.ts';
import { type Head, headLimits, lagging, untimely } from '../../../chains/clients/head.ts';
import { classifyFailure } from '../../../chains/clients/rpc-failure.ts';
import { chainSchema } from '../../../chains/registry/chain.ts';

const definition = (blockTimeSeconds: number) =>
  chainSchema.parse({
    id: 'c',
    name: 'c',
    chainId: 1,
    rpcUrls: ['http://localhost'],
    blockTimeSeconds,
    maxHeadAgeSeconds: 60,
  });
const head = (number: bigint, timeMs = 0): Head => ({ number, hash: '0x00', timeMs });

describe('back-off', () => {
  it('doubles from the first wait to the longest', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 60].map((failures) =>
      backoffMs(failures, { firstMs: 500, maxMs: 15_000 }),
    );
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });
});

describe('heads', () => {
  it('may differ by three blocks, or by six seconds where blocks are short', () => {
    const lag = [12, 2, 1, 0.25].map((seconds) => headLimits(definition(seconds)).maxLagBlocks);
    expect(lag).toEqual([3n, 3n, 6n, 24n]);
    const limits = headLimits(definition(12));
    expect(lagging(head(97n), 100n, limits)).toBeNull();
    expect(lagging(head(101n), 100n, limits)).toBeNull();
    expect(lagging(head(96n), 100n, limits)).toBe(
      'head 96 is 4 blocks behind the best known head 100 (limit 3)',
    );
  });

  it('may be as old, or as far ahead, as the limit and no more', () => {
    const limits = headLimits(definition(12));
    expect(untimely(head(1n, 1000), 61_000, limits)).toBeNull();
    expect(untimely(head(1n, 1000), 61_001, limits)).toBe('head 1 is 60 s old (limit 60 s)');
    expect(untimely(head(1n, 61_000), 1000, limits)).toBeNull();
    expect(untimely(head(1n, 61_001), 1000, limits)).toBe('head 1 is 60 s ahead of the clock (limit 60 s)');
  });
});

describe('failures of requests', () => {
  const url = 'https://user:pass@rpc.example/v2/KEY';
  const rpc = (code: number, message: string, data?: unknown) =>
    new RpcRequestError({ body: {}, url, error: { code, message, data } });

  it('are reverts where the call ran, by code, data or words', () => {
    expect(classifyFailure(rpc(3, 'execution reverted: OLD', '0x08c379a0'))).toEqual({
      kind: 'revert',
      data: '0x08c379a0',
      message: 'execution reverted: OLD',
    });
    expect(classifyFailure(rpc(-32015, 'VM error', { data: '0x1234' }))).toMatchObject({ data: '0x1234' });
    expect(classifyFailure(rpc(-32000, 'execution reverted'))).toMatchObject({ kind: 'revert', data: '0x' });
    expect(classifyFailure(rpc(-32000, 'out of gas: 50000000'))).toMatchObject({ kind: 'revert' });
  });

  it("are the endpoint's where it did not do its work, and never repeat its address", () => {
    const failures = [
      rpc(-32000, 'header not found'),
      rpc(-32005, `limit of ${url} reached`),
      new HttpRequestError({ status: 503, url }),
      new TimeoutError({ body: {}, url }),
      new HttpRequestError({ url, cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      new HttpRequestError({ url, cause: new Error(`fetch of ${url} failed`) }),
      `odd ${url}`,
    ];
    expect(failures.map(classifyFailure)).toEqual([
      { kind: 'endpoint', reason: 'RPC error -32000: header not found' },
      { kind: 'endpoint', reason: 'RPC error -32005: limit of (url) reached' },
      { kind: 'endpoint', reason: 'HTTP 503' },
      { kind: 'endpoint', reason: 'no answer in time' },
      { kind: 'endpoint', reason: 'no connection (ECONNRESET)' },
      { kind: 'endpoint', reason: 'fetch of (url) failed' },
      { kind: 'endpoint', reason: 'odd (url)' },
    ]);
  });
});
