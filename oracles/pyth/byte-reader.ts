import { TrailingBytesError, TruncatedUpdateError } from './errors.ts';

/** Big-endian cursor over untrusted bytes; every read is bounds-checked. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  private advance(count: number, what: string): number {
    const start = this.position;
    if (count > this.remaining) throw new TruncatedUpdateError(what, start);
    this.position = start + count;
    return start;
  }

  /** A view, not a copy. */
  take(count: number, what: string): Uint8Array {
    const start = this.advance(count, what);
    return this.bytes.subarray(start, start + count);
  }

  u8(what: string): number {
    return this.view.getUint8(this.advance(1, what));
  }

  u16(what: string): number {
    return this.view.getUint16(this.advance(2, what));
  }

  u32(what: string): number {
    return this.view.getUint32(this.advance(4, what));
  }

  i32(what: string): number {
    return this.view.getInt32(this.advance(4, what));
  }

  u64(what: string): bigint {
    return this.view.getBigUint64(this.advance(8, what));
  }

  i64(what: string): bigint {
    return this.view.getBigInt64(this.advance(8, what));
  }

  /** @throws TrailingBytesError when anything is left. */
  end(what: string): void {
    if (this.remaining > 0) throw new TrailingBytesError(what, this.remaining);
  }
}
