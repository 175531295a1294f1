import type { UnixMs } from '../../risk/units/time.ts';
import type { AssetMargins } from './margin-walk.ts';

/** Days and months of known crashes; a month stands for its day of the largest long loss. */
export const CRASHES = ['2020-03-12', '2021-05-19', '2022-05', '2022-11', '2024-08-05'] as const;

export interface CrashRow {
  readonly asset: string;
  /** As listed in CRASHES. */
  readonly crash: string;
  /** Decision time, 00:00 UTC of the day. */
  readonly dayMs: UnixMs;
  /** Long loss of the 24 hours after. */
  readonly loss: number;
  /** Long margins decided at `dayMs`; null where there was none. */
  readonly margins: readonly {
    readonly model: string;
    readonly policy: string;
    readonly margin: number | null;
  }[];
}

/** The crashes that lie in the range, with what each margin was when the day began. */
export function crashRows(margins: AssetMargins): CrashRow[] {
  return CRASHES.flatMap((crash) => {
    let worst = -1;
    margins.days.forEach((t, d) => {
      if (!new Date(t).toISOString().startsWith(crash)) return;
      const loss = margins.losses.long[d]!;
      if (Number.isFinite(loss) && (worst < 0 || loss > margins.losses.long[worst]!)) worst = d;
    });
    if (worst < 0) return [];
    return [
      {
        asset: margins.asset,
        crash,
        dayMs: margins.days[worst]!,
        loss: margins.losses.long[worst]!,
        margins: margins.series
          .filter((one) => one.side === 'long')
          .map(({ model, policy, margins: m }) => ({
            model,
            policy,
            margin: Number.isFinite(m[worst]!) ? m[worst]! : null,
          })),
      },
    ];
  });
}
