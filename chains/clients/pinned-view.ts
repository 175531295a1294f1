import type { Address, Hex } from 'viem';
import { type Endpoint, EndpointError } from './endpoint.ts';
import { ChainUnavailableError } from './errors.ts';
import type { Head } from './head.ts';
import type { PinnedView, ReadCall, ReadOutcome } from './ports.ts';
import { decodeAggregate, decodeReturn, encodeAggregate, encodeCall, revertReason } from './read-codec.ts';

/** Calls of one multicall: well inside the gas that nodes grant an eth_call. */
const CALLS_PER_MULTICALL = 100;
/** Requests under way at once when calls are made alone. */
const CALLS_AT_ONCE = 8;

interface Encoded {
  readonly index: number;
  readonly call: ReadCall;
  readonly data: Hex;
}

/** Reads at `head` through `endpoint`, and through nothing else. */
export function createPinnedView(
  chain: string,
  multicall3: Address,
  endpoint: Endpoint,
  head: Head,
): PinnedView {
  return {
    chain,
    blockNumber: head.number,
    blockHash: head.hash,
    blockTimeMs: head.timeMs,
    async read(calls) {
      if (calls.length === 0) return [];
      try {
        const outcomes = await readAll(calls, multicall3, endpoint, head);
        endpoint.succeeded();
        return outcomes;
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error;
        throw new ChainUnavailableError(chain, [{ endpoint: endpoint.label, reason: error.message }]);
      }
    },
  };
}

async function readAll(
  calls: readonly ReadCall[],
  multicall3: Address,
  endpoint: Endpoint,
  head: Head,
): Promise<readonly ReadOutcome[]> {
  const outcomes: ReadOutcome[] = [];
  const encoded: Encoded[] = [];
  for (const [index, call] of calls.entries()) {
    const result = encodeCall(call);
    if (result.ok) encoded.push({ index, call, data: result.data });
    else outcomes[index] = { ok: false, error: result.error };
  }
  const chunks: Encoded[][] = [];
  for (let start = 0; start < encoded.length; start += CALLS_PER_MULTICALL) {
    chunks.push(encoded.slice(start, start + CALLS_PER_MULTICALL));
  }
  const failed = (
    await Promise.all(chunks.map((chunk) => readTogether(chunk, multicall3, endpoint, head, outcomes)))
  ).flat();
  // Access-controlled feeds revert for a contract such as Multicall3 and answer a plain call.
  for (let start = 0; start < failed.length; start += CALLS_AT_ONCE) {
    await Promise.all(
      failed.slice(start, start + CALLS_AT_ONCE).map(async ({ index, call, data }) => {
        const result = await endpoint.call(call.address, data, head.number);
        outcomes[index] = result.ok
          ? decodeReturn(call, result.data)
          : { ok: false, error: revertReason(call, result.data, result.message) };
      }),
    );
  }
  await checkBlockStands(endpoint, head);
  return outcomes;
}

/** Fills in the calls that succeed; returns those to be made alone. */
async function readTogether(
  chunk: readonly Encoded[],
  multicall3: Address,
  endpoint: Endpoint,
  head: Head,
  outcomes: ReadOutcome[],
): Promise<readonly Encoded[]> {
  const data = encodeAggregate(chunk.map(({ call, data }) => ({ target: call.address, callData: data })));
  const answer = await endpoint.call(multicall3, data, head.number);
  const results = answer.ok ? decodeAggregate(answer.data, chunk.length) : null;
  // No Multicall3 on this chain, or more gas than the node grants: every call goes alone.
  if (results === null) return chunk;
  return chunk.filter(({ index, call }, position) => {
    const { success, returnData } = results[position]!;
    if (success) outcomes[index] = decodeReturn(call, returnData);
    return !success;
  });
}

/** The reads name the block by number: they hold only if the number still means the same block. */
async function checkBlockStands(endpoint: Endpoint, head: Head): Promise<void> {
  const hash = await endpoint.blockHash(head.number);
  if (hash === head.hash) return;
  const reason = `block ${head.number} was ${hash === null ? 'removed' : 'replaced'} while it was read`;
  throw new EndpointError(reason);
}
