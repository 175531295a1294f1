import type { Wad } from '../units/wad.ts';
import type { ContributionLine } from './module.ts';

interface Owner {
  readonly id: string;
  readonly chain: string | null;
}

/** One contribution line; amounts that are not given are zero. `owner` null: a line of the account. */
export function line(
  owner: Owner | null,
  term: string,
  amounts: { readonly equity?: Wad; readonly initial?: Wad; readonly maintenance?: Wad },
): ContributionLine {
  return {
    positionId: owner?.id ?? null,
    chain: owner?.chain ?? null,
    term,
    equityWad: amounts.equity ?? 0n,
    initialWad: amounts.initial ?? 0n,
    maintenanceWad: amounts.maintenance ?? 0n,
  };
}

/** Totals are sums of the lines and nothing else: that is why they add up exactly. */
export function sumLines(lines: readonly ContributionLine[]) {
  let equityWad = 0n;
  let initialWad = 0n;
  let maintenanceWad = 0n;
  for (const each of lines) {
    equityWad += each.equityWad;
    initialWad += each.initialWad;
    maintenanceWad += each.maintenanceWad;
  }
  return { equityWad, initialWad, maintenanceWad };
}
