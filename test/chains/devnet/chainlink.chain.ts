import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevnetTransactionError } from '../../../chains/devnet/errors.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import {
  fluxAbi,
  PRICES,
  proxyAbi,
  type Round,
  readContract,
  START,
  startTestDevnet,
  type TestDevnet,
} from '../support/local-chains.ts';

let devnet: TestDevnet;
let now = START;
const tick = () => {
  now += 12;
  return now;
};
beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

const FIRST_PHASE = 1n << 64n;
const latest = (asset: string, blockNumber?: bigint) => {
  const { proxy } = devnet.hub.chainlink[asset]!;
  return readContract<Round>(devnet.hub, proxy, proxyAbi, 'latestRoundData', [], blockNumber);
};

describe('Chainlink on a local chain', () => {
  it('answers for every asset from the first block, in phase 1 and round 1', async () => {
    for (const [asset, price] of Object.entries(PRICES)) {
      const time = BigInt(START);
      expect(await latest(asset)).toEqual([
        FIRST_PHASE + 1n,
        BigInt(price * 1e8),
        time,
        time,
        FIRST_PHASE + 1n,
      ]);
    }
  });

  it('answers with the median of three different submissions', async () => {
    const { aggregator } = devnet.hub.chainlink.BTC!;
    const { blockNumber } = await devnet.hub.step({
      timestampSeconds: tick(),
      chainlink: [{ asset: 'BTC', price: 37_123.45678901 }],
    });
    const [roundId, answer, startedAt, updatedAt] = await latest('BTC');
    expect(roundId).toBe(FIRST_PHASE + 2n);
    expect(answer).toBe(3_712_345_678_901n);
    expect([startedAt, updatedAt]).toEqual([BigInt(now), BigInt(now)]);
    const oracles = await readContract<readonly string[]>(devnet.hub, aggregator, fluxAbi, 'getOracles');
    expect(oracles).toHaveLength(3);
    expect((await latest('BTC', blockNumber - 1n))[0]).toBe(FIRST_PHASE + 1n);
  });

  it('reads an older round by its id through the proxy, and has no round that was never answered', async () => {
    const { proxy } = devnet.hub.chainlink.BTC!;
    const first = await readContract<Round>(devnet.hub, proxy, proxyAbi, 'getRoundData', [FIRST_PHASE + 1n]);
    expect(first[1]).toBe(3_700_000_000_000n);
    const missing = readContract(devnet.hub, proxy, proxyAbi, 'getRoundData', [FIRST_PHASE + 99n]);
    await expect(missing).rejects.toThrow('No data present');
  });

  it('reverts outside the bounds, says so for each oracle, and goes on with the same round after', async () => {
    const { minSubmissionValue, maxSubmissionValue } = devnet.hub.chainlink.ETH!;
    expect([minSubmissionValue, maxSubmissionValue]).toEqual([2_000_000_001n, 20_000_000_000_000n]);
    const tooLow = devnet.hub.step({
      timestampSeconds: tick(),
      chainlink: [{ asset: 'ETH', price: 20 }],
    });
    const error = await tooLow.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DevnetTransactionError);
    expect((error as DevnetTransactionError).failures).toEqual(
      [0, 1, 2].map((oracle) => ({
        label: `Chainlink ETH round 2, oracle ${oracle}`,
        reason: 'value below minSubmissionValue',
      })),
    );
    const tooHigh = devnet.hub.step({
      timestampSeconds: tick(),
      chainlink: [{ asset: 'ETH', price: 200_000.5 }],
    });
    await expect(tooHigh).rejects.toThrow('value above maxSubmissionValue');
    await devnet.hub.step({ timestampSeconds: tick(), chainlink: [{ asset: 'ETH', price: 200_000 }] });
    expect(await latest('ETH')).toMatchObject({ 0: FIRST_PHASE + 2n, 1: maxSubmissionValue });
  });

  it('moves to a new phase whose round ids are greater, and keeps the old one readable', async () => {
    const before = devnet.hub.chainlink.SOL!;
    const aggregator = await devnet.hub.startChainlinkPhase({
      asset: 'SOL',
      price: 61,
      timestampSeconds: tick(),
    });
    now += 1;
    expect(devnet.hub.chainlink.SOL).toEqual({ ...before, aggregator });
    expect(aggregator).not.toBe(before.aggregator);
    const secondPhase = 2n << 64n;
    expect(await latest('SOL')).toMatchObject({ 0: secondPhase + 1n, 1: 6_100_000_000n });
    await devnet.hub.step({ timestampSeconds: tick(), chainlink: [{ asset: 'SOL', price: 62 }] });
    expect(await latest('SOL')).toMatchObject({ 0: secondPhase + 2n, 1: 6_200_000_000n });
    const old = await readContract<Round>(devnet.hub, before.proxy, proxyAbi, 'getRoundData', [
      FIRST_PHASE + 1n,
    ]);
    expect(old[1]).toBe(6_000_000_000n);
  });

  it('refuses what it cannot do before anything is sent, naming the field', async () => {
    const { hub } = devnet;
    const at = { timestampSeconds: now + 12 };
    const cases = [
      [{ ...at, chainlink: [{ asset: 'DOGE', price: 1 }] }, 'chainlink[0].asset'],
      [{ ...at, chainlink: [{ asset: 'toString', price: 1 }] }, 'chainlink[0].asset'],
      [{ ...at, chainlink: [{ asset: 'BTC', price: Number.NaN }] }, 'chainlink[0].price'],
      [{ ...at, chainlink: [{ asset: 'BTC', price: 1e12 }] }, 'chainlink[0].price'],
      [
        {
          ...at,
          chainlink: [
            { asset: 'BTC', price: 1 },
            { asset: 'BTC', price: 2 },
          ],
        },
        'chainlink[1].asset',
      ],
      [{ ...at, pools: [{ asset: 'USDC', targetPrice: 1 }] }, 'pools[0].asset'],
      [{ ...at, pools: [{ asset: 'BTC', targetPrice: -1 }] }, 'pools[0].targetPrice'],
      [{ ...at, sequencerUp: true }, 'sequencerUp'],
      [{ timestampSeconds: now }, 'timestampSeconds'],
      [{ timestampSeconds: now + 0.5 }, 'timestampSeconds'],
    ] as const;
    for (const [input, field] of cases) {
      const error = await hub.step(input).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).issues[0]?.field).toBe(field);
    }
    await expect(hub.step(at)).resolves.toHaveProperty('blockNumber');
    now += 12;
  });
});
