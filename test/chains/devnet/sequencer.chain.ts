import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { undoL1ToL2Alias } from '../../../chains/devnet/deploy/sequencer.ts';
import {
  proxyAbi,
  type Round,
  readContract,
  START,
  startTestDevnet,
  type TestDevnet,
} from '../support/local-chains.ts';

let devnet: TestDevnet;
beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

const PHASE = 1n << 64n;
const status = () =>
  readContract<Round>(devnet.l2, devnet.l2.definition.sequencerUptimeFeed!, proxyAbi, 'latestRoundData');

describe('the sequencer uptime feed', () => {
  it('is on the l2 only, up since before its grace period', async () => {
    expect(devnet.hub.definition.sequencerUptimeFeed).toBeNull();
    expect(devnet.hub.sequencerAggregator).toBeNull();
    const [roundId, answer, startedAt] = await status();
    expect([roundId, answer]).toEqual([PHASE + 1n, 0n]);
    expect(START - Number(startedAt)).toBeGreaterThan(devnet.l2.definition.sequencerGraceSeconds);
  });

  it('answers 1 while the sequencer is down; startedAt is when that began', async () => {
    await devnet.l2.step({ timestampSeconds: START + 10, sequencerUp: false });
    const downSince = BigInt(START + 10);
    expect(await status()).toEqual([PHASE + 2n, 1n, downSince, downSince, PHASE + 2n]);
    await devnet.l2.step({ timestampSeconds: START + 500, sequencerUp: false });
    expect(await status()).toEqual([PHASE + 2n, 1n, downSince, downSince, PHASE + 2n]);
  });

  it('answers 0 when it is back; startedAt is then the start of the grace period', async () => {
    await devnet.l2.step({ timestampSeconds: START + 900, sequencerUp: true });
    const upSince = BigInt(START + 900);
    expect(await status()).toEqual([PHASE + 3n, 0n, upSince, upSince, PHASE + 3n]);
  });

  it('takes reports from the aliased L1 sender', async () => {
    const { abi } = builtArtifact('ArbitrumSequencerUptimeFeed');
    const feed = devnet.l2.sequencerAggregator!;
    const sender = await readContract<`0x${string}`>(devnet.l2, feed, abi, 'aliasedL1MessageSender');
    const l1Sender = await readContract<`0x${string}`>(devnet.l2, feed, abi, 'l1Sender');
    expect(undoL1ToL2Alias(sender)).toBe(l1Sender);
    // Arbitrum's alias: an L1 address plus 0x1111000000000000000000000000000000001111, modulo 2^160.
    expect(undoL1ToL2Alias('0x1111000000000000000000000000000000001110')).toBe(
      '0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF',
    );
  });
});
