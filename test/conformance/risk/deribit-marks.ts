import { venueGreeks } from '../../../risk/pricing/deribit-greeks.ts';
import { impliedVolatility } from '../../../risk/pricing/implied-volatility.ts';
import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Row {
  readonly i: string;
  readonly F: number;
  readonly ts: number;
  readonly iv: number;
  readonly mark: number;
  readonly expiry: number;
  readonly greeks?: Readonly<Record<'delta' | 'gamma' | 'vega' | 'theta' | 'rho', number>>;
}

/** Half of the last printed digit of the volatility, and the age that a ticker's Greeks may have. */
const IV_ROUNDING = 0.00005;
const TICKER_SECONDS = 15;

/**
 * Marks within 1e-4 coin, as the set's README says. Greeks within 1e-4 relative of the figure, plus what the rounding of the
 * quoted volatility and a few seconds between ticker and mark can move them, plus half a printed digit: in the last
 * row, hours before expiry, all Greeks are those of a moment 12 s earlier.
 */
export function run(dir: string) {
  const tally = new Tally('deribit-marks', { relative: 1e-4, absolute: 1e-4 });
  for (const row of jsonFiles(dir).flatMap((file) => readJson<Row[]>(dir, file))) {
    tally.case(row.i, (near) => {
      const [, , strike, type] = row.i.split('-');
      const tau = (row.expiry - row.ts / 1000) / SECONDS_PER_YEAR;
      const isCall = type === 'C';
      const actual = venueGreeks(row.F, Number(strike), tau, row.iv / 100, isCall);
      near('mark', actual.markInCoin, row.mark);
      const back = impliedVolatility(actual.price, row.F, Number(strike), tau, 1, isCall);
      near('implied volatility', 'volatility' in back ? back.volatility : Number.NaN, row.iv / 100, {
        relative: 1e-9,
      });
      if (!row.greeks) return;
      const at = (seconds: number, volatility: number) =>
        venueGreeks(row.F, Number(strike), tau + seconds / SECONDS_PER_YEAR, volatility, isCall);
      const older = at(TICKER_SECONDS, row.iv / 100);
      const rounded = at(0, row.iv / 100 + IV_ROUNDING);
      for (const greek of ['delta', 'gamma', 'vega', 'theta', 'rho'] as const) {
        const expected = row.greeks[greek];
        const slack = Math.abs(older[greek] - actual[greek]) + Math.abs(rounded[greek] - actual[greek]);
        near(greek, actual[greek], expected, {
          relative: 1e-4,
          absolute: slack + 1e-4 * Math.abs(expected) + 5e-6,
        });
      }
    });
  }
  return tally.result();
}
