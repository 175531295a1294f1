import { join } from 'node:path';
import { readCases } from '../../incidents/case.ts';
import { faultsOf, play } from '../../incidents/play.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { type ConformanceResult, Tally } from '../check.ts';

/** Every case of the incidents through the default configuration; the others of the table are not judged here. */
export function run(dir: string): ConformanceResult {
  const tally = new Tally('incidents', { relative: 0 });
  for (const incident of readCases(join(dir, 'cases.json'))) {
    tally.case(incident.id, (near) => {
      const { judgement } = play(incident)[0]!;
      exactly(near, 'faults', faultsOf(judgement).join(', '), '');
    });
  }
  return tally.result();
}
