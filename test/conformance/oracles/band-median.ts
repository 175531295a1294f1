import { lowerWeightedMedian } from '../../../oracles/reducers/medians.ts';
import { recencyWeights } from '../../../oracles/reducers/recency-weights.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface File {
  readonly medianValidatorPriceInfos: readonly {
    infos: readonly { status: string; price: number; power: number; timestamp: number }[];
    expect: number;
  }[];
  readonly medianWeightedPrice: readonly { prices: readonly [number, number][]; expect: number }[];
}

/** Power- and recency-weighted medians: exact. */
export function run(dir: string) {
  const tally = new Tally('band-median', { relative: 0 });
  const file = readJson<File>(dir, 'band-median.json');
  file.medianValidatorPriceInfos.forEach(({ infos, expect }, index) => {
    tally.case(`validators ${index + 1}`, (near) => {
      const available = infos
        .filter(({ status }) => status === 'AVAILABLE')
        .map(({ price, power, timestamp }) => ({ price, power, timestampSeconds: timestamp }));
      exactly(near, 'median', lowerWeightedMedian(recencyWeights(available)), expect);
    });
  });
  file.medianWeightedPrice.forEach(({ prices, expect }, index) => {
    tally.case(`weighted ${index + 1}`, (near) => {
      const values = prices.map(([value, weight]) => ({ value, weight }));
      exactly(near, 'median', lowerWeightedMedian(values), expect);
    });
  });
  return tally.result();
}
