import { decodeErrorResult, decodeFunctionResult, encodeFunctionData, type Hex, multicall3Abi } from 'viem';
import { NotCanonicalError, readAnswer } from './answer-words.ts';
import { callPlan, writeCall } from './call-plan.ts';
import { type CallResult, readAggregate, type TargetCall, writeAggregate } from './multicall-words.ts';
import type { ReadCall, ReadOutcome } from './ports.ts';

/** Data of a call, or why there is none (an unknown function, wrong arguments). */
export function encodeCall(call: ReadCall): { ok: true; data: Hex } | { ok: false; error: string } {
  try {
    const { abi, functionName, args = [] } = call;
    const plan = callPlan(abi, functionName);
    const data = plan === null ? null : writeCall(plan, args);
    return { ok: true, data: data ?? encodeFunctionData({ abi, functionName, args }) };
  } catch (error) {
    return { ok: false, error: firstLine(error) };
  }
}

/** What a call that succeeded returned. The usual layout is read directly; viem judges every other one. */
export function decodeReturn(call: ReadCall, data: Hex | Buffer): ReadOutcome {
  if (data.length === 0 || data === '0x')
    return { ok: false, error: `${call.functionName}: no data; is a contract at ${call.address}?` };
  try {
    const { abi, functionName, args } = call;
    const readers = callPlan(abi, functionName)?.readers ?? null;
    const values = readers === null ? null : orNull(() => readAnswer(data, readers));
    if (values !== null) return { ok: true, value: values.length === 1 ? values[0] : values };
    const hex = hexOf(data);
    return { ok: true, value: decodeFunctionResult({ abi, functionName, args: args ?? [], data: hex }) };
  } catch (error) {
    return { ok: false, error: `${call.functionName}: ${firstLine(error)}` };
  }
}

const hexOf = (data: Hex | Buffer): Hex => (typeof data === 'string' ? data : `0x${data.toString('hex')}`);

/** Null where the layout is another one than the direct way reads. */
function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotCanonicalError) return null;
    throw error;
  }
}

/** Why a call reverted: the text of `require`, the name of a custom error of the ABI, or the node's words. */
export function revertReason(call: ReadCall, data: Hex, message: string): string {
  if (data === '0x') return `${call.functionName} reverted: ${message || 'without a reason'}`;
  try {
    const { errorName, args } = decodeErrorResult({ abi: call.abi, data });
    const text = errorName === 'Error' ? String(args?.[0]) : `${errorName}(${(args ?? []).join(', ')})`;
    return `${call.functionName} reverted: ${text}`;
  } catch {
    return `${call.functionName} reverted with ${data.slice(0, 74)}`;
  }
}

/** Multicall3 with `allowFailure` on every call. */
export function encodeAggregate(calls: readonly TargetCall[]): Hex {
  const written = writeAggregate(calls);
  if (written !== null) return written;
  const args = [calls.map((call) => ({ ...call, allowFailure: true }))] as const;
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args });
}

/** Result of each call, or null when the answer is not one of Multicall3. */
export function decodeAggregate(data: Hex, expected: number): readonly CallResult[] | null {
  try {
    const results = orNull(() => readAggregate(data)) ?? anyAggregate(data);
    return results.length === expected ? results : null;
  } catch {
    return null;
  }
}

function anyAggregate(data: Hex): readonly CallResult[] {
  const results = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data });
  return results.map(({ success, returnData }) => ({
    success,
    returnData: Buffer.from(returnData.slice(2), 'hex'),
  }));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}
