/**
 * `node --import tsx test/incidents/write-variations.ts --out FILE [--seed N] [--per-family N]`: generated cases in the
 * form that `npm run incidents -- --file FILE` plays.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { variations } from './generate.ts';

const { values } = parseArgs({
  options: { out: { type: 'string' }, seed: { type: 'string' }, 'per-family': { type: 'string' } },
});
if (values.out === undefined) throw new Error('give --out FILE');
const cases = variations(Number(values.seed ?? 1), Number(values['per-family'] ?? 20));
writeFileSync(values.out, `${JSON.stringify(cases, null, 1)}\n`);
console.log(`${cases.length} cases in ${values.out}`);
