import type { UnixMs } from '../../../risk/units/time.ts';
import type { FeedConfig, PythHermesSource } from '../../config/feeds.ts';
import type { VerifiedPrice } from '../../pyth/verify.ts';
import type { SourceReport } from '../../quotes/quote.ts';
import { type FeedSource, failureReport, quoteOf } from '../source.ts';

export type HermesFeedSource = FeedSource<PythHermesSource>;

/** Every source that is fed by Hermes. */
export function hermesSources(feeds: readonly FeedConfig[]): readonly HermesFeedSource[] {
  return feeds.flatMap((feed) =>
    feed.sources.flatMap((source) => (source.kind === 'pyth-hermes' ? [{ feed, source }] : [])),
  );
}

/** Which sources listen to a price id; one id may feed several. */
export function sourcesByPriceId(
  sources: readonly HermesFeedSource[],
): ReadonlyMap<string, readonly HermesFeedSource[]> {
  const byId = new Map<string, HermesFeedSource[]>();
  for (const entry of sources) {
    const list = byId.get(entry.source.priceId);
    if (list === undefined) byId.set(entry.source.priceId, [entry]);
    else list.push(entry);
  }
  return byId;
}

/** The quote of one source from a verified message (never from what the server parsed for us). */
export function hermesReport(
  { feed, source }: HermesFeedSource,
  price: VerifiedPrice,
  nowMs: UnixMs,
): SourceReport {
  if (price.price <= 0n) {
    return failureReport({ feed, source }, 'non-positive-price', `price is ${price.price}`, nowMs);
  }
  return {
    ok: true,
    quote: {
      ...quoteOf({ feed, source }),
      price: price.price,
      expo: price.expo,
      confidence: price.conf,
      publishTimeMs: price.publishTimeSeconds * 1000,
      receivedAtMs: nowMs,
      chain: null,
      blockNumber: null,
      blockTimeMs: null,
      independenceGroup: source.group,
      details: {
        slot: price.slot.toString(),
        signerSet: price.signerSetIndex,
        signers: price.signers,
        emaPrice: price.emaPrice.toString(),
      },
    },
  };
}
