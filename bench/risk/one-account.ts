import { createBatch } from '../../risk/batch/create-batch.ts';
import { explainAccount } from '../../risk/batch/explain.ts';
import { marginAccounts } from '../../risk/batch/margin.ts';
import { priceBatch } from '../../risk/batch/price-batch.ts';
import type { MarketPrice, MarketSnapshot } from '../../risk/market/market-data.ts';
import type { OptionExpiryData } from '../../risk/market/option-data.ts';
import type { AnyMarket, MarginResult } from '../../risk/modules/module.ts';
import { scenarioModuleV2, scenarioModuleV21 } from '../../risk/modules/scenario/module.ts';
import { termsV2 } from '../../risk/modules/scenario/terms.ts';
import { settle } from '../../risk/units/settle.ts';
import { wadFromDecimal, wadToFloat } from '../../risk/units/wad.ts';
import { cpuSeconds, median, printTable, sameChecksum } from '../timing.ts';
import { makeChain } from './data.ts';

const NOW = Date.UTC(2025, 5, 1);
const YEAR_MS = 365 * 86_400_000;
const COUNT = 1000;
/** Runs before the ones that count: what a service that answers all day has behind it. */
const WARM_UPS = 200;
const ROUNDS = 21;

/** Sum of the scenario losses, as a loss. */
const lossOf = ({ lines }: MarginResult) =>
  lines.reduce((sum, line) => (line.term === 'scenario-loss' ? sum - wadToFloat(line.initialWad) : sum), 0);

/** (d) One account with a thousand different options. */
export function oneAccount(): void {
  const chain = makeChain(63);
  const fine = { usable: true, reasons: [] };
  const price: MarketPrice = {
    feedId: 'BTC-USD',
    priceWad: wadFromDecimal('60000'),
    confidenceWad: 0n,
    confidenceScore: 1,
    publishTimeMs: NOW,
    verdicts: { open: fine, margin: fine, liquidate: fine },
  };
  const markets = new Map<string, AnyMarket>();
  const data = new Map<number, OptionExpiryData>();
  const positions = chain.flatMap((expiry, e) => {
    const expiryMs = NOW + Math.round(expiry.tau * YEAR_MS);
    data.set(expiryMs, {
      ...expiry,
      asOfMs: NOW,
      forward: expiry.forwardFixed + expiry.forwardVariable,
      settlementForward: null,
      smile: expiry.legs.filter((leg) => leg.isCall),
    });
    return expiry.legs.map((leg, i) => {
      const id = `BTC-${e}-${i}`;
      const { isCall } = leg;
      const strikeWad = settle(leg.strike, 'debit');
      markets.set(id, { id, kind: 'option', asset: 'BTC', feedId: 'BTC-USD', strikeWad, expiryMs, isCall });
      const sizeWad = wadFromDecimal(`${(((e * 131 + i * 37) % 41) - 20.5) / 4}`);
      return { kind: 'option' as const, id, market: id, sizeWad, chain: null };
    });
  });
  const portfolio = { accountId: 'a', cashWad: 0n, positions: positions.slice(0, COUNT) };
  const market: MarketSnapshot = {
    asOfMs: NOW,
    prices: new Map([['BTC-USD', price]]),
    volatility: new Map(),
    options: new Map([['BTC', data]]),
  };
  const p = scenarioModuleV2.parseParameters({ buffered: false });
  const newer = scenarioModuleV21.parseParameters({ buffered: false });
  const terms = termsV2(p.grid, 1);
  const indices = Int32Array.from({ length: COUNT }, (_, i) => i);
  const size = Float64Array.from(portfolio.positions, (each) => wadToFloat(each.sizeWad));
  const shape = {
    optionsByExpiry: chain.map((expiry) => expiry.legs.length),
    linears: 0,
    scenarios: terms.scenarios,
    accounts: 1,
  };
  const times = { module: [] as number[], newer: [] as number[], batch: [] as number[] };
  const first = { module: 0, newer: 0, batch: 0 };
  let moduleLoss = 0;
  let newerLoss = 0;
  let batchLoss = 0;
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const inModule = cpuSeconds(() => {
      const result = scenarioModuleV2.calculate(portfolio, markets, market, p);
      moduleLoss = lossOf(result);
      if (result.failures.length > 0) throw new Error(result.failures[0]!.reason.message);
    });
    const inNewer = cpuSeconds(() => {
      newerLoss = lossOf(scenarioModuleV21.calculate(portfolio, markets, market, newer));
    });
    const inBatch = cpuSeconds(() => {
      const batch = createBatch(shape, { account: new Int32Array(COUNT), instrument: indices, size });
      priceBatch(batch, terms, chain, []);
      marginAccounts(batch, 0, 1);
      explainAccount(batch, 0);
      batchLoss = batch.arrays.loss[0]!;
    });
    if (round === -WARM_UPS) {
      first.module = inModule;
      first.newer = inNewer;
      first.batch = inBatch;
    }
    if (round < 0) continue;
    times.module.push(inModule);
    times.newer.push(inNewer);
    times.batch.push(inBatch);
  }
  sameChecksum('versions', moduleLoss, newerLoss, 1e-12);
  sameChecksum('module and batch', moduleLoss, batchLoss, 1e-9);
  console.log(
    `(d) one account with ${COUNT} options, CPU milliseconds, median of ${ROUNDS} runs after ${WARM_UPS} that warm up`,
  );
  const ms = (seconds: number) => (seconds * 1e3).toFixed(2);
  printTable([
    ['', 'ms', 'first call', 'worst loss'],
    [
      'scenario module 2.0.0, lines and sensitivities',
      ms(median(times.module)),
      ms(first.module),
      moduleLoss.toFixed(4),
    ],
    ['scenario module 2.1.0, with add-ons', ms(median(times.newer)), ms(first.newer), newerLoss.toFixed(4)],
    [
      'batch: layout, pricing, loss by scenario',
      ms(median(times.batch)),
      ms(first.batch),
      batchLoss.toFixed(4),
    ],
  ]);
}
