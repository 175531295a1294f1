import { BaseError, type Hex, HttpRequestError, RpcRequestError, TimeoutError } from 'viem';

/** A request that failed: either the contract refused it, or the endpoint did not do its work. */
export type RpcFailure =
  | { readonly kind: 'revert'; readonly data: Hex; readonly message: string }
  | { readonly kind: 'endpoint'; readonly reason: string };

/** Messages by which nodes tell of a call that ran and failed, when they send neither code 3 nor data. */
const EXECUTION_FAILED =
  /revert|out of gas|invalid opcode|invalid jump|stack (under|over)flow|invalid instruction/i;

/** Sorts what viem threw. Never repeats a URL, because it may hold an API key. */
export function classifyFailure(error: unknown): RpcFailure {
  const rpc = find(error, (each) => each instanceof RpcRequestError);
  if (rpc instanceof RpcRequestError) {
    const data = revertData(rpc.data);
    if (rpc.code === 3 || data !== null || EXECUTION_FAILED.test(rpc.details)) {
      return { kind: 'revert', data: data ?? '0x', message: clean(rpc.details) };
    }
    return { kind: 'endpoint', reason: `RPC error ${rpc.code}: ${clean(rpc.details)}` };
  }
  return { kind: 'endpoint', reason: transportReason(error) };
}

function transportReason(error: unknown): string {
  if (find(error, (each) => each instanceof TimeoutError) !== null) return 'no answer in time';
  const http = find(error, (each) => each instanceof HttpRequestError);
  if (http instanceof HttpRequestError && http.status !== undefined) return `HTTP ${http.status}`;
  const system = find(error, (each) => typeof (each as { code?: unknown }).code === 'string');
  if (system !== null) return `no connection (${(system as unknown as { code: string }).code})`;
  const deepest = find(error, (each) => !(each.cause instanceof Error));
  if (deepest instanceof BaseError) return clean(deepest.details || deepest.shortMessage);
  return clean(deepest === null ? String(error) : deepest.message);
}

/** The first error along the causes that fits. */
function find(error: unknown, fits: (each: Error) => boolean): Error | null {
  for (let each = error, depth = 0; each instanceof Error && depth < 10; each = each.cause, depth += 1) {
    if (fits(each)) return each;
  }
  return null;
}

function revertData(data: unknown): Hex | null {
  const value = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data;
  return typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value) ? (value as Hex) : null;
}

function clean(text: string): string {
  return text.replaceAll(/https?:\/\/\S+/g, '(url)').slice(0, 200);
}
