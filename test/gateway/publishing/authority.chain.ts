import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attesterAccount, devnetKey, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { attestationsPort } from '../../../gateway/attestations/port.ts';
import { signerRegistration } from '../../../gateway/attestations/registered.ts';
import { localSigner } from '../../../gateway/attestations/signer.ts';
import { networkSchema } from '../../../gateway/config/network.ts';
import { checkChainKeys } from '../../../gateway/doctor/chain-keys.ts';
import { withAuthority } from '../../../gateway/publishing/with-authority.ts';
import { type RiskDevnet, startRiskDevnet } from '../../chains/support/messaging.ts';
import { until } from '../../helpers/until.ts';

const NO_KEYS = { chainKey: { key: null, file: null }, attester: { key: null, keyFile: null } };
const stranger = privateKeyToAccount(devnetKey('stranger'));
let devnet: RiskDevnet;
let publishing: NonNullable<Parameters<typeof checkChainKeys>[1]['publishing']>;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
  const line = { protocol: 'local', market: 'BTC-PERP', updateType: 'initialMarginRate' };
  publishing = networkSchema.shape.publishing.parse({ hub: 'hub', lines: [line] })!;
});
afterAll(() => devnet?.stop());

const network = (rpcUrl: string | null = null) => ({
  chains: devnet.chains.map(({ definition }) =>
    rpcUrl === null ? definition : { ...definition, rpcUrls: [rpcUrl] },
  ),
  publishing,
});
const attester = localSigner(devnetKey('attester'));
const unknown = localSigner(devnetKey('stranger'));
/** Nothing listens there. */
const DEAD = 'http://127.0.0.1:1';

describe('the doctor, of the keys that act on chain', () => {
  const verdicts = async (...args: Parameters<typeof checkChainKeys>) =>
    (await checkChainKeys(...args)).map(({ subject, verdict }) => `${subject}: ${verdict}`);

  it('finds a publisher that the hub knows, with money, and a signer that every verifier knows', async () => {
    expect(await verdicts(NO_KEYS, network(), { account: gatewayAccount(), signer: attester })).toEqual([
      'publisher on hub: ok',
      'balance on hub: ok',
      'attester on hub: ok',
      'attester on l2: ok',
    ]);
  });

  it('names a key that is missing, malformed, unknown to the contracts, or poor', async () => {
    expect(await verdicts(NO_KEYS, network())).toEqual(['CHAIN_KEY: warning']);
    const malformed = { ...NO_KEYS, chainKey: { key: '0x12', file: null } };
    const [finding] = await checkChainKeys(malformed, network());
    expect(finding).toMatchObject({ verdict: 'failed', detail: 'CHAIN_KEY: must hold 32 bytes in hex' });
    const found = await checkChainKeys(NO_KEYS, network(), { account: stranger, signer: unknown });
    expect(found.map(({ subject, verdict }) => `${subject}: ${verdict}`)).toEqual([
      'publisher on hub: failed',
      'balance on hub: failed',
      'attester on hub: failed',
      'attester on l2: failed',
    ]);
    expect(found[0]!.detail).toBe(
      `RiskHub lets ${gatewayAccount().address} publish, not ${stranger.address}`,
    );
    const rich = { ...network(), publishing: { ...publishing, maxFeeWei: String(10n ** 40n) } };
    expect(await verdicts(NO_KEYS, rich, { account: gatewayAccount() })).toContain('balance on hub: warning');
    expect(JSON.stringify(found)).not.toContain(devnetKey('stranger').slice(2));
  });

  it('says what it could not ask', async () => {
    const given = { account: gatewayAccount(), signer: attester };
    expect(await verdicts(NO_KEYS, network(DEAD), given)).toEqual([
      'publisher on hub: warning',
      'attester on hub: warning',
      'attester on l2: warning',
    ]);
    expect(await checkChainKeys(NO_KEYS, { chains: [], publishing: null })).toEqual([]);
  });
});

describe('a gateway that starts', () => {
  const warned: string[] = [];
  const logger = { warn: (_: unknown, message: string) => void warned.push(message) };
  const portOf = (signer: typeof attester, rpcUrl: string | null = null) => {
    const { chains } = network(rpcUrl);
    const port = attestationsPort(chains, signer);
    return { ...port, registration: signerRegistration({ chains, port, logger: logger as never }) };
  };

  it('attests only where a verifier knows its signer, and not where none can be asked', async () => {
    expect(await portOf(attester).registration.refusal('l2')).toBeNull();
    expect(await portOf(unknown).registration.refusal('l2')).toBe(
      `the verifier on l2 does not know ${unknown.address}`,
    );
    expect(await portOf(attester, DEAD).registration.refusal('hub')).toMatch(
      /^the verifier on hub cannot be asked/,
    );
    expect(warned).toContain(`nothing is attested: the verifier on l2 does not know ${unknown.address}`);
    expect(attester.address).toBe(attesterAccount().address);
  });

  it('tells of both keys when asked whether it is ready, and stays ready', async () => {
    const health = { ready: async () => [{ name: 'database', ok: true, detail: 'answers' }] };
    const told = (publisher: `0x${string}`, attestations: ReturnType<typeof portOf>) => {
      const ready = withAuthority(health, {
        network: network(),
        publisher,
        attestations,
        logger: logger as never,
      });
      return until('both keys are told of', async () => {
        const checks = await ready.ready();
        return checks.length === 3 ? checks : null;
      });
    };
    expect(await told(gatewayAccount().address, portOf(attester))).toMatchObject([
      { name: 'database' },
      { name: 'publisher', ok: true, detail: `RiskHub lets ${gatewayAccount().address} publish` },
      { name: 'attestations', ok: true, detail: `every verifier knows ${attester.address}` },
    ]);
    const wrong = await told(stranger.address, portOf(unknown));
    expect(wrong.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(wrong[1]!.detail).toContain(`not ${stranger.address}`);
    expect(warned.some((message) => message.startsWith('nothing is published: RiskHub lets'))).toBe(true);
  });
});
