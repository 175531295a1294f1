/**
 * `npm run incidents [-- --file FILE]`: every case of a cases file through the default configuration and three others.
 * Per case and configuration: whether expected price, verdicts and reason are met, or what is not; `HARMFUL` is a price
 * usable for something but outside the truth. Last line `N passed, N failed` of the default; exit code by it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultsHash } from '../../oracles/config/config-hash.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import { DEFAULT_VECTORS } from '../conformance/files.ts';
import type { Answer } from './answer.ts';
import { CasesError, type IncidentCase, readCases } from './case.ts';
import { CONFIGURATIONS, faultsOf, type Played, play } from './play.ts';

const figure = (value: number): string => String(Number(value.toPrecision(6)));

function saying({ priceWad, usable }: Answer): string {
  const letters = [usable.open && 'open', usable.margin && 'margin', usable.liquidate && 'liquidate'];
  const uses = letters.filter(Boolean).join('+');
  return priceWad === null || uses === '' ? 'none' : `${figure(wadToFloat(priceWad))} for ${uses}`;
}

function cell({ judgement }: Played): string {
  const faults = faultsOf(judgement).map((fault) => (fault === 'harmful' ? 'HARMFUL' : fault));
  return faults.length === 0 ? 'right' : faults.join(' ');
}

const WIDTHS = [50, 18, 18, 18, 18, 34];
const row = (cells: readonly string[]): string =>
  cells
    .map((text, index) => text.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();

function show(incident: IncidentCase, played: readonly Played[]): void {
  const { answer } = played[0]!;
  console.log(row([incident.id, ...played.map(cell), saying(answer), answer.reasons.join(',')]));
}

function main(): number {
  const { values } = parseArgs({ options: { file: { type: 'string' } } });
  const file = resolve(values.file ?? join(DEFAULT_VECTORS, 'incidents/cases.json'));
  if (!existsSync(file)) {
    console.error(`no cases at ${file}; give them with --file FILE`);
    return 2;
  }
  const cases = readCases(file);
  if (cases.length === 0) {
    console.error(`${file} holds no case`);
    return 2;
  }
  console.log(
    row(['case', ...CONFIGURATIONS.map(({ name }) => name), 'breakwater: price and uses', 'reasons']),
  );
  const results = cases.map((incident) => {
    const played = play(incident);
    show(incident, played);
    return played;
  });
  const count = (test: (played: Played) => boolean): string[] =>
    CONFIGURATIONS.map((_, index) => String(results.filter((played) => test(played[index]!)).length));
  console.log();
  console.log(row(['totals', ...CONFIGURATIONS.map(({ name }) => name)]));
  console.log(row([`right, of ${cases.length}`, ...count(({ judgement }) => judgement.right)]));
  console.log(row(['harmful', ...count(({ judgement }) => judgement.harmful)]));
  console.log(row(['expected price met', ...count(({ judgement }) => judgement.price)]));
  console.log(row(['expected verdicts met', ...count(({ judgement }) => judgement.verdicts)]));
  console.log(`configuration ${defaultsHash()}`);
  const passed = results.filter((played) => played[0]!.judgement.right).length;
  console.log(`${passed} passed, ${cases.length - passed} failed`);
  return passed === cases.length ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  if (!(error instanceof CasesError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
