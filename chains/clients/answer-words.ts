import type { AbiParameter, Hex } from 'viem';

/** Bytes of one word. */
export const WORD = 32;

/** The answer is not laid out as compilers lay it out, or not of the type: whoever reads all forms must look at it. */
export class NotCanonicalError extends Error {
  override readonly name = 'NotCanonicalError';
}

const refuse = (): never => {
  throw new NotCanonicalError('not in the canonical layout');
};

/**
 * Words of an ABI-encoded answer. Only the canonical layout is read: bodies follow each other without gaps or overlaps
 * in the order of their offsets, so that `tail` always is where the next one must begin.
 */
export class AnswerWords {
  readonly bytes: Buffer;
  readonly #view: DataView;
  /** Where the next body begins. */
  tail = 0;

  /** @throws NotCanonicalError when it is no hex of whole words. */
  constructor(data: Hex | Buffer) {
    const bytes = typeof data === 'string' ? Buffer.from(data.slice(2), 'hex') : data;
    if (typeof data === 'string' && bytes.length * 2 + 2 !== data.length) refuse();
    if (bytes.length % WORD !== 0) refuse();
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Begins a body of `count` bytes at the tail. @returns where it begins */
  begin(count: number): number {
    const at = this.tail;
    if (at + count > this.bytes.length) refuse();
    this.tail = at + count;
    return at;
  }

  /** Whether the first `count` of four-byte parts of a word all are `value`. */
  #leading(at: number, count: number, value: number): boolean {
    for (let part = 0; part < count; part += 1) {
      if (this.#view.getUint32(at + 4 * part) !== value) return false;
    }
    return true;
  }

  /** A length or an offset: a number that fits in 32 bits. */
  count(at: number): number {
    if (!this.#leading(at, 7, 0)) refuse();
    return this.#view.getUint32(at + 28);
  }

  /** Makes sure that the offset at `at`, counted from `base`, points to the tail. */
  offset(at: number, base: number): void {
    if (base + this.count(at) !== this.tail) refuse();
  }

  /** An integer of up to 48 bits. */
  number(at: number, signed: boolean): number {
    const high = this.#view.getUint16(at + 26);
    const low = high * 2 ** 32 + this.#view.getUint32(at + 28);
    const before = this.#view.getUint16(at + 24);
    if (before === 0 && this.#leading(at, 6, 0)) return low;
    if (signed && before === 0xffff && this.#leading(at, 6, 0xffffffff)) return low - 2 ** 48;
    return refuse();
  }

  unsigned(at: number): bigint {
    if (this.#leading(at, 6, 0)) return this.#view.getBigUint64(at + 24);
    return BigInt(`0x${this.bytes.toString('hex', at, at + WORD)}`);
  }

  signed(at: number): bigint {
    const low = this.#view.getBigInt64(at + 24);
    if (low < 0n && this.#leading(at, 6, 0xffffffff)) return low;
    return BigInt.asIntN(256, this.unsigned(at));
  }

  bool(at: number): boolean {
    const value = this.count(at);
    return value > 1 ? refuse() : value === 1;
  }

  /** The first `count` bytes of a word, or of what follows it. */
  hex(at: number, count: number): Hex {
    return `0x${this.bytes.toString('hex', at, at + count)}`;
  }

  /** Body of a `bytes`: where its data is. The rest of its last word must be zero. */
  slice(): { readonly from: number; readonly to: number } {
    const length = this.count(this.begin(WORD));
    const from = this.begin(WORD * Math.ceil(length / WORD));
    const to = from + length;
    for (let at = to; at < this.tail; at += 1) if (this.bytes[at] !== 0) refuse();
    return { from, to };
  }

  /** @throws NotCanonicalError when anything is left. */
  end(): void {
    if (this.tail !== this.bytes.length) refuse();
  }
}

/** How a value of one type is read; `read` from its head where it is static, else from a body at the tail. */
export interface WordReader {
  readonly dynamic: boolean;
  /** Bytes of its head. */
  readonly size: number;
  read(words: AnswerWords, at: number): unknown;
}

const fixed = (read: WordReader['read']): WordReader => ({ dynamic: false, size: WORD, read });

/** Reads heads one after the other, and bodies where their offsets say that they are: at the tail. */
function readMembers(words: AnswerWords, from: number, members: readonly WordReader[], keep: Keep): void {
  let at = from;
  members.forEach((member, index) => {
    if (member.dynamic) words.offset(at, from);
    keep(index, member.read(words, at));
    at += member.size;
  });
}

type Keep = (index: number, value: unknown) => void;

function tupleReader({ components }: { readonly components: readonly AbiParameter[] }): WordReader | null {
  const names = components.map(({ name }) => name ?? '');
  const members = components.map(wordReader);
  // Named members become an object, others an array; a name that is given twice hides one.
  if (names.includes('') || names.includes('__proto__') || new Set(names).size !== names.length) return null;
  if (!members.every((member) => member !== null)) return null;
  const dynamic = members.some((member) => member.dynamic);
  const size = members.reduce((sum, member) => sum + member.size, 0);
  return {
    dynamic,
    size: dynamic ? WORD : size,
    read(words, at) {
      const value: Record<string, unknown> = {};
      readMembers(words, dynamic ? words.begin(size) : at, members, (index, member) => {
        value[names[index]!] = member;
      });
      return value;
    },
  };
}

function listReader(element: WordReader | null): WordReader | null {
  if (element === null || element.size === 0) return null;
  return {
    dynamic: true,
    size: WORD,
    read(words) {
      const length = words.count(words.begin(WORD));
      const from = words.begin(length * element.size);
      const list: unknown[] = [];
      let at = from;
      for (let index = 0; index < length; index += 1, at += element.size) {
        if (element.dynamic) words.offset(at, from);
        list.push(element.read(words, at));
      }
      return list;
    },
  };
}

/** The reader of a type; null for those that only the general decoder knows. */
export function wordReader(parameter: AbiParameter): WordReader | null {
  const { type } = parameter;
  if (type.endsWith('[]')) return listReader(wordReader({ ...parameter, type: type.slice(0, -2) }));
  if (type === 'tuple')
    return tupleReader(parameter as { readonly components: readonly AbiParameter[] } & AbiParameter);
  if (type === 'bool') return fixed((words, at) => words.bool(at));
  const integer = /^(u?)int(\d+)$/.exec(type);
  if (integer !== null) {
    const signed = integer[1] === '';
    if (Number(integer[2]) <= 48) return fixed((words, at) => words.number(at, signed));
    return signed ? fixed((words, at) => words.signed(at)) : fixed((words, at) => words.unsigned(at));
  }
  const bytes = /^bytes(\d+)$/.exec(type);
  if (bytes !== null) return fixed((words, at) => words.hex(at, Number(bytes[1])));
  return null;
}

/** Everything that a function returns, in order. @throws NotCanonicalError */
export function readAnswer(data: Hex | Buffer, readers: readonly WordReader[]): readonly unknown[] {
  const words = new AnswerWords(data);
  const values: unknown[] = [];
  const from = words.begin(readers.reduce((sum, { size }) => sum + size, 0));
  readMembers(words, from, readers, (_, value) => {
    values.push(value);
  });
  words.end();
  return values;
}
