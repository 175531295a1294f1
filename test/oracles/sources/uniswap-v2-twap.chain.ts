import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import { chainSchema } from '../../../chains/registry/chain.ts';
import { type UniswapV2Source, uniswapV2Source } from '../../../oracles/config/feeds.ts';
import type { ReadOutcome } from '../../../oracles/sources/ports.ts';
import type { Finding } from '../../../oracles/sources/source.ts';
import { createUniswapV2Twap } from '../../../oracles/sources/uniswap-v2-twap.ts';
import { feed } from '../support/feeds.ts';
import { type PairChain, startPairChain } from '../support/uniswap-v2.ts';

const START = 1_700_000_000;
let chain: PairChain;
let seconds = START;

beforeAll(async () => {
  chain = await startPairChain(START);
});
afterAll(() => chain?.stop());

const sourceOf = (over: object = {}): UniswapV2Source =>
  uniswapV2Source.parse({
    kind: 'uniswap-v2-twap',
    id: 'v2:hub',
    group: 'pair:hub',
    chain: 'hub',
    maxAgeSeconds: 120,
    pair: chain.pair,
    baseToken: chain.base,
    baseDecimals: 18,
    quoteDecimals: 6,
    windowSeconds: 600,
    ...over,
  });

/** Reads one round of the adapter at a block mined at the present time, through the real reader. */
function roundsOf(source: UniswapV2Source) {
  const definition = chainSchema.parse({
    id: 'hub',
    name: 'hub',
    chainId: 31337,
    rpcUrls: [chain.url],
    blockTimeSeconds: 12,
    maxHeadAgeSeconds: 120,
  });
  const clock = { nowMs: () => seconds * 1000 };
  const reader = createChainReader(definition, { clock });
  const adapter = createUniswapV2Twap();
  return async (): Promise<Finding> => {
    await chain.mineAt(seconds);
    const view = await reader.pin();
    const outcomes = await view.read(adapter.calls(source));
    const facts: readonly ReadOutcome[] = await view.read(adapter.facts(source, outcomes));
    return adapter.interpret({ feed: feed(), source, outcomes, facts, view, nowMs: clock.nowMs() });
  };
}

const price = (finding: Finding): number => {
  if (!finding.ok) throw new Error(`${finding.code}: ${finding.message}`);
  return Number(finding.quote.price) / 1e18;
};

describe('a real Uniswap v2 pair', () => {
  it('has no price while it is empty, nor for one window after the first reading', async () => {
    seconds += 60;
    expect(await roundsOf(sourceOf())()).toMatchObject({ ok: false, code: 'liquidity' });
    await chain.setTime(seconds + 10);
    // 1000 base against 2,000,000 quote
    await chain.mint(1000n * 10n ** 18n, 2_000_000n * 10n ** 6n);
    seconds += 60;
    const read = roundsOf(sourceOf());
    expect(await read()).toMatchObject({ ok: false, code: 'window' });
    seconds += 599;
    expect(await read()).toMatchObject({ ok: false, code: 'window' });
    seconds += 1;
    const found = await read();
    expect(price(found)).toBeCloseTo(2000, 6);
    expect(found).toMatchObject({
      ok: true,
      quote: {
        expo: -18,
        publishTimeMs: seconds * 1000,
        details: { windowSeconds: 600, quoteReserve: `${2_000_000n * 10n ** 6n}`, feePips: 3000 },
      },
    });
  });

  it('moves by time and not by the last trade', async () => {
    const read = roundsOf(sourceOf());
    seconds += 60;
    await read();
    // 100,000 quote in, a little less base out than the pair would give: about 10 % up.
    await chain.setTime(seconds + 300);
    await chain.buyBase(100_000n * 10n ** 6n, 47n * 10n ** 18n);
    seconds += 600;
    const after = 2_100_000 / 953;
    const half = price(await read());
    // The transfer took the second at +300 and the swap the next one.
    expect(half).toBeGreaterThan(2000 + (after - 2000) * 0.49);
    expect(half).toBeLessThan(2000 + (after - 2000) * 0.51);
    seconds += 600;
    expect(price(await read())).toBeCloseTo(after, 3);
  });

  it('names a pair of other tokens, other decimals, and readings too far apart', async () => {
    seconds += 60;
    const stranger = sourceOf({ baseToken: `0x${'12'.repeat(20)}` });
    expect(await roundsOf(stranger)()).toMatchObject({ ok: false, code: 'unit' });
    seconds += 60;
    expect(await roundsOf(sourceOf({ quoteDecimals: 18 }))()).toMatchObject({ ok: false, code: 'unit' });
    const read = roundsOf(sourceOf({ windowSeconds: 100 }));
    seconds += 60;
    await read();
    seconds += 201;
    expect(await read()).toMatchObject({ ok: false, code: 'window' });
    seconds += 100;
    expect(price(await read())).toBeGreaterThan(2200);
  });
});
