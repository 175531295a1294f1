/**
 * The few WebAssembly instructions that the margin kernel needs, as functions that return bytes (WebAssembly core
 * specification 2.0, chapter 5; SIMD opcodes behind the prefix 0xfd). Expressions nest like the maths they stand for;
 * code is written once per process, so clarity goes before speed here.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F64 = 0x7c;
export const V128 = 0x7b;
const FUNCTION = 0x60;

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  while (rest > 63 || rest < -64) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

const float64 = (value: number): Code => [...new Uint8Array(Float64Array.of(value).buffer)];
const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];
const simdBinary = (opcode: number) => binary(...simd(opcode));
/** Alignment is a hint (2^3 bytes), the offset a constant beside the address. */
const at = (offset: number): Code => [3, ...unsigned(offset)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];

export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  load: (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)],
  add: binary(0x6a),
  shiftRight: binary(0x75),
  /** Unsigned, as addresses are. */
  lessThan: binary(0x49),
};

export const f64 = {
  const: (value: number): Code => [0x44, ...float64(value)],
  load: (address: Code, offset = 0): Code => [...address, 0x2b, ...at(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, 0x39, ...at(offset)],
  add: binary(0xa0),
  mul: binary(0xa2),
  min: binary(0xa4),
};

/** Two doubles side by side. */
export const f64x2 = {
  load: (address: Code, offset = 0): Code => [...address, ...simd(0), ...at(offset)],
  /** Reads one double into both lanes. */
  loadSplat: (address: Code, offset = 0): Code => [...address, ...simd(10), ...at(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...address, ...value, ...simd(11), ...at(offset)],
  splat: (value: Code): Code => [...value, ...simd(20)],
  lane: (value: Code, lane: 0 | 1): Code => [...value, ...simd(33), lane],
  abs: (value: Code): Code => [...value, ...simd(236)],
  add: simdBinary(240),
  sub: simdBinary(241),
  mul: simdBinary(242),
  /** b < a ? b : a, one instruction; a NaN in b is dropped. */
  pseudoMin: simdBinary(246),
  zero: (): Code => [...simd(12), ...new Array<number>(16).fill(0)],
};

/** Runs `body` as long as `condition` is not 0; the test stands at the end, as compilers lay loops out. */
export const whileTrue = (condition: Code, body: Code): Code => [
  ...[...condition, 0x04, 0x40],
  ...[0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b],
  0x0b,
];

export interface FunctionCode {
  readonly name: string;
  readonly parameters: Code;
  readonly locals: Code;
  readonly body: Code;
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const text = (value: string): Code => {
  const bytes = [...value].map((character) => character.charCodeAt(0));
  return [...unsigned(bytes.length), ...bytes];
};

/** Bytes of a module that imports one shared memory `env.memory` and exports the functions; none returns a value. */
export function moduleBytes(
  functions: readonly FunctionCode[],
  maximumPages: number,
): Uint8Array<ArrayBuffer> {
  const types = functions.map((each) => [FUNCTION, ...vector(each.parameters.map((type) => [type])), 0]);
  const memory = [...text('env'), ...text('memory'), 0x02, 0x03, ...unsigned(1), ...unsigned(maximumPages)];
  const exports = functions.map((each, i) => [...text(each.name), 0x00, ...unsigned(i)]);
  const bodies = functions.map((each) => {
    const content = [...vector(each.locals.map((type) => [1, type])), ...each.body, 0x0b];
    return [...unsigned(content.length), ...content];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, i) => unsigned(i)))),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
  ]);
}
