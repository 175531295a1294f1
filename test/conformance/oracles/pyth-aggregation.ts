import { pythAggregate } from '../../../oracles/aggregation/pyth-aggregate.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

interface Case {
  readonly quotes: readonly { status: number; conf: number; price: number; slot_diff?: number }[];
}

/** Every aggregate price, confidence and status: exact. */
export function run(dir: string) {
  const tally = new Tally('pyth-aggregation', { relative: 0 });
  for (const file of jsonFiles(dir)) {
    tally.case(file, (near) => {
      const { quotes } = readJson<Case>(dir, file);
      const expected = readJson<{ price: number; conf: number; status: string }>(
        dir,
        file.replace('.json', '.result'),
      );
      const actual = pythAggregate(
        quotes.map(({ price, conf, status, slot_diff = 0 }) => ({
          price: BigInt(price),
          conf: BigInt(conf),
          status,
          ageSlots: -slot_diff,
        })),
      );
      exactly(near, 'status', actual.status as string, expected.status);
      exactly(near, 'price', actual.price as bigint, BigInt(expected.price));
      exactly(near, 'confidence', actual.conf as bigint, BigInt(expected.conf));
    });
  }
  return tally.result();
}
