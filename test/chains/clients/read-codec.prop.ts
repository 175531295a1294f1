import fc from 'fast-check';
import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  encodeFunctionResult,
  type Hex,
  multicall3Abi,
  parseAbi,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../chains/clients/answer-words.ts';
import { callPlan } from '../../../chains/clients/call-plan.ts';
import type { ReadCall } from '../../../chains/clients/ports.ts';
import {
  decodeAggregate,
  decodeReturn,
  encodeAggregate,
  encodeCall,
} from '../../../chains/clients/read-codec.ts';
import { riskSubjectAbi } from '../../../chains/contracts/abi.ts';

const feedAbi = parseAbi([
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function observe(uint32[] ago) view returns (int56[] ticks, uint160[] liquidity)',
  'function slot0() view returns (uint160 price, int24 tick, uint16 index, bool unlocked)',
  'function description() view returns (string)',
  'function get(uint8 kind) view returns (bytes4)',
]);
const ADDRESS = `0x${'12'.repeat(20)}` as const;

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value): Hex => `0x${toHex(value)}`);
const toHex = (value: Uint8Array) => Buffer.from(value).toString('hex');
/** Small, middling and extreme numbers, of either sign. */
const signed = (bits: number) => {
  const limit = 2n ** BigInt(bits - 1);
  return fc.oneof(
    fc.constantFrom(0n, 1n, -1n, limit - 1n, -limit),
    fc.bigInt(-(2n ** 40n), 2n ** 40n).filter((value) => value < limit && value >= -limit),
    fc.bigInt(-limit, limit - 1n),
  );
};
const unsigned = (bits: number) =>
  fc.oneof(
    fc.constantFrom(0n, 1n, 2n ** BigInt(bits) - 1n),
    fc.bigInt(0n, 2n ** BigInt(Math.min(bits, 70)) - 1n),
    fc.bigInt(0n, 2n ** BigInt(bits) - 1n),
  );

const position = fc.record({
  kind: fc.nat({ max: 255 }),
  market: hex(32),
  size: signed(256),
  entryPrice: unsigned(256),
  unsettledFunding: signed(256),
});
const book = fc.record({
  sequence: unsigned(64),
  cash: signed(256),
  positions: fc.array(position, { maxLength: 7 }),
});

interface Answer {
  readonly call: ReadCall;
  readonly data: Hex;
}

/** A call and what it returns, in the layout of compilers. */
function answer(abi: Abi, functionName: string, args: readonly unknown[], result: unknown): Answer {
  return {
    call: { address: ADDRESS, abi, functionName, args },
    data: encodeFunctionResult({ abi, functionName, result } as never),
  };
}

const number = (bits: number) => signed(bits).map(Number);
const answers: fc.Arbitrary<Answer> = fc.oneof(
  book.map((result) => answer(riskSubjectAbi, 'positionsOf', [`0x${'61'.repeat(32)}`], result)),
  fc
    .tuple(unsigned(80), signed(256), unsigned(256), unsigned(256), unsigned(80))
    .map((result) => answer(feedAbi, 'latestRoundData', [], result)),
  fc
    .tuple(fc.array(signed(56), { maxLength: 4 }), fc.array(unsigned(160), { maxLength: 4 }))
    .map((result) => answer(feedAbi, 'observe', [[1]], result)),
  fc
    .tuple(unsigned(160), number(24), fc.nat({ max: 65_535 }), fc.boolean())
    .map((result) => answer(feedAbi, 'slot0', [], result)),
  fc.string().map((result) => answer(feedAbi, 'description', [], result)),
  hex(4).map((result) => answer(feedAbi, 'get', [1], result)),
);

/** What viem makes of it. */
function byViem({ call: { abi, functionName }, data }: Answer): unknown {
  try {
    return { ok: true, value: decodeFunctionResult({ abi, functionName, data }) };
  } catch (error) {
    return { ok: false, error: `${functionName}: ${(error as Error).message.split('\n', 1)[0]}` };
  }
}

/** One change to an answer: a byte, its end, or a word in place of another. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), at: fc.nat(), value: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.constant(0) }),
  fc.record({ kind: fc.constant('tail' as const), at: fc.constant(0), value: fc.nat({ max: 70 }) }),
  fc.record({
    kind: fc.constant('word' as const),
    at: fc.nat(),
    value: fc.constantFrom(0, 1, 31, 32, 64, 96, 160, 2 ** 31),
  }),
);

function changed(
  data: Hex,
  { kind, at, value }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): Hex {
  const bytes = Buffer.from(data.slice(2), 'hex');
  if (kind === 'cut') return `0x${bytes.subarray(0, at % bytes.length).toString('hex')}`;
  if (kind === 'tail') return `${data}${'00'.repeat(value)}`;
  if (kind === 'byte') bytes[at % bytes.length] = value;
  else bytes.write(value.toString(16).padStart(64, '0'), 32 * (at % (bytes.length / 32)), 'hex');
  return `0x${bytes.toString('hex')}`;
}

describe('answers', () => {
  it('are read as viem reads them, as text and as bytes', () => {
    fc.assert(
      fc.property(answers, ({ call, data }) => {
        const expected = byViem({ call, data });
        expect(decodeReturn(call, data)).toEqual(expected);
        expect(decodeReturn(call, Buffer.from(data.slice(2), 'hex'))).toEqual(expected);
      }),
      { numRuns: 600 },
    );
  });

  it('are read the direct way where the layout is the usual one', () => {
    fc.assert(
      fc.property(book, (result) => {
        const { call, data } = answer(riskSubjectAbi, 'positionsOf', [`0x${'61'.repeat(32)}`], result);
        const { readers } = callPlan(call.abi, call.functionName)!;
        expect(readAnswer(data, readers!)).toEqual([result]);
      }),
      { numRuns: 100 },
    );
  });

  it('are refused, or read, as by viem whatever is wrong with them', () => {
    let refused = 0;
    fc.assert(
      fc.property(answers, fc.array(change, { minLength: 1, maxLength: 3 }), ({ call, data }, changes) => {
        const malformed = changes.reduce((each, one) => (each === '0x' ? each : changed(each, one)), data);
        if (malformed === '0x') return;
        const expected = byViem({ call, data: malformed });
        expect(decodeReturn(call, malformed)).toEqual(expected);
        refused += Number(!(expected as { ok: boolean }).ok);
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it('without data, or of no function, say so', () => {
    const call = { address: ADDRESS, abi: feedAbi, functionName: 'latestRoundData' };
    const none = { ok: false, error: `latestRoundData: no data; is a contract at ${ADDRESS}?` };
    expect(decodeReturn(call, '0x')).toEqual(none);
    expect(decodeReturn(call, Buffer.alloc(0))).toEqual(none);
    expect(encodeCall({ ...call, functionName: 'absent' })).toMatchObject({ ok: false });
  });
});

describe('batches', () => {
  const callData = fc.uint8Array({ maxLength: 70 }).map((value): Hex => `0x${toHex(value)}`);

  it('are written as by viem', () => {
    const calls = fc.array(fc.record({ target: hex(20), callData }), { maxLength: 6 });
    fc.assert(
      fc.property(calls, (list) => {
        const args = [list.map((call) => ({ ...call, allowFailure: true }))] as const;
        const expected = encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args });
        expect(encodeAggregate(list)).toBe(expected);
      }),
      { numRuns: 200 },
    );
    expect(() => encodeAggregate([{ target: '0x12', callData: '0x' }])).toThrow('Address "0x12" is invalid');
  });

  it('are read as by viem, also when they are malformed', () => {
    const results = fc.array(fc.record({ success: fc.boolean(), returnData: callData }), { maxLength: 6 });
    fc.assert(
      fc.property(results, fc.option(change), (list, broken) => {
        const whole = encodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', result: list });
        const data = broken === null ? whole : changed(whole, broken);
        let expected: unknown = null;
        try {
          const found = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data });
          if (found.length === list.length) expected = found;
        } catch {
          // expected stays null: no answer of Multicall3
        }
        const found = decodeAggregate(data, list.length);
        const asHex = found?.map(({ success, returnData }) => ({
          success,
          returnData: `0x${returnData.toString('hex')}`,
        }));
        expect(asHex ?? null).toEqual(expected);
      }),
      { numRuns: 800 },
    );
  });
});

describe('calls', () => {
  it('are written as by viem, or refused with its words', () => {
    const abi = parseAbi([
      'function holds(bytes32 account, uint64 count) view returns (uint256)',
      'function twice(uint256 value) view returns (uint256)',
      'function twice(bytes32 value) view returns (uint256)',
    ]);
    const argument = fc.oneof(
      hex(32),
      hex(31),
      unsigned(256),
      unsigned(64),
      fc.constantFrom(-1n, 7, 'x', null, undefined),
    );
    const call = fc.record({
      functionName: fc.constantFrom('holds', 'holds', 'twice', 'none'),
      args: fc.array(argument, { minLength: 0, maxLength: 3 }),
    });
    let written = 0;
    fc.assert(
      fc.property(call, ({ functionName, args }) => {
        const found = encodeCall({ address: ADDRESS, abi, functionName, args });
        let expected: unknown;
        try {
          const name = functionName as 'twice';
          expected = {
            ok: true,
            data: encodeFunctionData({ abi, functionName: name, args: args as [bigint] }),
          };
        } catch (error) {
          expected = { ok: false, error: (error as Error).message.split('\n', 1)[0] };
        }
        expect(found).toEqual(expected);
        written += Number(found.ok);
      }),
      { numRuns: 800 },
    );
    expect(written).toBeGreaterThan(20);
  });
});
