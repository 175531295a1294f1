import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

let postgres: TestPostgres;
let tenancy: TenancyWorld;
let ask: Ask;
const short = { kind: 'perp', id: 'p', market: 'BTC-PERP', size: '-1', entryPrice: '60000' };

beforeAll(async () => {
  postgres = await startTestPostgres();
  tenancy = await tenancyWorld(await postgres.openMigrated());
  ask = asker(tenancy.world);
  await ask(
    '/v1/accounts/trader/positions',
    jsonRequest('PUT', { sequence: 1, cash: '50000', positions: [short] }),
  );
});
afterAll(async () => {
  await tenancy?.close();
  await postgres.stop();
});

/** Codes of the reasons of each simulation. */
async function codesOf(simulations: readonly object[]) {
  const { json } = await ask('/v1/accounts/trader/margin/simulate', jsonRequest('POST', { simulations }));
  const answers = pick(json, 'simulations') as object[];
  return answers.map((one) =>
    (pick(one, 'margin', 'reasons') as object[]).map((reason) => pick(reason, 'code')),
  );
}

const TRADES = [
  { label: 'more', set: [{ ...short, size: '-2' }] },
  { label: 'less', set: [{ ...short, size: '-0.5' }] },
  { label: 'closed', remove: ['p'] },
  { label: 'a second position', set: [{ ...short, id: 'q', size: '0.1' }] },
  { label: 'another market', set: [{ ...short, id: 'e', market: 'ETH-PERP' }] },
  { label: 'a withdrawal', cashChange: '-10' },
  {
    label: 'the same size split in two',
    set: [
      { ...short, size: '-0.4' },
      { ...short, id: 'q', size: '-0.6' },
    ],
  },
];

test('a simulated trade in a market that a person stopped says so, and nothing else does', async () => {
  expect((await codesOf(TRADES)).flat()).toEqual([]);
  await ask('/v1/markets/BTC-PERP/freeze', jsonRequest('POST', { reason: 'bad mark' }));
  const frozen = ['market-frozen'];
  expect(await codesOf(TRADES)).toEqual([frozen, frozen, frozen, frozen, [], [], []]);
  const { json } = await ask('/v1/accounts/trader/margin');
  expect(json).toMatchObject({ status: 'healthy', stale: false, reasons: [] });
  await ask('/v1/markets/BTC-PERP/freeze', { method: 'DELETE' });
  expect((await codesOf(TRADES)).flat()).toEqual([]);
});
