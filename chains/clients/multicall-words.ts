import { type Address, type Hex, isAddress } from 'viem';
import { AnswerWords, WORD } from './answer-words.ts';

/** `aggregate3((address target, bool allowFailure, bytes callData)[])` of Multicall3. */
const AGGREGATE3 = '0x82ad56cb';
/** Head of one call: target, allowFailure, offset of callData; then the length of callData. */
const CALL_HEAD = 4 * WORD;
/** Head of one result: success, offset of returnData. */
const RESULT_HEAD = 2 * WORD;

export interface TargetCall {
  readonly target: Address;
  readonly callData: Hex;
}

export interface CallResult {
  readonly success: boolean;
  readonly returnData: Buffer;
}

const word = (value: number): string => value.toString(16).padStart(2 * WORD, '0');
const HEX_BYTES = /^0x(?:[0-9a-fA-F]{2})*$/;

/** Data of `aggregate3` with `allowFailure` on every call; null where a call is none. */
export function writeAggregate(calls: readonly TargetCall[]): Hex | null {
  const offsets: string[] = [];
  const bodies: string[] = [];
  let at = calls.length * WORD;
  let known = '';
  for (const { target, callData } of calls) {
    // Looking an address up costs more than all the rest, and batches ask the same contract again and again.
    if ((target !== known && !isAddress(target)) || !HEX_BYTES.test(callData)) return null;
    known = target;
    const length = callData.length / 2 - 1;
    const padded = WORD * Math.ceil(length / WORD);
    offsets.push(word(at));
    bodies.push(
      target
        .slice(2)
        .toLowerCase()
        .padStart(2 * WORD, '0'),
      word(1),
      word(3 * WORD),
      word(length),
      callData.slice(2).padEnd(2 * padded, '0'),
    );
    at += CALL_HEAD + padded;
  }
  return `${AGGREGATE3}${word(WORD)}${word(calls.length)}${offsets.join('')}${bodies.join('')}`;
}

/** What `aggregate3` returned. @throws NotCanonicalError when it is anything else, or not in the usual layout. */
export function readAggregate(data: Hex): readonly CallResult[] {
  const words = new AnswerWords(data);
  words.offset(words.begin(WORD), 0);
  const length = words.count(words.begin(WORD));
  const from = words.begin(length * WORD);
  const results: CallResult[] = [];
  for (let index = 0; index < length; index += 1) {
    words.offset(from + index * WORD, from);
    const at = words.begin(RESULT_HEAD);
    const success = words.bool(at);
    words.offset(at + WORD, at);
    const { from: begin, to: end } = words.slice();
    results.push({ success, returnData: words.bytes.subarray(begin, end) });
  }
  words.end();
  return results;
}
