import { readdirSync } from 'node:fs';
import { EMPTY_EMA, updateEma } from '../../../oracles/aggregation/pyth-ema.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readCsv } from '../files.ts';

/** Every row of every series, and every series with its prices negated: exact. */
export function run(dir: string) {
  const tally = new Tally('pyth-ema', { relative: 0 });
  const files = readdirSync(dir).filter((file) => file.endsWith('.result'));
  for (const file of files) {
    const rows = readCsv(dir, file);
    for (const sign of [1n, -1n]) {
      let state = EMPTY_EMA;
      rows.forEach((row, index) => {
        tally.case(`${file} row ${index + 1}${sign < 0n ? ' negated' : ''}`, (near) => {
          const observation = {
            price: sign * BigInt(row.price!),
            confidence: BigInt(row.conf!),
            expo: Number(row.expo),
          };
          const next = updateEma(state, observation, Number(row.nslots));
          state = next.state;
          exactly(near, 'price', next.price, sign * BigInt(row.twap!));
          exactly(near, 'confidence', next.confidence, BigInt(row.twac!));
        });
      });
    }
  }
  return tally.result();
}
