import { Options, PacketV1Codec } from '@layerzerolabs/lz-v2-utilities';
import { encodeAbiParameters, encodeEventTopics, type Hex, pad, parseAbiParameters, zeroHash } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { devnetKey } from '../../../chains/devnet/keys.ts';
import { endpointAbi } from '../../../chains/layerzero/abi.ts';
import { deliveryState } from '../../../chains/layerzero/delivery.ts';
import { dvnInstructionHash, signDvnInstruction } from '../../../chains/layerzero/dvn-signature.ts';
import { decodePacketSent } from '../../../chains/layerzero/packet.ts';
import { InvalidInputError } from '../../../risk/errors.ts';

const guid = pad('0x77');
const packet = {
  version: 1,
  nonce: '9',
  srcEid: 59_337,
  dstEid: 59_338,
  sender: pad('0x0a'),
  receiver: pad('0x0000000000000000000000000000000000000b0b'),
  guid,
  message: '0xc0ffee',
  payload: '',
};
const log = (encoded: Hex, options: Hex) => ({
  topics: encodeEventTopics({ abi: endpointAbi, eventName: 'PacketSent' }) as Hex[],
  data: encodeAbiParameters(parseAbiParameters('bytes, bytes, address'), [
    encoded,
    options,
    pad('0x01', { size: 20 }),
  ]),
  blockNumber: '0x10' as const,
  transactionHash: guid,
});

describe('a packet', () => {
  it('is read from the event that reports it', () => {
    const options = Options.newOptions().addExecutorLzReceiveOption(360_000, 5).toHex() as Hex;
    const read = decodePacketSent(log(PacketV1Codec.encode(packet) as Hex, options));
    expect(read).toMatchObject({
      guid,
      srcEid: 59_337,
      dstEid: 59_338,
      nonce: 9n,
      sender: pad('0x0a'),
      receiver: '0x0000000000000000000000000000000000000B0b',
      message: '0xc0ffee',
      gasLimit: 360_000n,
      value: 5n,
      sourceBlock: 16n,
    });
    // 81 bytes: version, nonce, and both ends.
    expect(read.header).toBe(
      `0x01${'0'.repeat(15)}9${(59_337).toString(16).padStart(8, '0')}${packet.sender.slice(2)}` +
        `${(59_338).toString(16).padStart(8, '0')}${packet.receiver.slice(2)}`,
    );
  });

  it('of another version, cut short or in another event is refused', () => {
    const encoded = PacketV1Codec.encode({ ...packet, version: 2 }) as Hex;
    expect(() => decodePacketSent(log(encoded, '0x0003'))).toThrow('is no LayerZero packet of version 1');
    expect(() => decodePacketSent(log('0x01', '0x0003'))).toThrow(InvalidInputError);
    expect(() => decodePacketSent({ ...log(encoded, '0x0003'), topics: [guid] })).toThrow(
      'is no PacketSent event',
    );
  });
});

describe('where a message is', () => {
  const ok = (value: unknown) => ({ ok: true as const, value });
  it.each([
    ['sent', zeroHash, 8n],
    ['verified', guid, 8n],
    ['verified', guid, 9n],
    ['delivered', zeroHash, 9n],
    ['delivered', zeroHash, 12n],
  ])('is %s with hash %s and lazy nonce %s', (state, hash, lazy) => {
    expect(deliveryState(9n, [ok(hash), ok(lazy)])).toBe(state);
  });

  it('is unknown when a read failed', () => {
    expect(deliveryState(9n, [ok(guid), { ok: false, error: 'gone' }])).toBe('unknown');
    expect(deliveryState(9n, [])).toBe('unknown');
  });
});

describe('signatures of a DVN', () => {
  const instruction = {
    vid: 1,
    target: pad('0x0b', { size: 20 }),
    callData: '0x0102' as Hex,
    expiration: 9n,
  };

  it('are those of a quorum, in the order of the signers’ addresses', async () => {
    const signers = ['a', 'b', 'c'].map((name) => privateKeyToAccount(devnetKey(name)));
    const raw = dvnInstructionHash(instruction);
    const ordered = [...signers].sort((left, right) =>
      BigInt(left.address) < BigInt(right.address) ? -1 : 1,
    );
    const parts = await Promise.all(
      ordered.slice(0, 2).map((signer) => signer.signMessage({ message: { raw } })),
    );
    expect(await signDvnInstruction(instruction, signers, 2)).toBe(`${parts[0]}${parts[1]!.slice(2)}`);
  });
});
