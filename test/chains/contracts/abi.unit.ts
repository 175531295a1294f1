import { type Abi, type AbiItem, toFunctionSelector, toFunctionSignature } from 'viem';
import { describe, expect, it } from 'vitest';
import {
  attestationVerifierAbi,
  riskHubAbi,
  riskOracleAbi,
  riskReceiverAbi,
  riskSubjectAbi,
} from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { bytes32ToName, marketAddress, nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { decodePublicationData, decodeValue } from '../../../chains/contracts/update-data.ts';

/** Name, types of what goes in and out, and which parameters of an event are indexed. */
function essence(item: AbiItem): string {
  if (item.type === 'function') {
    const outputs = toFunctionSignature({ ...item, name: 'returns', inputs: item.outputs });
    return `${toFunctionSelector(item)} ${toFunctionSignature(item)} ${item.stateMutability} ${outputs}`;
  }
  if (item.type === 'event') {
    const indexed = item.inputs.map((input) => ('indexed' in input && input.indexed ? 1 : 0)).join('');
    return `event ${toFunctionSignature({ ...item, type: 'function' } as never)} ${indexed}`;
  }
  if (item.type === 'error') return `error ${toFunctionSignature({ ...item, type: 'function' } as never)}`;
  return item.type;
}

describe('the typed parts of the ABIs', () => {
  it.each([
    ['RiskOracle', riskOracleAbi],
    ['RiskHub', riskHubAbi],
    ['RiskReceiver', riskReceiverAbi],
    ['RiskAttestationVerifier', attestationVerifierAbi],
    ['ExampleVenue', riskSubjectAbi],
  ] as const)('of %s stand in its artifact', (contract, typed) => {
    const whole = new Set(riskArtifact(contract).abi.map(essence));
    expect((typed as Abi).map(essence).filter((item) => !whole.has(item))).toEqual([]);
    expect(typed.length).toBeGreaterThan(2);
  });

  it('of RiskOracle has the selectors of the Chaos Labs interface', () => {
    const selectors = riskArtifact('RiskOracle')
      .abi.filter((item) => item.type === 'function')
      .map((item) => toFunctionSignature(item));
    expect(selectors).toEqual(
      expect.arrayContaining([
        'addAuthorizedSender(address)',
        'addUpdateType(string)',
        'getAllUpdateTypes()',
        'getLatestUpdateByParameterAndMarket(string,address)',
        'getUpdateById(uint256)',
        'isAuthorized(address)',
        'latestUpdateIdByMarketAndType(address,string)',
        'publishBulkRiskParameterUpdates(string[],bytes[],string[],address[],bytes[])',
        'publishRiskParameterUpdate(string,bytes,string,address,bytes)',
        'removeAuthorizedSender(address)',
        'updateCounter()',
      ]),
    );
  });
});

describe('names on chain', () => {
  it('are the last 20 bytes of a hash for markets, and left-aligned bytes for accounts', () => {
    // The last 20 bytes of keccak256("BTC-PERP").
    expect(marketAddress('BTC-PERP')).toBe('0xACE1C7822b5361dE56c000486Ef1e91146897315');
    expect(nameToBytes32('demo')).toBe(`0x64656d6f${'0'.repeat(56)}`);
    expect(bytes32ToName(nameToBytes32('BTC-PERP'))).toBe('BTC-PERP');
    expect(bytes32ToName(`0x${'61'.repeat(32)}`)).toBe('a'.repeat(32));
  });

  it.each(['', 'a'.repeat(33), 'with space', 'ümlaut'])('refuse %j', (name) => {
    expect(() => nameToBytes32(name, 'account')).toThrow('account: must be 1 to 32 printable ASCII');
  });

  it('refuse bytes that are no name', () => {
    expect(() => bytes32ToName(`0x00${'61'.repeat(31)}`)).toThrow();
    expect(() => bytes32ToName(`0x61${'00'.repeat(30)}61`)).toThrow();
    expect(() => bytes32ToName(`0x${'00'.repeat(32)}`)).toThrow();
  });
});

describe('what an update carries', () => {
  it('is its sequence, time and extra', () => {
    const data = '0x00000000000000070000000065536f00c0ffee' as const;
    expect(decodePublicationData(data)).toEqual({
      sequence: 7n,
      publishedAt: 0x65536f00n,
      extra: '0xc0ffee',
    });
    expect(() => decodePublicationData('0x0011')).toThrow('does not come from RiskHub');
    expect(decodeValue(`0x${'0'.repeat(63)}5`)).toBe(5n);
  });
});
