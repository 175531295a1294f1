import { hexToBytes } from 'viem';

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

export const hex = (text: `0x${string}`): Uint8Array => hexToBytes(text);
export const u8 = (value: number): Uint8Array => Uint8Array.of(value);

function write(length: number, fill: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
}

export const u16 = (value: number) => write(2, (view) => view.setUint16(0, value));
export const u32 = (value: number) => write(4, (view) => view.setUint32(0, value));
export const i32 = (value: number) => write(4, (view) => view.setInt32(0, value));
export const u64 = (value: bigint) => write(8, (view) => view.setBigUint64(0, value));
export const i64 = (value: bigint) => write(8, (view) => view.setBigInt64(0, value));
