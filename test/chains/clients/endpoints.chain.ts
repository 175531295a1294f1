import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ChainReaderOptions, createChainReader } from '../../../chains/clients/chain-reader.ts';
import { ChainUnavailableError } from '../../../chains/clients/errors.ts';
import { findAnvil } from '../../../chains/devnet/anvil/find-anvil.ts';
import { type DevnetNode, startNode } from '../../../chains/devnet/node.ts';
import { DEVNET_PROFILES } from '../../../chains/devnet/profiles.ts';
import { type EndpointFault, type FaultEndpoint, startFaultEndpoint } from '../support/fault-endpoint.ts';
import { proxyAbi, START, startTestDevnet, type TestDevnet } from '../support/local-chains.ts';

let devnet: TestDevnet;
const faults: FaultEndpoint[] = [];
const nodes: DevnetNode[] = [];
const clock = { nowMs: () => START * 1000 };
/** So long that a busy machine does not look like a dead endpoint. */
const PATIENT = { requestTimeoutMs: 30_000, headGraceMs: 30_000 };
let closed: string;

beforeAll(async () => {
  const free = await startFaultEndpoint('silent');
  closed = free.url;
  await free.close();
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());
afterEach(async () => {
  await Promise.all([...faults.map((fault) => fault.close()), ...nodes.map(({ process }) => process.kill())]);
  faults.length = 0;
  nodes.length = 0;
});

async function fault(kind: EndpointFault): Promise<FaultEndpoint> {
  const endpoint = await startFaultEndpoint(kind);
  faults.push(endpoint);
  return endpoint;
}

/** Another node of the hub's chain id, with `blocks` empty blocks of which the last one is at START. */
async function nodeWithBlocks(blocks: number): Promise<string> {
  const node = await startNode(findAnvil(), DEVNET_PROFILES[0]!, START - 1000);
  nodes.push(node);
  for (let left = blocks - 1; left >= 0; left -= 1) {
    await node.rpc.call('evm_mine', { timestamp: START - left });
  }
  return node.url;
}

function hubReader(rpcUrls: readonly string[], options: Partial<ChainReaderOptions> = {}) {
  const definition = { ...devnet.hub.definition, rpcUrls: [...rpcUrls] };
  return createChainReader(definition, { clock, ...PATIENT, ...options });
}

const failuresOf = async (pin: Promise<unknown>) => {
  const error = await pin.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ChainUnavailableError);
  return (error as ChainUnavailableError).failures.map(({ reason }) => reason);
};

describe('the endpoints of a chain', () => {
  it('are taken in their order of preference', async () => {
    const [hubUrl] = devnet.hub.definition.rpcUrls;
    const reader = hubReader([hubUrl!, await nodeWithBlocks(2)]);
    const view = await reader.pin();
    const [outcome] = await view.read([
      { address: devnet.hub.chainlink.BTC!.proxy, abi: proxyAbi, functionName: 'decimals' },
    ]);
    expect(outcome).toEqual({ ok: true, value: 8 });
    expect(reader.health()[0]).toMatchObject({ state: 'serving', headNumber: 2n, headTimeMs: START * 1000 });
  });

  it('are refused for good on the wrong chain id', async () => {
    const [l2Url] = devnet.l2.definition.rpcUrls;
    const reader = hubReader([l2Url!, ...devnet.hub.definition.rpcUrls]);
    expect((await reader.pin()).blockNumber).toBe(2n);
    const reason = 'serves chain id 31338, not 31337; refused for good';
    expect(reader.health()[0]).toMatchObject({ state: 'refused', reason, headNumber: null });
    const alone = hubReader([l2Url!]);
    expect(await failuresOf(alone.pin())).toEqual([reason]);
    expect(await failuresOf(alone.pin())).toEqual([reason]);
  });

  it('fall back from a dead one, which is then left alone for a while', async () => {
    const rateLimited = await fault('rate-limited');
    const urls = [closed, rateLimited.url, ...devnet.hub.definition.rpcUrls];
    const reader = hubReader(urls, { backoffFirstMs: 60_000, backoffMaxMs: 60_000 });
    expect((await reader.pin()).blockNumber).toBe(2n);
    const [dead, limited, serving] = reader.health();
    expect(dead).toMatchObject({ state: 'backing-off', reason: 'no connection (ECONNREFUSED)' });
    expect(limited).toMatchObject({ state: 'backing-off', reason: 'HTTP 429' });
    expect(serving).toMatchObject({ state: 'serving', reason: null });
    // Its chain id and its head are asked for together.
    while (rateLimited.requests() < 2) await sleep(10);
    await reader.pin();
    expect(rateLimited.requests()).toBe(2);
  });

  it.each([
    ['silent', 'no answer in time'],
    ['stalled-body', 'no answer in time'],
    ['rate-limited', 'HTTP 429'],
    ['no-block', 'answered without a chain id'],
    ['not-json', /JSON/],
    ['rpc-error', 'RPC error -32005: quota of (url) is used up'],
  ] as const)('name the fault of a %s endpoint and pass it over', async (kind, reason) => {
    const { url } = await fault(kind);
    const reader = hubReader([url, ...devnet.hub.definition.rpcUrls], { headGraceMs: 50 });
    expect((await reader.pin()).blockNumber).toBe(2n);
    const hangs = kind === 'silent' || kind === 'stalled-body';
    const alone = hubReader([url], hangs ? { requestTimeoutMs: 300 } : {});
    const [given] = await failuresOf(alone.pin());
    if (typeof reason === 'string') expect(given).toBe(reason);
    else expect(given).toMatch(reason);
    expect(JSON.stringify(alone.health(), (_, value) => String(value))).not.toContain('SECRET');
  });

  it('cannot win while they lag, and do serve when they differ by a moment', async () => {
    const best = await nodeWithBlocks(10);
    const reader = hubReader([await nodeWithBlocks(6), best]);
    expect((await reader.pin()).blockNumber).toBe(10n);
    expect(reader.health()[0]).toMatchObject({
      state: 'serving',
      reason: 'head 6 is 4 blocks behind the best known head 10 (limit 3)',
    });
    const close = hubReader([await nodeWithBlocks(7), best]);
    expect((await close.pin()).blockNumber).toBe(7n);
  });

  it('do not serve an old head because the endpoint that knew better is gone', async () => {
    const best = await nodeWithBlocks(10);
    const reader = hubReader([await nodeWithBlocks(6), best]);
    await reader.pin();
    await nodes[0]!.process.kill();
    const reasons = await failuresOf(reader.pin());
    expect(reasons[0]).toBe('head 6 is 4 blocks behind the best known head 10 (limit 3)');
    expect(reasons[1]).toMatch(/^no connection/);
  });

  it('are refused when their head is too old or ahead of the clock', async () => {
    const reasonAt = async (seconds: number) => {
      const reader = createChainReader(devnet.hub.definition, {
        ...PATIENT,
        clock: { nowMs: () => seconds * 1000 },
      });
      return await failuresOf(reader.pin());
    };
    expect(await reasonAt(START + 121)).toEqual(['head 2 is 121 s old (limit 120 s)']);
    expect(await reasonAt(START - 121)).toEqual(['head 2 is 121 s ahead of the clock (limit 120 s)']);
    const justInTime = createChainReader(devnet.hub.definition, {
      clock: { nowMs: () => (START + 120) * 1000 },
    });
    expect((await justInTime.pin()).blockNumber).toBe(2n);
  });

  it('are all named when none serves, without what may be a key', async () => {
    const limited = await fault('rate-limited');
    const [l2Url] = devnet.l2.definition.rpcUrls;
    const reader = hubReader([closed, limited.url, l2Url!]);
    const error = await reader.pin().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ChainUnavailableError);
    const { type, kind, retryable, chain, failures, message, details } = error as ChainUnavailableError;
    expect({ type, kind, retryable, chain }).toEqual({
      type: 'chain-unavailable',
      kind: 'unavailable',
      retryable: true,
      chain: 'hub',
    });
    expect(failures.map(({ endpoint }) => endpoint)).toEqual([
      `endpoint 1 (${new URL(closed).host})`,
      `endpoint 2 (${new URL(limited.url).host})`,
      `endpoint 3 (${new URL(l2Url!).host})`,
    ]);
    expect(failures.map(({ reason }) => reason)).toEqual([
      'no connection (ECONNREFUSED)',
      'HTTP 429',
      'serves chain id 31338, not 31337; refused for good',
    ]);
    expect(message + JSON.stringify(details)).not.toContain('SECRET');
    for (const { endpoint } of failures) expect(message).toContain(endpoint);
  });

  it('serve again after the node was killed and started again', async () => {
    const warnings: object[] = [];
    const logger = {
      info: (fields: object) => warnings.push(fields),
      warn: (fields: object) => warnings.push(fields),
    };
    const reader = createChainReader(devnet.l2.definition, {
      ...PATIENT,
      clock,
      logger,
      backoffFirstMs: 20,
      backoffMaxMs: 40,
    });
    const view = await reader.pin();
    await devnet.l2.kill();
    const call = { address: devnet.l2.chainlink.BTC!.proxy, abi: proxyAbi, functionName: 'decimals' };
    expect(await failuresOf(view.read([call]))).toEqual([expect.stringMatching(/connection|fetch|closed/)]);
    await expect(reader.pin()).rejects.toBeInstanceOf(ChainUnavailableError);
    await devnet.l2.restart();
    let again = await reader.pin().catch(() => null);
    while (again === null) {
      await sleep(20);
      again = await reader.pin().catch(() => null);
    }
    expect(await again.read([call])).toEqual([{ ok: true, value: 8 }]);
    expect(warnings).toHaveLength(2);
    expect(reader.health()[0]).toMatchObject({ state: 'serving', reason: null, consecutiveFailures: 0 });
  });
});
