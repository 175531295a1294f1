import { InvalidInputError } from '../errors.ts';
import { line } from '../modules/lines.ts';
import type { ContributionLine, MarginResult } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import type { Wad } from '../units/wad.ts';

/** Chains that may be cut off at once: every subset of them is margined. */
export const MAX_CUT_CHAINS = 6;

/** Books that stand alone when these chains are cut off: what they hold each, and the rest with the cash. */
function apart(portfolio: AnyPortfolio, chains: readonly string[]): AnyPortfolio[] {
  const { accountId, cashWad } = portfolio;
  const own = chains.map((chain) => ({
    accountId,
    cashWad: 0n,
    positions: portfolio.positions.filter((position) => position.chain === chain),
  }));
  const lost = new Set(chains);
  const positions = portfolio.positions.filter(({ chain }) => chain === null || !lost.has(chain));
  return [...own, { accountId, cashWad, positions }];
}

/**
 * What has to be margined beside the whole account: for each non-empty subset of the cut chains, its books apart. All
 * subsets, so that one more cut chain only adds to them, whatever the module nets.
 * @throws InvalidInputError for more than MAX_CUT_CHAINS
 */
export function splitsOf(portfolio: AnyPortfolio, cut: readonly string[]): AnyPortfolio[][] {
  if (cut.length > MAX_CUT_CHAINS) {
    throw new InvalidInputError('chains', `at most ${MAX_CUT_CHAINS} chains can be cut off at once`);
  }
  const subsets: string[][] = [];
  for (let mask = 1; mask < 2 ** cut.length; mask += 1) {
    subsets.push(cut.filter((_, index) => (mask >> index) % 2 === 1));
  }
  return subsets.map((chains) => apart(portfolio, chains));
}

/** What a cut takes away: everything of value on those chains, and the netting of their risk with the rest's. */
export function cutLines(
  result: MarginResult,
  given: readonly ContributionLine[],
  splits: readonly (readonly MarginResult[])[],
  cut: ReadonlySet<string>,
): ContributionLine[] {
  const netting = (key: 'initialRequirementWad' | 'maintenanceRequirementWad'): Wad => {
    const sums = splits.map((parts) => parts.reduce((sum, part) => sum + part[key], 0n));
    return sums.reduce((most, sum) => (sum - result[key] > most ? sum - result[key] : most), 0n);
  };
  const lines: ContributionLine[] = [...equityByOwner(given)].flatMap(
    ([, { positionId, chain, equityWad }]) =>
      chain !== null && cut.has(chain) && equityWad > 0n
        ? [{ ...line(null, 'chain-cut-off', { equity: -equityWad }), positionId, chain }]
        : [],
  );
  const [initial, maintenance] = [netting('initialRequirementWad'), netting('maintenanceRequirementWad')];
  if (initial > 0n || maintenance > 0n)
    lines.push(line(null, 'chain-netting-lost', { initial, maintenance }));
  return lines;
}

/** Equity of each position, and of the cash on each chain. */
export function equityByOwner(lines: readonly ContributionLine[]) {
  const sums = new Map<string, { positionId: string | null; chain: string | null; equityWad: Wad }>();
  for (const { positionId, chain, equityWad } of lines) {
    if (positionId === null && chain === null) continue;
    const key = positionId === null ? `cash\n${chain}` : `position\n${positionId}`;
    sums.set(key, { positionId, chain, equityWad: (sums.get(key)?.equityWad ?? 0n) + equityWad });
  }
  return sums;
}
