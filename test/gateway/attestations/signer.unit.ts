import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, type Hex, hexToBytes, keccak256, recoverAddress, sliceHex, stringToHex } from 'viem';
import { privateKeyToAccount, sign } from 'viem/accounts';
import { afterAll, describe, expect, test } from 'vitest';
import { kmsSigner } from '../../../gateway/attestations/kms-signer.ts';
import { openSigner } from '../../../gateway/attestations/signer.ts';
import { ConfigurationError } from '../../../gateway/config/config-error.ts';

const KEY = keccak256(stringToHex('a key of this test'));
const DIGEST = keccak256(stringToHex('something to sign'));
const { address, publicKey } = privateKeyToAccount(KEY);
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const directory = mkdtempSync(join(tmpdir(), 'breakwater-key-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (text: string) => {
  const path = join(directory, `${Math.abs(text.length)}-${keccak256(stringToHex(text)).slice(2, 10)}`);
  writeFileSync(path, text);
  return path;
};

describe('openSigner', () => {
  test.each([
    ['a variable', { key: KEY, keyFile: null }],
    ['a variable without 0x', { key: KEY.slice(2), keyFile: null }],
    ['a file', { key: null, keyFile: file(`${KEY}\n`) }],
  ])('signs with the key of %s', async (_, source) => {
    const signer = openSigner(source)!;
    expect(signer.address).toBe(address);
    expect(await recoverAddress({ hash: DIGEST, signature: await signer.sign(DIGEST) })).toBe(address);
  });

  test('is none without a key', () => expect(openSigner({ key: null, keyFile: null })).toBeNull());

  test.each([
    ['ATTESTER_KEY', { key: `${KEY.slice(2)}00`, keyFile: null }],
    ['ATTESTER_KEY', { key: '00'.repeat(32), keyFile: null }],
    ['ATTESTER_KEY_FILE', { key: null, keyFile: file('secret words') }],
    ['ATTESTER_KEY_FILE', { key: null, keyFile: join(directory, 'absent') }],
    ['ATTESTER_KEY_FILE', { key: KEY, keyFile: file(KEY) }],
  ])('names %s when it is wrong, and never the key', (field, source) => {
    let caught: unknown;
    try {
      openSigner(source);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ConfigurationError);
    const told = `${JSON.stringify(caught)} ${(caught as Error).message} ${(caught as Error).stack}`;
    expect((caught as ConfigurationError).issues[0]?.field).toBe(field);
    for (const secret of [KEY.slice(2, 20), 'secret words', '000000000000'])
      expect(told).not.toContain(secret);
  });

  test('shows nothing of the key when it is printed', () => {
    const signer = openSigner({ key: KEY, keyFile: null })!;
    expect(JSON.stringify(signer)).toBe(JSON.stringify({ address }));
  });
});

/** DER of a signature, with `s` as given. */
function der(r: bigint, s: bigint): Uint8Array {
  const integer = (value: bigint) => {
    const plain = value.toString(16);
    const hex = plain.length % 2 === 1 ? `0${plain}` : plain;
    const body = Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex;
    return `02${(body.length / 2).toString(16).padStart(2, '0')}${body}`;
  };
  const body = integer(r) + integer(s);
  return hexToBytes(`0x30${(body.length / 2).toString(16).padStart(2, '0')}${body}`);
}

describe('kmsSigner', () => {
  const kms = (change: (r: bigint, s: bigint) => Uint8Array) => ({
    publicKey: async () => hexToBytes(publicKey),
    sign: async (digest: Uint8Array) => {
      const { r, s } = await sign({ hash: bytesToHex(digest), privateKey: KEY });
      return change(BigInt(r), BigInt(s));
    },
  });

  test('lowers s and finds v, for digests that need one or the other', async () => {
    for (const change of [der, (r: bigint, s: bigint) => der(r, ORDER - s)]) {
      const signer = await kmsSigner(kms(change));
      expect(signer.address).toBe(address);
      const seen = new Set<Hex>();
      for (let index = 0; index < 12; index += 1) {
        const digest = keccak256(stringToHex(`digest ${index}`));
        const signature = await signer.sign(digest);
        expect(signature).toBe(await openSigner({ key: KEY, keyFile: null })!.sign(digest));
        seen.add(sliceHex(signature, 64));
      }
      expect([...seen].sort()).toEqual(['0x1b', '0x1c']);
    }
  });

  test.each([
    ['another key', (r: bigint, s: bigint) => der(r, s - 1n)],
    ['no DER', () => new Uint8Array([1, 2, 3])],
    ['DER that is cut', (r: bigint, s: bigint) => der(r, s).subarray(0, -1)],
    ['DER with more behind', (r: bigint, s: bigint) => new Uint8Array([...der(r, s), 0])],
    ['zero', (r: bigint) => der(r, 0n)],
  ])('gives out nothing for a signature of %s', async (_, change) => {
    const signer = await kmsSigner(kms(change));
    await expect(signer.sign(DIGEST)).rejects.toMatchObject({ type: 'key-management' });
  });

  test('refuses a compressed public key', async () => {
    const short = { ...kms(der), publicKey: async () => hexToBytes(publicKey).subarray(0, 33) };
    await expect(kmsSigner(short)).rejects.toMatchObject({ type: 'key-management' });
  });
});
