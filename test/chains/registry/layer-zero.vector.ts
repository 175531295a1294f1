import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEVNET_PROFILES } from '../../../chains/devnet/profiles.ts';

/** Published by LayerZero in its npm packages; see the README beside them. */
const root = join(import.meta.dirname, '..', '..', '..');
const vectors = join(root, '..', 'shared', 'vectors', 'layerzero-deployments');
const json = <Content>(...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as Content;

interface NetworkFile {
  readonly chains: readonly {
    readonly id: string;
    readonly layerZero?: { readonly endpointId: number; readonly endpoint: string } | null;
  }[];
}

describe.skipIf(!existsSync(vectors))('endpoints of LayerZero', () => {
  it('of the network files are those that LayerZero deployed', () => {
    const ids = json<Record<string, number>>(vectors, 'endpoint-ids-v2.json');
    const addresses = json<Record<string, { EndpointV2?: string }>>(vectors, 'lz-v2-addresses.json');
    const files = readdirSync(join(root, 'ops', 'networks')).filter((name) => name.endsWith('.json'));
    const checked = files.flatMap((file) =>
      json<NetworkFile>(root, 'ops', 'networks', file).chains.flatMap(({ id, layerZero }) => {
        if (!layerZero) return [];
        expect([id, layerZero.endpointId]).toEqual([id, ids[`${id.toUpperCase()}_V2_MAINNET`]]);
        expect([id, layerZero.endpoint]).toEqual([id, addresses[`${id}-mainnet`]?.EndpointV2]);
        return [id];
      }),
    );
    expect(checked.sort()).toEqual(['arbitrum', 'base', 'ethereum', 'optimism']);
  });

  it('of the local chains have ids that no network has', () => {
    const taken = new Set(Object.values(json<Record<string, number>>(vectors, 'endpoint-ids-v2.json')));
    expect(DEVNET_PROFILES.filter(({ endpointId }) => taken.has(endpointId))).toEqual([]);
  });
});
