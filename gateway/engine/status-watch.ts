import type { MarginResult, MarginStatus } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import type { OnChains } from '../venues/on-chains.ts';
import { evaluated, type MarginEvaluation, type MarginInputs, type PriceView } from './margin-service.ts';
import { Distances, type Gradient } from './status-distances.ts';

export interface WatchedAccount {
  readonly protocol: string;
  readonly accountId: string;
  readonly sequence: bigint;
  /** All it has; `onChains`: what of it lies on chains, if anything can. */
  readonly portfolio: AnyPortfolio;
  readonly onChains?: OnChains | null;
}

export interface StatusChange {
  readonly protocol: string;
  readonly accountId: string;
  readonly sequence: bigint;
  readonly previousStatus: MarginStatus;
  readonly asOfMs: UnixMs;
  readonly result: MarginResult;
}

export interface StatusWatchOptions {
  readonly inputs: (protocol: string, portfolio: AnyPortfolio) => MarginInputs;
  readonly prices: PriceView;
  readonly clock: Clock;
  readonly tell: (change: StatusChange) => void;
  /** An account that cannot be margined is told once here and not watched until its book changes. */
  readonly warn: (error: unknown) => void;
}

/** A later push, or the same with books on chain of no earlier blocks. */
function isLater(next: WatchedAccount, held: WatchedAccount): boolean {
  if (next.sequence !== held.sequence) return next.sequence > held.sequence;
  const [blocks, before] = [next.onChains?.blocks ?? null, held.onChains?.blocks ?? null];
  if (blocks === null) return false;
  return blocks.every(({ timeMs }, index) => {
    const known = before?.[index]?.timeMs ?? null;
    return timeMs === null || known === null || timeMs >= known;
  });
}

interface Held extends WatchedAccount {
  status: MarginStatus | null;
  pending: boolean;
}

/** Wall milliseconds for which the loop is held by accounts that a tick decides, and by those that can wait. */
const TICK_MS = 25;
const SLICE_MS = 4;

/**
 * Tells at once when a tick changes the status of an account. Of every account it keeps how far each threshold is and
 * how that distance moves with each price (the sensitivities of its last exact margin); a tick moves the distances of
 * those that hold something of its feeds, and only those where one changes its sign are margined exactly, which alone
 * decides. What is not in a distance (a confidence, a buffer, the passing of time) is found by the sweep.
 */
export class StatusWatch {
  readonly #options: StatusWatchOptions;
  readonly #distances = new Distances();
  readonly #accounts: (Held | null)[] = [];
  readonly #places = new Map<string, number>();
  readonly #usable = new Map<string, boolean>();
  readonly #feedOf = new Map<string, string>();
  #pending: number[] = [];
  #scheduled: NodeJS.Immediate | null = null;

  constructor(options: StatusWatchOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Accounts that wait to be margined. */
  get waiting(): number {
    return this.#pending.length;
  }

  /** Takes a book, unless the one held is newer; it is margined soon, and its first status is told to nobody. */
  set(account: WatchedAccount): void {
    const key = `${account.protocol}\n${account.accountId}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#accounts.length;
      this.#places.set(key, place);
      this.#accounts.push(null);
    }
    const held = this.#accounts[place] ?? null;
    if (held !== null && !isLater(account, held)) return;
    this.#accounts[place] = { ...account, status: held?.status ?? null, pending: held?.pending ?? false };
    this.#later(place);
  }

  /** Call it with the feeds whose reports changed. */
  feedsChanged(feedIds: Iterable<string>): void {
    const { prices, clock } = this.#options;
    const nowMs = clock.nowMs();
    const moved: string[] = [];
    for (const feedId of feedIds) {
      if (!this.#distances.has(feedId)) continue;
      const { market, verdicts } = prices.price(feedId, nowMs);
      const usable = market !== null && verdicts.margin.usable;
      if (this.#usable.get(feedId) !== usable) {
        this.#usable.set(feedId, usable);
        for (const place of this.#distances.holders(feedId)) this.#later(place);
      }
      if (!usable || market === null) continue;
      this.#distances.move(feedId, wadToFloat(market.priceWad));
      moved.push(feedId);
    }
    const crossed = this.#distances.crossed(moved);
    const deadline = performance.now() + TICK_MS;
    for (const place of crossed) {
      if (performance.now() < deadline) this.#margin(place);
      else this.#later(place);
    }
  }

  stop(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#pending = [];
  }

  #later(place: number): void {
    const held = this.#accounts[place] ?? null;
    if (held === null || held.pending) return;
    held.pending = true;
    this.#pending.push(place);
    this.#scheduled ??= setImmediate(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = null;
    const deadline = performance.now() + SLICE_MS;
    while (this.#pending.length > 0 && performance.now() < deadline) this.#margin(this.#pending.pop()!);
    if (this.#pending.length > 0) this.#scheduled = setImmediate(() => this.#slice());
  }

  /** The exact margin: decides the status and sets the distances anew. */
  #margin(place: number): void {
    const held = this.#accounts[place]!;
    held.pending = false;
    try {
      const inputs = this.#options.inputs(held.protocol, held.portfolio);
      // Such a margin takes a thread of its own; the sweep finds it.
      if (inputs.simulates) {
        this.#distances.forget(place);
        return;
      }
      const onChains = held.onChains ?? null;
      const evaluation = evaluated(inputs, onChains);
      this.#keep(place, evaluation, onChains !== null);
      const { result, basis } = evaluation;
      const previousStatus = held.status;
      held.status = result.status;
      if (previousStatus === null || previousStatus === result.status) return;
      const { protocol, accountId, sequence } = held;
      this.#options.tell({ protocol, accountId, sequence, previousStatus, asOfMs: basis.asOfMs, result });
    } catch (error) {
      this.#distances.forget(place);
      this.#options.warn(error);
    }
  }

  /** `bent`: haircuts between chains, and what a cut leaves out, are in no slope. */
  #keep(place: number, { result, basis, markets, model }: MarginEvaluation, bent: boolean): void {
    for (const { feedId, market, verdicts } of basis.prices) {
      if (!this.#usable.has(feedId)) this.#usable.set(feedId, market !== null && verdicts.margin.usable);
    }
    for (const { asset, feedId } of markets.values()) this.#feedOf.set(asset, feedId);
    const gradients = new Map<string, Gradient>();
    const scenarios = (result.worstScenarios ?? []).length > 0;
    for (const { asset, delta, initialSlope, maintenanceSlope, greeks } of result.sensitivities) {
      const feedId = this.#feedOf.get(asset);
      const price = basis.prices.find((one) => one.feedId === feedId)?.market ?? null;
      if (feedId === undefined || price === null) continue;
      const sum = gradients.get(feedId) ?? {
        price: wadToFloat(price.priceWad),
        equity: 0,
        initial: 0,
        maintenance: 0,
        curved: bent,
      };
      sum.curved ||= scenarios || greeks !== undefined;
      sum.equity += delta;
      sum.initial += initialSlope;
      sum.maintenance += maintenanceSlope;
      gradients.set(feedId, sum);
    }
    // Of every feed that it needs, also where nothing could be valued: it waits for that price to come back.
    for (const { feedId, market } of basis.prices) {
      if (gradients.has(feedId)) continue;
      const price = market === null ? Number.NaN : wadToFloat(market.priceWad);
      gradients.set(feedId, { price, equity: 0, initial: 0, maintenance: 0, curved: false });
    }
    const { warningRatio = 0 } = model.parameters as { readonly warningRatio?: number };
    this.#distances.set(
      place,
      {
        equity: wadToFloat(result.equityWad),
        initial: wadToFloat(result.initialRequirementWad),
        maintenance: wadToFloat(result.maintenanceRequirementWad),
        closing: wadToFloat(result.liquidationCostWad ?? 0n),
        warningRatio,
      },
      gradients,
    );
  }
}
