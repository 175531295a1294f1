import { scenarioMarginV1 } from '../../../risk/modules/scenario/v1.ts';
import { Tally } from '../check.ts';
import { type V1Parameters, type V1Portfolio, v1Account, v1Parameters } from '../derive/v1-account.ts';
import { namedCases, readJson } from '../files.ts';

interface Case {
  readonly Scenario: V1Portfolio;
  readonly Result: Readonly<
    Record<
      | 'PortfolioMTM'
      | 'ForwardContingency'
      | 'MinSpan'
      | 'OracleContingency'
      | 'InitialMarginHand'
      | 'MaintenanceMarginHand',
      number
    >
  >;
}

/** Every figure within 1e-12 relative (the README's script: 6e-15), small ones within 1e-12 of the book's value. */
export function run(dir: string) {
  const tally = new Tally('derive-pmrm1', { relative: 1e-12 });
  const parameters = v1Parameters(readJson<V1Parameters>(dir, 'params.json'));
  const cases = namedCases<Case>(dir, 'Scenario.ForwardsFixed', 'Result.InitialMarginHand');
  for (const [name, { Scenario: scenario, Result: expected }] of cases) {
    tally.case(name, (near) => {
      const account = v1Account(scenario);
      const result = scenarioMarginV1(account, parameters);
      const float = (value: number) => value / 1e18;
      const scale = Math.max(1, Math.abs(float(expected.PortfolioMTM)));
      const tolerance = { relative: 1e-12, absolute: 1e-12 * scale };
      near('value', result.markToMarket + account.cash, float(expected.PortfolioMTM), tolerance);
      near('forward loss', result.losses.forwardLoss, float(expected.ForwardContingency), tolerance);
      near('worst scenario', Math.min(0, ...result.losses.pnl), float(expected.MinSpan), tolerance);
      near('confidence', -result.confidenceCharge, float(expected.OracleContingency), tolerance);
      near('IM', result.netInitial, float(expected.InitialMarginHand), tolerance);
      near('MM', result.netMaintenance, float(expected.MaintenanceMarginHand), tolerance);
    });
  }
  return tally.result();
}
