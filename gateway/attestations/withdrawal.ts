import { encodeAttestationData } from '../../chains/contracts/attestation.ts';
import { nameToBytes32 } from '../../chains/contracts/market-address.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { AnalysisAnswer } from '../app/ports.ts';
import type { AttestationAsk, Figures } from './attest.ts';
import { AttestationRefusedError } from './errors.ts';

function refuse(code: string, message: string): never {
  throw new AttestationRefusedError([{ code, message }]);
}

/** From which book the contract would pay. */
interface Source {
  readonly sequence: bigint;
  readonly amountsWad: readonly Wad[];
  /** Its name; null: what was pushed. */
  readonly venue: string | null;
}

/** What a withdrawal attestation is of: its figures, and what must be reserved of the account while it may be used. */
export interface Withdrawal {
  readonly figures: Figures;
  readonly amountWad: Wad;
  readonly sequence: bigint;
  /** Name of the venue that the contract is; null: it pays from what was pushed. */
  readonly venue: string | null;
}

/**
 * The largest withdrawal of an asset that leaves initial margin covered, over all chains of the account, and no more than
 * `atMostWad`. A consumer that is one of the account's venues pays from its own book at its own sequence; any other from
 * what was pushed for its chain, or for none. `answer` is of the account without what others may still withdraw.
 * @throws AttestationRefusedError
 */
export function withdrawalFigures(
  answer: AnalysisAnswer<'capacity'>,
  asset: string,
  ask: Pick<AttestationAsk, 'chain' | 'consumer'>,
  atMostWad: Wad | null = null,
): Withdrawal {
  const { accountId, result, asOfMs, validUntilMs } = answer;
  if (result.status === 'unknown' || result.failures.length > 0) {
    const names = result.failures.map(({ positionId, reason }) => `${positionId} (${reason.code})`);
    return refuse('margin-unknown', `the account cannot be valued: ${names.join(', ') || 'status unknown'}`);
  }
  const { sequence, amountsWad, venue } = sourceOf(answer, asset, ask);
  if (amountsWad.length === 0) {
    return refuse(
      'no-collateral',
      `the account has no ${asset} that ${ask.consumer} on ${ask.chain} could pay`,
    );
  }
  // Positions of one asset are not withdrawn together: the sum of what each allows alone may not be covered.
  const largest = amountsWad.reduce((most, amount) => (amount > most ? amount : most), 0n);
  const maxAmount = atMostWad !== null && atMostWad < largest ? atMostWad : largest;
  const figures: Figures = {
    kind: 'withdrawal',
    account: nameToBytes32(accountId, 'id'),
    asOfMs,
    validUntilMs,
    data: encodeAttestationData.withdrawal({ asset: nameToBytes32(asset, 'asset'), maxAmount, sequence }),
    values: { asset, maxAmount: wadToDecimal(maxAmount), sequence: sequence.toString() },
  };
  return { figures, amountWad: maxAmount, sequence, venue };
}

function sourceOf(
  { across, analysis, result, sequence }: AnalysisAnswer<'capacity'>,
  asset: string,
  { chain, consumer }: Pick<AttestationAsk, 'chain' | 'consumer'>,
): Source {
  const held = analysis.collateral.filter((one) => one.asset === asset);
  const address = consumer.toLowerCase();
  const venue = across?.venues.find((one) => one.chain === chain && one.address.toLowerCase() === address);
  if (venue === undefined) {
    const chainOf = new Map(result.lines.map(({ positionId, chain: on }) => [positionId, on] as const));
    const here = held.filter(({ positionId }) => {
      const on = chainOf.get(positionId) ?? null;
      // Ids on chain begin with @: what a venue holds, only that venue pays.
      return !positionId.startsWith('@') && (on === null || on === chain);
    });
    return { sequence, amountsWad: here.map(({ amountWad }) => amountWad), venue: null };
  }
  const cut = across?.states.find((state) => state.chain === chain)?.cut ?? null;
  if (cut !== null) return refuse(cut.code, cut.message);
  const id = `@${chain}:${venue.name}:collateral:${asset}`;
  const here = held.filter(({ positionId }) => positionId === id);
  const amountsWad = here.map(({ amountWad }) => amountWad);
  return { sequence: venue.sequence, amountsWad, venue: venue.name };
}
