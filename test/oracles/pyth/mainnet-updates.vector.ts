import { describe, expect, it } from 'vitest';
import { verifyUpdateDetailed } from '../../../oracles/pyth/verify.ts';
import { BreakwaterError } from '../../../risk/errors.ts';
import { hasVectors, mainnetSignerSets, readJson, readUpdate } from '../support/vectors.ts';

interface IndexRow {
  file: string;
  guardianSet: number;
  nSigs: number;
  slot: string;
  merkle: boolean[];
  messages: {
    t: string;
    id: string;
    price: string;
    conf: string;
    expo: number;
    publishTime: number;
    prev: number;
    ema: string;
    emaConf: string;
  }[];
}

describe.skipIf(!hasVectors('pyth-updates'))('real Pyth updates', () => {
  const rows = hasVectors('pyth-updates') ? readJson<IndexRow[]>('pyth-updates', 'index.json') : [];
  const good = rows.filter((row) => row.merkle.every(Boolean));
  const bad = rows.filter((row) => !row.merkle.every(Boolean));

  it('has both kinds', () => {
    expect([good.length, bad.length]).toEqual([6, 1]);
  });

  it.each(good.map((row) => [row.file, row] as const))('verifies %s', (_file, row) => {
    const update = verifyUpdateDetailed(readUpdate('pyth-updates', row.file), mainnetSignerSets());
    expect(update.signers).toBe(13);
    expect(update.signerSetIndex).toBe(row.guardianSet);
    expect(update.slot.toString()).toBe(row.slot);
    const expected = row.messages.filter((message) => message.t === 'price');
    expect(update.skipped.length).toBe(row.messages.length - expected.length);
    expect(
      update.prices.map((price) => ({
        t: 'price',
        id: price.priceId.slice(2),
        price: price.price.toString(),
        conf: price.conf.toString(),
        expo: price.expo,
        publishTime: price.publishTimeSeconds,
        prev: price.prevPublishTimeSeconds,
        ema: price.emaPrice.toString(),
        emaConf: price.emaConf.toString(),
      })),
    ).toEqual(
      expected.map(({ t, id, price, conf, expo, publishTime, prev, ema, emaConf }) => ({
        t,
        id,
        price,
        conf,
        expo,
        publishTime,
        prev,
        ema,
        emaConf,
      })),
    );
  });

  it.each(bad.map((row) => row.file))('refuses %s', (file) => {
    const error = captured(() => verifyUpdateDetailed(readUpdate('pyth-updates', file), mainnetSignerSets()));
    expect(error.type).toBe('pyth-merkle-proof');
  });
});

describe.skipIf(!hasVectors('pyth-hermes-fixtures'))('Hermes fixtures', () => {
  type Expected = Record<string, { feedId: string; price?: string; conf?: string; publishTime: number }[]>;
  it.each(['accumulator_update_3feeds.b64', 'ban_usd_update.hex', 'btc_usd_update.hex'])(
    'verifies %s',
    (file) => {
      const expected = readJson<Expected>('pyth-hermes-fixtures', 'expected.json')[file]!;
      const { prices, signers } = verifyUpdateDetailed(
        readUpdate('pyth-hermes-fixtures', file),
        mainnetSignerSets(),
      );
      expect(signers).toBe(13);
      expect(
        prices.map((price) => [
          price.priceId.slice(2),
          `${price.price}`,
          `${price.conf}`,
          price.publishTimeSeconds,
        ]),
      ).toEqual(expected.map((row) => [row.feedId, row.price, row.conf, row.publishTime]));
    },
  );

  it('skips the TWAP messages (the file holds three, its page names two) with a reason', () => {
    const update = readUpdate('pyth-hermes-fixtures', 'accumulator_update_twap_2feeds.b64');
    const { prices, skipped } = verifyUpdateDetailed(update, mainnetSignerSets());
    expect(prices).toEqual([]);
    expect(skipped).toEqual(
      [0, 1, 2].map((index) => ({ index, reason: 'a TWAP message carries no spot price' })),
    );
  });
});

function captured(run: () => unknown): BreakwaterError {
  try {
    run();
  } catch (error) {
    if (error instanceof BreakwaterError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
