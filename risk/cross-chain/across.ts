import type { VolatilityView } from '../market/market-data.ts';
import type { Reason } from '../market/verdict.ts';
import { line, sumLines } from '../modules/lines.ts';
import type { AnyMarket, ContributionLine, MarginResult, MarginStatus } from '../modules/module.ts';
import { statusOf } from '../modules/status.ts';
import type { AnyPortfolio, AnyPosition } from '../portfolio/portfolio.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { mulWadUp, type Wad } from '../units/wad.ts';
import { cutLines, equityByOwner } from './cut.ts';
import {
  type ChainLink,
  deviationOver,
  finalityOf,
  type HaircutParameters,
  transferHaircut,
} from './haircut.ts';

/** One chain of the account at the moment of the answer. */
export interface ChainState {
  readonly chain: string;
  /** null: what is there is worth nothing elsewhere. */
  readonly link: ChainLink | null;
  /** Why its value cannot be reached now (unreadable, stale, sequencer down); null = it can. */
  readonly cut: Reason | null;
}

/** Value that would have to go from one chain to another to cover what that one lacks. */
export interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: string;
  /** Counted on this much of the value, before the haircut. */
  readonly valueWad: Wad;
  readonly haircutWad: Wad;
}

export interface AcrossChainsInput {
  readonly portfolio: AnyPortfolio;
  readonly markets: ReadonlyMap<string, AnyMarket>;
  /** Of the whole account, as if on one chain. */
  readonly result: MarginResult;
  /** Of `splitsOf(portfolio, chains that are cut)`, in the same order. */
  readonly splits: readonly (readonly MarginResult[])[];
  readonly states: readonly ChainState[];
  readonly volatility: ReadonlyMap<string, ReadonlyMap<number, VolatilityView>>;
  readonly parameters: HaircutParameters;
  /** Share of the requirement below which net margin is warned of. */
  readonly warningRatio: number;
}

export interface AcrossChains {
  readonly result: MarginResult;
  readonly moves: readonly Move[];
}

interface Supply {
  readonly chain: string | null;
  readonly asset: string;
  readonly valueWad: Wad;
  readonly rateWad: Wad;
}

const QUOTE = 'USD';

/**
 * The margin of an account over several chains: that of the same positions on one chain, with
 *
 * - `chain-cut-off`: what a cut chain holds of value is gone, its losses and requirements stay;
 * - `chain-netting-lost`: its risk is not netted with that of the rest any more;
 * - `cross-chain-haircut`: of value on one chain that covers what another lacks (equity minus initial requirement),
 *   cheapest first, `transferHaircut` is taken off.
 *
 * All are lines of the answer, so that its sums stay exact. A cut never lowers a requirement and never raises a net.
 */
export function acrossChains(input: AcrossChainsInput): AcrossChains {
  const { result, states } = input;
  const cut = new Set(states.filter((state) => state.cut !== null).map(({ chain }) => chain));
  const placed = [...result.lines, ...cashLines(input.portfolio.cashOn ?? new Map())];
  const withCuts = [...placed, ...cutLines(result, placed, input.splits, cut)];
  const { lines: haircuts, moves } = haircutLines(input, withCuts);
  const lines = [...withCuts, ...haircuts];
  const { equityWad, initialWad, maintenanceWad } = sumLines(lines);
  const netInitialWad = equityWad - initialWad;
  const netMaintenanceWad = equityWad - maintenanceWad;
  const liquidationCostWad = closingCost(result, input.splits);
  const own = statusOf({
    equityWad,
    netInitialWad,
    netMaintenanceWad,
    warningLevelWad: mulWadUp(initialWad, wadFromNumber(input.warningRatio)),
    liquidationCostWad,
    failed: false,
  });
  return {
    result: {
      ...result,
      liquidationCostWad,
      equityWad,
      initialRequirementWad: initialWad,
      maintenanceRequirementWad: maintenanceWad,
      netInitialWad,
      netMaintenanceWad,
      status: worse(result.status, own),
      lines,
      reasons: [...result.reasons, ...states.flatMap((state) => (state.cut === null ? [] : [state.cut]))],
    },
    moves,
  };
}

/**
 * Closing the account costs what its module says that it costs on one chain, and at least as much as closing what a cut
 * leaves apart: a position that hedges another over a chain that is cut off is closed on its own.
 */
function closingCost(result: MarginResult, splits: AcrossChainsInput['splits']): Wad {
  const apart = splits.map((parts) => parts.reduce((sum, part) => sum + (part.liquidationCostWad ?? 0n), 0n));
  return apart.reduce((most, cost) => (cost > most ? cost : most), result.liquidationCostWad ?? 0n);
}

/** Tells cash that lies on chains from that of the account itself; the sum stays. */
const cashLines = (cash: ReadonlyMap<string, Wad>): ContributionLine[] =>
  [...cash].flatMap(([chain, equity]) =>
    equity === 0n
      ? []
      : [
          { ...line(null, 'cash-on-chain', { equity }), chain },
          line(null, 'cash-on-chain', { equity: -equity }),
        ],
  );

const ORDER: readonly MarginStatus[] = [
  'healthy',
  'warned',
  'margin-call',
  'liquidatable',
  'insolvent',
  'unknown',
];
const worse = (left: MarginStatus, right: MarginStatus) =>
  ORDER.indexOf(left) > ORDER.indexOf(right) ? left : right;

/**
 * What each chain has beyond its initial requirement; null is where cash and lines of the whole account are. A
 * requirement that a hedge makes negative covers no loss.
 */
function netByChain(lines: readonly ContributionLine[]): Map<string | null, Wad> {
  const sums = new Map<string | null, { equity: Wad; initial: Wad }>();
  for (const { chain, equityWad, initialWad } of lines) {
    const { equity, initial } = sums.get(chain) ?? { equity: 0n, initial: 0n };
    sums.set(chain, { equity: equity + equityWad, initial: initial + initialWad });
  }
  return new Map(
    [...sums].map(([chain, { equity, initial }]) => [chain, initial > 0n ? equity - initial : equity]),
  );
}

function haircutLines(input: AcrossChainsInput, lines: readonly ContributionLine[]) {
  const nets = netByChain(lines);
  const needs = [...nets].filter(([, net]) => net < 0n).map(([chain, net]) => ({ chain, wad: -net }));
  const supplies = suppliesOf(input, lines, nets, slowestOf(input, needs));
  const charges: ContributionLine[] = [];
  const moves: Move[] = [];
  let [at, left] = [0, needs[0]?.wad ?? 0n];
  for (const { chain, asset, valueWad, rateWad } of supplies) {
    let supply = valueWad;
    let used = 0n;
    while (supply > 0n && at < needs.length) {
      const value = supply < left ? supply : left;
      if (value > 0n) {
        const haircutWad = mulWadUp(value, rateWad);
        moves.push({ from: chain, to: needs[at]!.chain, asset, valueWad: value, haircutWad });
      }
      used += value;
      supply -= value;
      left -= value;
      if (left === 0n) left = needs[++at]?.wad ?? 0n;
    }
    const charge = mulWadUp(used, rateWad);
    if (charge > 0n) charges.push({ ...line(null, 'cross-chain-haircut', { equity: -charge }), chain });
  }
  return { lines: charges, moves };
}

/** Longest finality among chains that lack something; 0 for the account's own cash, null when one is not known. */
function slowestOf(
  { states, parameters }: AcrossChainsInput,
  needs: readonly { readonly chain: string | null }[],
): number | null {
  let slowest = 0;
  for (const { chain } of needs) {
    if (chain === null) continue;
    const link = states.find((state) => state.chain === chain)?.link ?? null;
    if (link === null) return null;
    slowest = Math.max(slowest, finalityOf(link, parameters));
  }
  return slowest;
}

/** What chains have to spare by asset, the cheapest to move first. Cash of the account itself is on no chain. */
function suppliesOf(
  { portfolio, markets, states, volatility, parameters }: AcrossChainsInput,
  lines: readonly ContributionLine[],
  nets: ReadonlyMap<string | null, Wad>,
  slowest: number | null,
): Supply[] {
  const positions = new Map(portfolio.positions.map((position) => [position.id, position]));
  const held = new Map<string, { chain: string | null; asset: string; valueWad: Wad }>();
  for (const { positionId, chain, equityWad } of equityByOwner(lines).values()) {
    if (equityWad <= 0n) continue;
    const asset = positionId === null ? QUOTE : assetOf(positions.get(positionId), markets);
    const key = `${chain ?? ''}\n${asset}`;
    const known = held.get(key)?.valueWad ?? 0n;
    held.set(key, { chain, asset, valueWad: known + equityWad });
  }
  const rated = [...held.values()].map((each) => {
    const link = states.find(({ chain }) => chain === each.chain)?.link ?? null;
    const deviation = (seconds: number, own: HaircutParameters) =>
      deviationOver(each.asset, seconds, volatility, own);
    const rateWad = each.chain === null ? 0n : transferHaircut(link, slowest, deviation, parameters);
    return { ...each, rateWad };
  });
  const cash = nets.get(null) ?? 0n;
  const all = [...rated.filter(({ chain }) => chain !== null)].sort(byRate);
  const left = new Map(nets);
  const spare = all.flatMap((each): Supply[] => {
    const most = left.get(each.chain) ?? 0n;
    if (most <= 0n) return [];
    const valueWad = each.valueWad < most ? each.valueWad : most;
    left.set(each.chain, most - valueWad);
    return [{ ...each, valueWad }];
  });
  return cash > 0n ? [{ chain: null, asset: QUOTE, valueWad: cash, rateWad: 0n }, ...spare] : spare;
}

function byRate(a: Supply, b: Supply): number {
  if (a.rateWad !== b.rateWad) return a.rateWad < b.rateWad ? -1 : 1;
  return `${a.chain} ${a.asset}` < `${b.chain} ${b.asset}` ? -1 : 1;
}

/** Gains of perps and futures are in the quote asset; an option's value moves like nothing that has a forecast. */
function assetOf(position: AnyPosition | undefined, markets: ReadonlyMap<string, AnyMarket>): string {
  if (position?.kind === 'collateral') return position.asset;
  if (position?.kind === 'perp' || position?.kind === 'future') {
    const market = markets.get(position.market);
    return market !== undefined && 'settlement' in market && market.settlement === 'coin'
      ? market.asset
      : QUOTE;
  }
  return position === undefined ? QUOTE : `${position.kind}:${position.market}`;
}
