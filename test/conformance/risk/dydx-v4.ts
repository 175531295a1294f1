import { InvalidInputError } from '../../../risk/errors.ts';
import { bankruptcyPrice, fillablePrice } from '../../../risk/liquidation/bankruptcy.ts';
import { openInterestScaledFraction } from '../../../risk/sizing/weights.ts';
import { ceilDiv } from '../../../risk/units/wad.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Liquidation {
  readonly name: string;
  readonly deltaQuantums: number;
  readonly perpetualId: number;
  readonly usdcQuoteQuantums: number;
  readonly positions: readonly { readonly perpetualId: number; readonly quantums: number }[];
  readonly perpetuals: readonly string[];
  readonly bankruptcyAdjustmentPpm?: number;
  readonly spreadToMaintenanceMarginRatioPpm?: number;
  readonly expected?: number;
  readonly expectedRat?: readonly [number, number];
  readonly expectedError?: string;
}
interface Scaled {
  readonly name: string;
  readonly initialMarginPpm: number;
  readonly lowerCap: number;
  readonly upperCap: number;
  readonly openInterestNotional: number;
  readonly quoteQuantums?: number;
  readonly expected?: number;
  readonly expectedPpm?: number;
}
interface Cases {
  readonly bankruptcyPrice: readonly Liquidation[];
  readonly fillablePrice: readonly Liquidation[];
  readonly openInterestScaledInitialMargin: readonly Scaled[];
  readonly adjustedInitialMarginPpm: readonly Scaled[];
}

/** Quote quantums (1e-6 dollar) per base quantum: BTC 50,000 / 1e8, ETH 3,000 / 1e9. */
const QUOTE_PER_QUANTUM = [
  [500n, 1n],
  [3n, 1n],
] as const;

function bookOf(given: Liquidation) {
  const positions = given.positions.map(({ perpetualId, quantums }) => {
    const [price, per] = QUOTE_PER_QUANTUM[perpetualId]!;
    const ratio = /_(\d+)PercentMaintenance/.exec(
      given.perpetuals.find((name) => name.startsWith(perpetualId === 0 ? 'Btc' : 'Eth'))!,
    );
    const size = BigInt(quantums);
    const notional = (size * price) / per;
    const maintenance = ceilDiv((notional < 0n ? -notional : notional) * BigInt(ratio![1]!), 100n);
    return { perpetualId, size, notional, maintenance };
  });
  return {
    account: {
      netCollateral: positions.reduce((sum, each) => sum + each.notional, BigInt(given.usdcQuoteQuantums)),
      totalMaintenance: positions.reduce((sum, each) => sum + each.maintenance, 0n),
    },
    position: positions.find((each) => each.perpetualId === given.perpetualId) ?? {
      size: 0n,
      notional: 0n,
      maintenance: 0n,
    },
    closed: BigInt(given.deltaQuantums),
  };
}

/** Integers exactly, fillable prices within 1e-12 relative; where upstream refuses, a typed error. */
export function run(dir: string) {
  const tally = new Tally('dydx-v4', { relative: 1e-12 });
  const expectRefusal = (given: Liquidation, act: () => unknown) =>
    tally.case(given.name, (near) => {
      let refused = 0;
      try {
        act();
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        refused = 1;
      }
      near('refused', refused, 1);
    });
  for (const cases of jsonFiles(dir).map((file) => readJson<Cases>(dir, file))) {
    for (const given of cases.bankruptcyPrice) {
      const { account, position, closed } = bookOf(given);
      const act = () => bankruptcyPrice(account, position, closed);
      if (given.expectedError) expectRefusal(given, act);
      else tally.case(given.name, (near) => near('price', Number(act()), given.expected!, { relative: 0 }));
    }
    for (const given of cases.fillablePrice) {
      const { account, position, closed } = bookOf(given);
      const adjustment = given.bankruptcyAdjustmentPpm! / 1e6;
      const spread = given.spreadToMaintenanceMarginRatioPpm! / 1e6;
      const act = () => fillablePrice(account, position, closed, adjustment, spread);
      if (given.expectedError) expectRefusal(given, act);
      else {
        tally.case(given.name, (near) => near('price', act(), given.expectedRat![0] / given.expectedRat![1]));
      }
    }
    const fractionOf = (given: Scaled) =>
      openInterestScaledFraction(
        given.initialMarginPpm / 1e6,
        given.openInterestNotional,
        given.lowerCap,
        given.upperCap,
      );
    for (const given of cases.openInterestScaledInitialMargin) {
      tally.case(given.name, (near) => {
        // upstream rounds the margin up; a float's last digit is not a reason to
        const margin = Math.ceil(given.quoteQuantums! * fractionOf(given) - 1e-9);
        near('margin', margin, given.expected!, { relative: 0 });
      });
    }
    for (const given of cases.adjustedInitialMarginPpm) {
      tally.case(given.name, (near) => {
        near('ppm', Math.floor(fractionOf(given) * 1e6 + 1e-6), given.expectedPpm!, { relative: 0 });
      });
    }
  }
  return tally.result();
}
