import { spanRequirement } from '../../../risk/modules/scenario/span.ts';
import { type Near, Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Example {
  readonly longFuture: readonly number[];
  readonly longCall410: readonly number[];
  readonly coveredWrite: readonly number[];
  readonly requirement: Readonly<Record<'longFuture' | 'longCall' | 'coveredWrite', number>>;
}

/** Whole currency units: exact. The book's call array is for the purchase; the covered write is short the call. */
export function run(dir: string) {
  const tally = new Tally('span-example', { relative: 0 });
  for (const example of jsonFiles(dir).map((file) => readJson<Example>(dir, file))) {
    const future = { contracts: 1, gains: example.longFuture };
    const call = (contracts: number) => ({ contracts, gains: example.longCall410 });
    tally.case('long future', (near) => {
      near('requirement', spanRequirement([future]).requirement, example.requirement.longFuture);
    });
    tally.case('long call', (near) => {
      near('requirement', spanRequirement([call(1)]).requirement, example.requirement.longCall);
    });
    tally.case('covered write', (near: Near) => {
      const net = spanRequirement([future, call(-1)]);
      example.coveredWrite.forEach((gain, i) => {
        near(`scenario ${i}`, net.gains[i] ?? Number.NaN, gain);
      });
      near('requirement', net.requirement, example.requirement.coveredWrite);
    });
  }
  return tally.result();
}
