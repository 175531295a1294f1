/** Lower-case hex with 0x. Ours, because loading viem for it takes the thread that verifies half a second. */
export function bytesToHex(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}
