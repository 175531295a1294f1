import { decodeErrorResult, decodeFunctionResult, encodeFunctionData, type Hex, multicall3Abi } from 'viem';
import type { ReadCall, ReadOutcome } from './ports.ts';

/** Data of a call, or why there is none (an unknown function, wrong arguments). */
export function encodeCall(call: ReadCall): { ok: true; data: Hex } | { ok: false; error: string } {
  try {
    const { abi, functionName, args } = call;
    return { ok: true, data: encodeFunctionData({ abi, functionName, args: args ?? [] }) };
  } catch (error) {
    return { ok: false, error: firstLine(error) };
  }
}

/** What a call that succeeded returned. */
export function decodeReturn(call: ReadCall, data: Hex): ReadOutcome {
  if (data === '0x')
    return { ok: false, error: `${call.functionName}: no data; is a contract at ${call.address}?` };
  try {
    const { abi, functionName, args } = call;
    return { ok: true, value: decodeFunctionResult({ abi, functionName, args: args ?? [], data }) };
  } catch (error) {
    return { ok: false, error: `${call.functionName}: ${firstLine(error)}` };
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

export interface TargetCall {
  readonly target: `0x${string}`;
  readonly callData: Hex;
}

/** Multicall3 with `allowFailure` on every call. */
export function encodeAggregate(calls: readonly TargetCall[]): Hex {
  const args = [calls.map((call) => ({ ...call, allowFailure: true }))] as const;
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args });
}

/** Result of each call, or null when the answer is not one of Multicall3. */
export function decodeAggregate(
  data: Hex,
  expected: number,
): readonly { readonly success: boolean; readonly returnData: Hex }[] | null {
  try {
    const results = decodeFunctionResult({ abi: multicall3Abi, functionName: 'aggregate3', data });
    return results.length === expected ? results : null;
  } catch {
    return null;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}
