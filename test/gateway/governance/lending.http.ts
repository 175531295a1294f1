import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkSchema } from '../../../gateway/config/network.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { DEPLOYMENT, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

let postgres: TestPostgres;
let tenancy: TenancyWorld;
let ask: Ask;
beforeAll(async () => {
  postgres = await startTestPostgres();
  tenancy = await tenancyWorld(await postgres.openMigrated(), { pastPrices: true });
  ask = asker(tenancy.world);
});
afterAll(async () => {
  await tenancy?.close();
  await postgres.stop();
});

test('a lending market reads loan to value, threshold, bonus and caps, beside what they come from', async () => {
  const { status, json } = await ask('/v1/parameters/ETH-SPOT');
  expect(status).toBe(200);
  const rates = pick(json, 'rates') as Record<string, string>;
  const terms = pick(json, 'lending') as Record<string, string>;
  expect(terms).toEqual({
    loanToValue: rates.loanToValue,
    liquidationThreshold: rates.liquidationThreshold,
    liquidationBonus: '0.05',
    supplyCap: '10000',
    borrowCap: null,
  });
  const one = wadFromDecimal('1');
  expect(wadFromDecimal(terms.loanToValue!)).toBe(one - wadFromDecimal(rates.initial!));
  expect(wadFromDecimal(terms.liquidationThreshold!)).toBe(one - wadFromDecimal(rates.maintenance!));
  expect(pick(json, 'parametersHash')).toMatch(/^[0-9a-f]{64}$/);
});

test('the terms and the rate of what is owed say to the cent when an account may borrow and when it is liquidated', async () => {
  const { json } = await ask('/v1/parameters/ETH-SPOT');
  const terms = pick(json, 'lending') as Record<string, string>;
  const loan = pick(json, 'parameters', 'assets', 'USDC', 'loan') as Record<string, number>;
  const value = 10 * Number(pick(json, 'rates', 'price'));
  const statusAt = async (share: number, rate: number, cents: number) => {
    const amount = ((value * share) / (1 + rate) + cents / 100).toFixed(6);
    const portfolio = {
      accountId: 'borrower',
      cashWad: 0n,
      positions: [
        { kind: 'collateral' as const, id: 'c', asset: 'ETH', amountWad: wadFromDecimal('10'), chain: null },
        {
          kind: 'loan' as const,
          id: 'l',
          market: 'USDC-SPOT',
          amountWad: wadFromDecimal(amount),
          chain: null,
        },
      ],
    };
    return (await tenancy.margin('local', portfolio, DEPLOYMENT)).status;
  };
  const most = Number(terms.loanToValue);
  expect(await statusAt(most, loan.initial!, -1)).toBe('warned');
  expect(await statusAt(most, loan.initial!, 1)).toBe('margin-call');
  const end = Number(terms.liquidationThreshold);
  expect(await statusAt(end, loan.maintenance!, -1)).toBe('margin-call');
  expect(await statusAt(end, loan.maintenance!, 1)).toBe('liquidatable');
});

test('nothing is told of what is not lent, and no rate of a moment that has none', async () => {
  for (const market of ['BTC-PERP', 'USDC-SPOT']) {
    expect(pick((await ask(`/v1/parameters/${market}`)).json, 'lending')).toBeNull();
  }
  const then = (await ask('/v1/parameters/ETH-SPOT?at=2026-03-14T15:00:00.000Z')).json;
  const inSeconds = (await ask(`/v1/parameters/ETH-SPOT?at=${Date.UTC(2026, 2, 14, 15) / 1000}`)).json;
  expect(inSeconds).toEqual(then);
  expect(pick(then, 'lending')).toMatchObject({
    loanToValue: null,
    liquidationThreshold: null,
    liquidationBonus: '0.05',
  });
});

test.each([
  ['of a perp', { kind: 'perp', lending: { liquidationBonus: '0.05' } }, 'markets.0.lending'],
  [
    'with a bonus of everything',
    { lending: { liquidationBonus: '1' } },
    'markets.0.lending.liquidationBonus',
  ],
  [
    'with a bonus below nothing',
    { lending: { liquidationBonus: '-0.1' } },
    'markets.0.lending.liquidationBonus',
  ],
  [
    'with a cap of 0',
    { lending: { liquidationBonus: '0.1', supplyCap: '0' } },
    'markets.0.lending.supplyCap',
  ],
  [
    'with a cap that is a number',
    { lending: { liquidationBonus: '0.1', borrowCap: 5 } },
    'markets.0.lending.borrowCap',
  ],
  ['with a term of its own', { lending: { liquidationBonus: '0.1', cap: '5' } }, 'markets.0.lending'],
])('a network file with lending terms %s is refused, by name', (_, market, path) => {
  const network = {
    name: 'n',
    chains: [
      {
        id: 'a',
        name: 'a',
        chainId: 1,
        rpcUrls: ['http://127.0.0.1:1'],
        blockTimeSeconds: 1,
        maxHeadAgeSeconds: 9,
      },
    ],
    feeds: [{ id: 'ETH-USD', base: 'ETH', quote: 'USD', sources: [] }],
    markets: [{ id: 'ETH-SPOT', kind: 'collateral', asset: 'ETH', feedId: 'ETH-USD', ...market }],
    module: { id: 'standard', version: '1.0.0' },
  };
  const { error } = networkSchema.safeParse(network);
  expect(error!.issues.map((issue) => issue.path.join('.'))).toContain(path);
});

test.each([
  ['of a market that is not lent', { market: 'BTC-PERP', updateType: 'supplyCap' }, 'updateType'],
  [
    'that forecasts are to move',
    { market: 'ETH-USD', updateType: 'borrowCap', autonomous: true },
    'autonomous',
  ],
])('a network file with a published cap %s is refused, by name', (_, line, field) => {
  const network = JSON.parse(readFileSync('ops/networks/ethereum.json', 'utf8'));
  network.markets = [
    {
      ...{ id: 'ETH-USD', kind: 'collateral', asset: 'ETH', feedId: 'ETH-USD' },
      lending: { liquidationBonus: '0.1' },
    },
    { id: 'BTC-PERP', kind: 'perp', asset: 'BTC', feedId: 'BTC-USD' },
  ];
  network.publishing = { hub: network.chains[0].id, lines: [{ protocol: 'local', ...line }] };
  const { error } = networkSchema.safeParse(network);
  expect(error!.issues.map((issue) => issue.path.join('.'))).toContain(`publishing.lines.0.${field}`);
});
