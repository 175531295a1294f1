import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findAnvil } from '../../../chains/devnet/anvil/find-anvil.ts';
import { type DevnetNode, startNode } from '../../../chains/devnet/node.ts';
import { DEVNET_PROFILES } from '../../../chains/devnet/profiles.ts';
import { type ChainDefinition, chainSchema } from '../../../chains/registry/chain.ts';
import { networkSchema } from '../../../gateway/config/network.ts';
import { checkClock } from '../../../gateway/doctor/clock.ts';
import { checkFeeds } from '../../../gateway/doctor/feeds.ts';
import { checkRpcs } from '../../../gateway/doctor/rpc.ts';
import { type RelayFault, type RpcRelay, startRpcRelay } from '../../helpers/rpc-relay.ts';

const START = 1_800_000_000;
const PROFILE = DEVNET_PROFILES[0]!;

let node: DevnetNode;
const relays: RpcRelay[] = [];
let dated: Server;
let datedUrl: string;
/** What the server below says the time is, beyond ours. */
let dateAheadMs = 0;

beforeAll(async () => {
  node = await startNode(findAnvil(), PROFILE, START);
  dated = createServer((_, response) => {
    response.sendDate = false;
    response.writeHead(401, { date: new Date(Date.now() + dateAheadMs).toUTCString() }).end();
  });
  await new Promise<void>((resolve) => dated.listen(0, '127.0.0.1', resolve));
  datedUrl = `http://127.0.0.1:${(dated.address() as AddressInfo).port}/`;
}, 60_000);
afterAll(async () => {
  dated?.closeAllConnections();
  dated?.close();
  await Promise.all(relays.map((relay) => relay.stop()));
  await node?.process.kill();
});

const chain = (rpcUrls: readonly string[], over: Partial<ChainDefinition> = {}) =>
  chainSchema.parse({
    id: 'hub',
    name: 'Hub',
    chainId: PROFILE.chainId,
    rpcUrls,
    blockTimeSeconds: 12,
    maxHeadAgeSeconds: 120,
    ...over,
  });
/** An endpoint of the node with a fault; each has connections of its own. */
async function faulty(fault: RelayFault): Promise<string> {
  const relay = await startRpcRelay(node.url);
  relays.push(relay);
  relay.fault(fault);
  return relay.url;
}
/** Market time, from the node's first block. */
const at = (seconds: number) => ({ nowMs: () => (START + seconds) * 1000 });

describe('RPC endpoints', () => {
  test('one that serves, with chain id, head and age', async () => {
    const { findings, heads } = await checkRpcs([chain([node.url])], at(5));
    expect(findings).toMatchObject([{ area: 'rpc', verdict: 'ok', action: null }]);
    expect(findings[0]!.detail).toMatch(
      new RegExp(`^chain id ${PROFILE.chainId}, head \\d+, \\d\\.\\d s old, answered in`),
    );
    expect(heads).toHaveLength(1);
  });

  test.each([
    ['another chain', { chainId: 5 }, /serves chain id 5, not/],
    ['an error', { status: 503 }, /503/],
    ['no answer', { silent: true }, /time|took too long/i],
  ])(
    '%s is a failure of the endpoint, and of the chain when it is the only one',
    async (_, fault, message) => {
      const { findings } = await checkRpcs([chain([await faulty(fault)])], at(5), 1_000);
      expect(findings.map(({ verdict }) => verdict)).toEqual(['failed', 'failed']);
      expect(findings[0]!.detail).toMatch(message);
      expect(findings[1]).toMatchObject({ subject: 'chain hub', detail: 'no endpoint serves' });
    },
  );

  test('a dead one beside one that serves does not fail the chain', async () => {
    const { findings } = await checkRpcs([chain([await faulty({ status: 500 }), node.url])], at(5));
    expect(findings.map(({ verdict }) => verdict)).toEqual(['failed', 'ok']);
  });

  test('an old head is named with its age', async () => {
    const { findings } = await checkRpcs([chain([node.url])], at(1_000));
    expect(findings[0]).toMatchObject({ verdict: 'failed' });
    expect(findings[0]!.detail).toMatch(/head \d+ is \d+ s old \(limit 120 s\)/);
  });
});

describe('clock', () => {
  const servers = () => [{ name: 'Hermes', url: datedUrl }];
  test.each([
    [0, 'ok', /this clock is 0\.\d s/],
    [6_000, 'warning', /this clock is [5-7]\.\d s behind the Date of Hermes/],
    [-60_000, 'failed', /this clock is (59|60|61) s ahead of the Date of Hermes/],
  ])('a server that is %i ms ahead: %s', async (aheadMs, verdict, detail) => {
    dateAheadMs = aheadMs;
    const findings = await checkClock({ clock: at(0), heads: [], servers: servers() });
    expect(findings).toMatchObject([{ verdict }]);
    expect(findings[0]!.detail).toMatch(detail);
  });

  test('a block from the future says that the clock is behind', async () => {
    const { heads } = await checkRpcs([chain([node.url])], at(0));
    const judge = (seconds: number) => checkClock({ clock: at(seconds), heads, servers: [] });
    expect(await judge(60)).toMatchObject([{ verdict: 'ok' }]);
    expect(await judge(-100)).toMatchObject([{ verdict: 'failed', subject: 'blocks of hub' }]);
  });

  test('nothing to compare with is a warning', async () => {
    const servers = [{ name: 'nobody', url: 'http://127.0.0.1:1/' }];
    expect(await checkClock({ clock: at(0), heads: [], servers })).toMatchObject([{ verdict: 'warning' }]);
  });
});

describe('feeds', () => {
  const source = (over: object) => ({
    kind: 'chainlink',
    id: 'chainlink:hub',
    group: 'chainlink',
    maxAgeSeconds: 60,
    chain: 'hub',
    proxy: `0x${'11'.repeat(20)}`,
    decimals: 8,
    heartbeatSeconds: 3600,
    deviationBps: 50,
    ...over,
  });
  const network = (rpcUrl: string) =>
    networkSchema.parse({
      name: 'test',
      chains: [chain([rpcUrl])],
      feeds: [
        {
          id: 'BTC-USD',
          base: 'BTC',
          quote: 'USD',
          minPrice: '1',
          maxPrice: '1000000',
          minGroups: 1,
          sources: [source({})],
        },
      ],
      module: { id: 'standard', version: '1.0.0' },
    });
  const check = (rpcUrl: string) =>
    checkFeeds({
      network: network(rpcUrl),
      clock: at(5),
      hermesApiKey: null,
      patienceMs: 1_500,
      pollIntervalMs: 100,
    });

  test('a source without a contract fails, and with it the feed', async () => {
    const findings = await check(node.url);
    expect(findings).toMatchObject([
      { subject: 'BTC-USD chainlink:hub', verdict: 'failed' },
      { subject: 'BTC-USD', verdict: 'failed' },
    ]);
    expect(findings[1]!.detail).toContain('not usable for margin');
  });

  test('a source whose chain does not answer fails', async () => {
    const findings = await check('http://127.0.0.1:1');
    expect(findings.map(({ verdict }) => verdict)).toEqual(['failed', 'failed']);
    expect(findings[0]!.detail).toMatch(/said nothing|chain/);
  });
});
