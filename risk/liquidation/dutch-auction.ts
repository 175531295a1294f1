import { z } from 'zod';

/** Parameters of the Dutch auction of a whole account; defaults are those of Derive's published test configuration. */
export const auctionSchema = z.strictObject({
  startFraction: z.number().min(0).max(1).default(0.98).describe('Share of value paid at the start'),
  fastEndFraction: z.number().min(0).max(1).default(0.8).describe('Share paid at the end of the fast phase'),
  fastSeconds: z.number().positive().max(86_400).default(100).describe('Length of the fast phase, seconds'),
  slowSeconds: z
    .number()
    .positive()
    .max(604_800)
    .default(14_400)
    .describe('Length of the slow phase, seconds'),
  insolventSeconds: z
    .number()
    .positive()
    .max(86_400)
    .default(600)
    .describe('Length of an insolvent auction, seconds'),
  feeRate: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('Fee at the start, share of the value to be closed'),
  bufferShare: z.number().min(0).max(5).default(0.2).describe('Margin to be restored beyond maintenance'),
});
export type AuctionParameters = z.output<typeof auctionSchema>;

/** An account under auction: `value` includes cash and the reserve of earlier bids. */
export interface AuctionAccount {
  /** Mark-to-market value, cash included. */
  readonly value: number;
  /** Net maintenance margin; negative while it may be liquidated. */
  readonly netMaintenance: number;
  /** Cash paid in by earlier bids; not for sale. */
  readonly reserve: number;
}

/** BM = MM + (MM - value) x share: negative until the account is safe by the buffer. */
export function bufferMargin(account: AuctionAccount, bufferShare: number): number {
  return account.netMaintenance + (account.netMaintenance - account.value) * bufferShare;
}

/** Share of value that a bidder pays after `seconds`: linear through a fast and then a slow phase to 0. */
export function paidFraction(p: AuctionParameters, seconds: number): number {
  const elapsed = Math.max(0, seconds);
  if (elapsed <= p.fastSeconds) {
    return p.startFraction - ((p.startFraction - p.fastEndFraction) * elapsed) / p.fastSeconds;
  }
  return p.fastEndFraction * Math.max(0, 1 - (elapsed - p.fastSeconds) / p.slowSeconds);
}

/**
 * Largest share of the account that may be bought: what restores the buffer margin at this price,
 * BM / (BM - value d - R (1 - d)). 0 when the account is safe, 1 at most.
 */
export function largestFraction(account: AuctionAccount, paid: number, bufferShare: number): number {
  const margin = bufferMargin(account, bufferShare);
  if (margin >= 0) return 0;
  const fraction = margin / (margin - account.value * paid - account.reserve * (1 - paid));
  return fraction > 0 && fraction <= 1 ? fraction : 1;
}

/** Fee taken from cash before the first bid; 0 when the account has no value left. */
export function startFee(account: AuctionAccount, p: AuctionParameters): number {
  if (account.value <= 0) return 0;
  return largestFraction(account, 1, p.bufferShare) * account.value * p.feeRate;
}

export interface Bid {
  /** Share of the present account that is bought. */
  readonly fraction: number;
  /** What the bidder pays. */
  readonly price: number;
}

/** The bid for `wanted` (a share of the present account) after `seconds`, at most the largest fraction. */
export function bidAt(account: AuctionAccount, wanted: number, seconds: number, p: AuctionParameters): Bid {
  const paid = paidFraction(p, seconds);
  const fraction = Math.min(wanted, largestFraction(account, paid, p.bufferShare));
  return { fraction, price: (account.value - account.reserve) * paid * fraction };
}

/** Cash and reserve after a bid: the reserve is not sold, the payment joins both. */
export function afterBid(cash: number, reserve: number, bid: Bid) {
  return { cash: cash - (cash - reserve) * bid.fraction + bid.price, reserve: reserve + bid.price };
}

/**
 * What the insurance fund offers for a whole insolvent account after `seconds`: from its (negative) value down to the
 * net maintenance margin; negative = paid to the bidder.
 */
export function insolventOffer(account: AuctionAccount, seconds: number, durationSeconds: number): number {
  const start = Math.min(account.value, 0);
  const share = Math.min(1, Math.max(0, seconds / durationSeconds));
  return start + (account.netMaintenance - start) * share;
}
