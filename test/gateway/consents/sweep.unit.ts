import { expect, test } from 'vitest';
import type { HeldAccount } from '../../../gateway/consents/live-netting.ts';
import { sweepMargins } from '../../../gateway/engine/sweep-margins.ts';
import { createWorld } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

const stored = (account: string) => ({
  ...{ protocol: 'alpha', account, sequence: 1n, cashWad: 0n, positions: [] },
  ...{ marketTimeMs: NOW_MS, updatedAtMs: NOW_MS },
});

test('a sweep stores what GET margin says of netted accounts, and leaves one out that cannot be netted now', async () => {
  const { margin } = createWorld();
  const held = {
    merge: async (protocol: string, pushed: readonly { accountId: string; book: unknown }[]) =>
      pushed.map(({ accountId }) => {
        const portfolio = { accountId, cashWad: 5n, positions: [] };
        return {
          ...{ protocol, accountId, sequence: 1n, updatedAtMs: 0 },
          portfolio,
          pushed: portfolio,
          onChains: null,
        };
      }),
  };
  const netting = {
    has: (_: string, accountId: string) => accountId !== 'plain',
    async margin({ protocol, accountId, portfolio }: HeldAccount) {
      if (accountId === 'broken') throw new Error('the other side cannot be read');
      if (accountId === 'ended') return null;
      const evaluation = margin.evaluate(protocol, portfolio);
      return { ...evaluation, result: { ...evaluation.result, equityWad: 77n } };
    },
  };
  const sweep = sweepMargins({ held, margin, netting });
  const found = await sweep(['plain', 'netted', 'ended', 'broken'].map(stored));
  expect(found.map(({ account, result }) => [account, result.equityWad])).toEqual([
    ['plain', 5n],
    ['netted', 77n],
    ['ended', 5n],
  ]);
});
