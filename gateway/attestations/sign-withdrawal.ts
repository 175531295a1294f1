import type { Reservation } from '../../db/queries/withdrawals.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { GatewayPorts } from '../app/ports.ts';
import { envelopeDto } from '../schemas/envelope.ts';
import { type AttestationAsk, attest, type SignedAttestation, targetOf } from './attest.ts';
import { AttestationRefusedError } from './errors.ts';
import { lessReserved } from './reserved.ts';
import { type Withdrawal, withdrawalFigures } from './withdrawal.ts';

export interface WithdrawalAsk {
  readonly accountId: string;
  readonly asset: string;
  /** null: as much as may leave. */
  readonly atMostWad: Wad | null;
}

/** How often it is worked out anew because another of the account was signed meanwhile. */
const ATTEMPTS = 4;

/**
 * Signs a withdrawal of which, with all others that were signed and may still be used, initial margin stays covered: the
 * amount is reserved in the database before the signature is given out.
 * @throws AttestationRefusedError, and what `targetOf` and the capacity of the account do
 */
export async function signWithdrawal(
  { analysis, attestations, prices, clock }: GatewayPorts,
  ask: AttestationAsk,
  { accountId, asset, atMostWad }: WithdrawalAsk,
): Promise<SignedAttestation> {
  const target = targetOf(attestations, ask, true);
  const reservations = attestations?.reservations ?? null;
  const consumer = ask.consumer.toLowerCase();
  const payer = { chain: ask.chain, consumer, nonce: ask.nonce };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // Before the book is read: what is used in between shows in it, and what is signed in between is noticed below.
    const reserved = (await reservations?.of(ask.protocol, accountId, clock.nowMs())) ?? [];
    const answer = await analysis.capacity(ask.protocol, accountId, {
      markets: [],
      sides: [],
      module: null,
      ...(reserved.length === 0
        ? {}
        : { bookOf: (held) => lessReserved(held, reserved, payer, clock.nowMs()) }),
    });
    const nowMs = clock.nowMs();
    const { stale, reasons } = envelopeDto(answer, nowMs, prices.validForMs, []);
    if (stale) throw new AttestationRefusedError(reasons);
    const withdrawal = withdrawalFigures(answer, asset, ask, atMostWad);
    const signed = await attest(target, ask, withdrawal.figures, nowMs);
    if (reservations === null || withdrawal.amountWad === 0n) return signed;
    const reservation = reservationOf(ask, { accountId, asset }, withdrawal, signed);
    if (await reservations.reserve(reservation, reserved, nowMs)) return signed;
  }
  const message = 'other withdrawals of the account are being signed at the same time';
  throw new AttestationRefusedError([{ code: 'withdrawals-contended', message }]);
}

const reservationOf = (
  { protocol, chain, consumer }: AttestationAsk,
  { accountId, asset }: Pick<WithdrawalAsk, 'accountId' | 'asset'>,
  { amountWad, sequence, venue }: Withdrawal,
  { digest, attestation }: SignedAttestation,
): Reservation => ({
  digest,
  protocol,
  account: accountId,
  chain,
  consumer: consumer.toLowerCase(),
  asset,
  amountWad,
  sequence,
  venue,
  nonce: attestation.nonce,
  // On chain it holds to the end of that second.
  validUntilMs: Number(attestation.validUntil) * 1000 + 999,
});
