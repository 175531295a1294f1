import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../../db/connection.ts';
import { putPolicy } from '../../../db/queries/governance.ts';
import { getProposal } from '../../../db/queries/proposals.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { typedDataOf } from '../../../gateway/governance/verify-approval.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { policyOf, runProposals } from '../support/proposal-job.ts';
import { DEPLOYMENT, type TenancyWorld, tenancyWorld } from '../support/tenancy.ts';

const SIGNER = privateKeyToAccount(`0x${'01'.repeat(32)}`);
const HOUR_MS = 3_600_000;
const POLICY = policyOf([SIGNER], 1);

let postgres: TestPostgres;
let database: Database;
let tenancy: TenancyWorld;
let ask: Ask;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  await tenancy?.close();
  database = await postgres.openMigrated();
  tenancy = await tenancyWorld(database, { pastPrices: true });
  ask = asker(tenancy.world);
  await putPolicy(database, 'local', POLICY, 'test');
});
afterAll(async () => {
  await tenancy?.close();
  await postgres.stop();
});

const work = (wallNowMs = Date.now()) => runProposals(database, tenancy, wallNowMs);
const propose = async (lending: unknown, more: object = {}) =>
  ask('/v1/proposals', jsonRequest('POST', { title: 'caps', parameters: { lending }, ...more }));
const accept = async (answer: Awaited<ReturnType<Ask>>) => {
  expect(answer.status).toBe(201);
  const id = String(pick(answer.json, 'id')) as Hex;
  await work();
  const signature = await SIGNER.signTypedData(typedDataOf(await getProposal(database.orm, 'local', id)));
  await ask(`/v1/proposals/${id}/approvals`, jsonRequest('POST', { signature }));
  expect(await work(Date.now() + 2 * HOUR_MS)).toMatchObject({ executed: 1 });
  await tenancy.configurations.reload();
  return id;
};
const parameters = async () => (await ask('/v1/parameters/ETH-SPOT')).json;

test('caps and bonus are proposed, and are in force from their notice on, with the hash', async () => {
  const before = await parameters();
  const answer = await propose({ 'ETH-SPOT': { supplyCap: '12000', borrowCap: '4000' } });
  await accept(answer);
  expect(await parameters()).toMatchObject({
    lending: { liquidationBonus: '0.05', supplyCap: '10000', borrowCap: null },
    parametersHash: pick(before, 'parametersHash'),
    next: { parameters: { lending: { 'ETH-SPOT': { supplyCap: '12000' } } } },
  });
  tenancy.world.nowMs = NOW_MS + 2 * HOUR_MS;
  const after = await parameters();
  expect(after).toMatchObject({
    lending: { liquidationBonus: '0.05', supplyCap: '12000', borrowCap: '4000' },
    effectiveFrom: new Date(NOW_MS + 2 * HOUR_MS).toISOString(),
    configurationVersion: 1,
    parametersHash: pick(answer.json, 'parametersHash'),
    parameters: pick(before, 'parameters'),
  });
  expect(pick(after, 'parametersHash')).not.toBe(pick(before, 'parametersHash'));
  expect(pick(answer.json, 'changes')).toEqual([
    { path: 'lending.ETH-SPOT.borrowCap', before: null, after: '4000' },
    { path: 'lending.ETH-SPOT.supplyCap', before: null, after: '12000' },
  ]);
  // what was in force before is still told of the past
  expect((await ask(`/v1/parameters/ETH-SPOT?at=${new Date(NOW_MS).toISOString()}`)).json).toMatchObject({
    lending: { supplyCap: '10000' },
  });
  // and it stays whatever margins the protocol, until it is taken back
  await accept(
    await ask(
      '/v1/proposals',
      jsonRequest('POST', {
        title: 'move to 1.2.0',
        module: { id: 'standard', version: '1.2.0' },
        parameters: {},
      }),
    ),
  );
  await accept(await propose({ 'ETH-SPOT': { supplyCap: 'none', borrowCap: null } }));
  tenancy.world.nowMs = NOW_MS + 5 * HOUR_MS;
  expect(await parameters()).toMatchObject({
    moduleVersion: '1.2.0',
    lending: { liquidationBonus: '0.05', supplyCap: null, borrowCap: null },
  });
});

test('without any the hash is what it was', () => {
  const { module, parametersHash, given } = DEPLOYMENT;
  for (const lending of [undefined, {}, { 'ETH-SPOT': {} }])
    expect(
      pinnedModel(module.id, module.version, { ...given, ...(lending && { lending }) }).parametersHash,
    ).toBe(parametersHash);
});

test.each([
  ['of a market that is not lent', { 'USDC-SPOT': { supplyCap: '1' } }, 'parameters.lending.USDC-SPOT'],
  ['of no market', { DOGE: { supplyCap: '1' } }, 'parameters.lending.DOGE'],
  ['a cap of nothing', { 'ETH-SPOT': { supplyCap: '0' } }, 'parameters.lending.ETH-SPOT.supplyCap'],
  ['a cap that is a number', { 'ETH-SPOT': { borrowCap: 5 } }, 'parameters.lending.ETH-SPOT.borrowCap'],
  [
    'a bonus of the whole',
    { 'ETH-SPOT': { liquidationBonus: '1' } },
    'parameters.lending.ETH-SPOT.liquidationBonus',
  ],
  ['another term', { 'ETH-SPOT': { cap: '5' } }, 'parameters.lending.ETH-SPOT'],
  ['no object', 5, 'parameters.lending'],
])('terms %s are refused by name', async (_, lending, field) => {
  expect((await propose(lending)).json).toMatchObject({ status: 400, errors: [{ field }] });
});

test('bounds hold for them as for every parameter', async () => {
  const bounds = { 'lending.*.supplyCap': { max: 15_000, maxRelativeChange: 0.25 } };
  await putPolicy(database, 'local', { ...POLICY, bounds }, 'test');
  const refused = async (terms: object) =>
    (pick((await propose({ 'ETH-SPOT': terms })).json, 'errors') as { field: string; message: string }[]).map(
      ({ field, message }) => `${field.split('.').at(-1)} ${message}`,
    );
  expect(await refused({ supplyCap: '12501' })).toEqual(['supplyCap may change by at most 25 % of 10000']);
  expect(await refused({ supplyCap: 'none' })).toEqual(
    ['supplyCap must be at most 15000', 'supplyCap may change by at most 25 % of 10000'].slice(0, 1),
  );
  expect(await refused({ borrowCap: '5' })).toEqual(['borrowCap no bound of the policy lets it change']);
  expect((await propose({ 'ETH-SPOT': { supplyCap: '12500' } })).status).toBe(201);
});

test('a shadow run of them is refused: no margin changes', async () => {
  const body = { parameters: { lending: { 'ETH-SPOT': { supplyCap: '1' } } } };
  expect((await ask('/v1/modules/standard/1.0.0/shadow', jsonRequest('POST', body))).json).toMatchObject({
    status: 400,
    errors: [{ field: 'parameters.lending' }],
  });
});
