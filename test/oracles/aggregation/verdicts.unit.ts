import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import { feed, NOW, pyth, quote } from '../support/feeds.ts';
import { codes, usable, usd } from '../support/figures.ts';

describe('verdicts by confidence', () => {
  // Two sources of equal width: the confidence of the result is theirs.
  const config = feed({
    sources: [pyth({ id: 'p:1', group: 'a' }), pyth({ id: 'p:2', group: 'b' })],
    maxConfidenceBps: 100,
  });
  const at = (confidence: number, second: number) =>
    evaluateFeed(
      config,
      [
        quote(config, 'p:1', 100, { confidence: BigInt(confidence * 1e8) }),
        quote(config, 'p:2', second, { confidence: BigInt(confidence * 1e8) }),
      ],
      NOW,
    );

  it.each([
    [1, 100, '111'],
    [1.01, 100, '011'],
    [2, 100, '011'],
  ])('confidence %d at prices 100 and %d: %s', (confidence, second, expected) => {
    expect(usable(at(confidence, second))).toBe(expected);
  });

  it('closes liquidation beyond twice the limit, margin beyond four times, and names the figures', () => {
    const tolerant = { ...config, maxDeviationBps: 1000 };
    const aged = (confidence: number, second: number) => {
      const over = { confidence: BigInt(confidence * 1e8), publishTimeMs: NOW - 60_000 };
      return evaluateFeed(
        tolerant,
        [quote(config, 'p:1', 100, over), quote(config, 'p:2', second, over)],
        NOW,
      );
    };
    const price = aged(1.5, 100);
    expect(usable(price)).toBe('010');
    expect(price.verdicts.liquidate.reasons).toEqual([
      {
        code: 'confidence',
        message: 'confidence is 300 bp of the price, the limit for liquidate is 200 bp',
        subject: 'ETH-USD',
      },
    ]);
    // votes 96, 100, 104, 104.64, 109, 113.36: middle 104.32, lower quartile 100
    expect(usable(aged(2, 109))).toBe('000');
  });

  it('wants two groups for new risk where the feed has two, even if minGroups is 1', () => {
    const single = feed({ minGroups: 1 });
    const price = evaluateFeed(single, [quote(single, 'pyth:hermes', 3000)], NOW);
    expect(usable(price)).toBe('011');
    expect(codes(price)[0]).toBe('quorum-not-met:ETH-USD');
    const only = feed({ minGroups: 1, sources: [pyth()] });
    expect(usable(evaluateFeed(only, [quote(only, 'pyth:hermes', 3000)], NOW))).toBe('111');
  });

  it('widens with age: the half width doubles over the permitted age', () => {
    const only = feed({ minGroups: 1, sources: [pyth()] });
    const width = (ageMs: number) =>
      evaluateFeed(
        only,
        [quote(only, 'pyth:hermes', 3000, { confidence: 10n ** 8n, publishTimeMs: NOW - ageMs })],
        NOW,
      ).market!.confidenceWad;
    expect([width(0), width(30_000), width(60_000)]).toEqual([usd(1), usd(1.5), usd(2)]);
  });
});
