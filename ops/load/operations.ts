/** A whole number from 0 to n - 1, from a seed: two runs ask the same. */
export type Below = (n: number) => number;

/** One request of a load, before it has a key and a gateway. */
export interface PlannedRequest {
  readonly operation: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body: string | null;
  /** Of a write: the account and the sequence that an answer 200 acknowledges. */
  readonly write: { readonly account: string; readonly sequence: number } | null;
}

const MARKETS = [
  ['BTC-PERP', 60_000, 0.05],
  ['ETH-PERP', 3_000, 1],
  ['SOL-PERP', 150, 20],
] as const;

/** Up to three perpetuals and a collateral, some long and some short, far from liquidation. */
function book(random: Below) {
  const positions: object[] = MARKETS.slice(0, 1 + random(3)).map(([market, price, unit], at) => ({
    kind: 'perp',
    id: `p${at}`,
    market,
    size: String((random(2) === 0 ? 1 : -1) * unit * (1 + random(3))),
    entryPrice: String(price),
    chain: 'hub',
  }));
  positions.push({ kind: 'collateral', id: 'c', asset: 'ETH', amount: '5', chain: 'l2' });
  return { cash: '100000', positions };
}

/** What one protocol asks, in the proportions of `MIX`; the sequences of its books go up one by one. */
export class ProtocolPlan {
  /** Sequence of the last write that was planned, by account. */
  readonly #planned = new Map<string, number>();
  /** Accounts whose last write has no answer yet: their next one waits for it. */
  readonly #writing = new Set<string>();
  /** Sequence of the last acknowledged write, by account. */
  readonly acknowledged = new Map<string, number>();
  readonly #accounts: readonly string[];
  readonly #knownFromMs: () => number;
  readonly #random: Below;

  /** @param knownFromMs from when on every account is there, for questions about the past */
  constructor(accounts: readonly string[], random: Below, knownFromMs: () => number) {
    this.#accounts = accounts;
    this.#random = random;
    this.#knownFromMs = knownFromMs;
  }

  next(nowMs: number): PlannedRequest {
    let drawn = this.#random(100);
    for (const [name, share] of MIX) {
      drawn -= share;
      if (drawn < 0) return this.#plan(name, nowMs);
    }
    return this.#plan('prices', nowMs);
  }

  /** The next book of an account, or a read where all are being written. */
  write(account = this.#free()): PlannedRequest {
    if (account === undefined) return this.#plan('positions', 0);
    const sequence = (this.#planned.get(account) ?? 0) + 1;
    this.#planned.set(account, sequence);
    this.#writing.add(account);
    const body = JSON.stringify({ sequence, ...book(this.#random) });
    const path = `/v1/accounts/${account}/positions`;
    return { operation: 'write positions', method: 'PUT', path, body, write: { account, sequence } };
  }

  answered({ write }: PlannedRequest, status: number): void {
    if (write === null) return;
    this.#writing.delete(write.account);
    if (status === 200) this.acknowledged.set(write.account, write.sequence);
  }

  #free(): string | undefined {
    for (let tries = 0; tries < 8; tries += 1) {
      const account = this.#any();
      if (!this.#writing.has(account)) return account;
    }
    return undefined;
  }

  #any(): string {
    return this.#accounts[this.#random(this.#accounts.length)]!;
  }

  #plan(operation: string, nowMs: number): PlannedRequest {
    if (operation === 'write positions') return this.write();
    if (operation === 'simulate') {
      const body = JSON.stringify(book(this.#random));
      return { operation, method: 'POST', path: '/v1/margin/simulate', body, write: null };
    }
    const account = `/v1/accounts/${this.#any()}`;
    const path = {
      margin: `${account}/margin`,
      'past margin': `${account}/margin?at=${new Date(Math.max(this.#knownFromMs(), nowMs - PAST_MS)).toISOString()}`,
      positions: `${account}/positions`,
      'liquidation price': `${account}/liquidation-price`,
      stress: `${account}/stress`,
      accounts: '/v1/accounts?limit=50',
      price: '/v1/prices/ETH-USD',
      prices: '/v1/prices',
      forecast: '/v1/forecasts/BTC',
    }[operation];
    if (path === undefined) throw new Error(`no operation "${operation}"`);
    return { operation, method: 'GET', path, body: null, write: null };
  }
}

/**
 * How long ago the past moments are that are asked about: longer than it takes until a moment is settled, also on a
 * machine that has no core to spare.
 */
const PAST_MS = 120_000;

/** Operations and their shares in per cent. */
export const MIX = [
  ['margin', 36],
  ['write positions', 15],
  ['price', 12],
  ['prices', 5],
  ['positions', 10],
  ['simulate', 8],
  ['liquidation price', 5],
  ['forecast', 5],
  ['accounts', 2],
  ['past margin', 1],
  ['stress', 1],
] as const;
