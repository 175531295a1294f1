import { Endpoint } from '../../chains/clients/endpoint.ts';
import { type Head, headLimits, lagging, untimely } from '../../chains/clients/head.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Clock } from '../../risk/units/time.ts';
import { type Finding, findingsOf, inSeconds } from './finding.ts';

const { ok, warning, failed } = findingsOf('rpc');
const SLOW_MS = 2_000;

/** The newest head that an endpoint told, for the check of the clock. */
export interface SeenHead {
  readonly chain: ChainDefinition;
  readonly head: Head;
}

interface Answer {
  readonly label: string;
  readonly head: Head | null;
  readonly reason: string;
  readonly milliseconds: number;
}

async function ask(chain: ChainDefinition, url: string, index: number, timeoutMs: number): Promise<Answer> {
  const endpoint = new Endpoint(url, index + 1, {
    chainId: chain.chainId,
    requestTimeoutMs: timeoutMs,
    backoff: { firstMs: 0, maxMs: 0 },
    wallMs: () => performance.now(),
  });
  const { label } = endpoint;
  const started = performance.now();
  try {
    const head = await endpoint.latestHead();
    return { label, head, reason: '', milliseconds: performance.now() - started };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { label, head: null, reason, milliseconds: performance.now() - started };
  }
}

/** Asks every endpoint of every chain for its chain id and head. Never throws. */
export async function checkRpcs(
  chains: readonly ChainDefinition[],
  clock: Clock,
  timeoutMs = 5_000,
): Promise<{ readonly findings: readonly Finding[]; readonly heads: readonly SeenHead[] }> {
  const perChain = await Promise.all(
    chains.map(async (chain) => ({
      chain,
      answers: await Promise.all(chain.rpcUrls.map((url, index) => ask(chain, url, index, timeoutMs))),
    })),
  );
  const findings = perChain.flatMap(({ chain, answers }) => judge(chain, answers, clock));
  const heads = perChain.flatMap(({ chain, answers }) => {
    const known = answers.flatMap(({ head }) => head ?? []);
    const newest = known.sort((a, b) => Number(b.number - a.number))[0];
    return newest === undefined ? [] : [{ chain, head: newest }];
  });
  return { findings, heads };
}

function judge(chain: ChainDefinition, answers: readonly Answer[], clock: Clock): readonly Finding[] {
  const limits = headLimits(chain);
  const best = answers.reduce(
    (most, { head }) => (head !== null && head.number > most ? head.number : most),
    0n,
  );
  let serving = 0;
  const findings = answers.map(({ label, head, reason, milliseconds }) => {
    const subject = `${chain.id} ${label}`;
    if (head === null) {
      const action =
        'check the URL, its key and the network to it; other endpoints of the chain serve meanwhile';
      return failed(subject, reason, action);
    }
    const age = inSeconds(clock.nowMs() - head.timeMs);
    const detail = `chain id ${chain.chainId}, head ${head.number}, ${age} old, answered in ${inSeconds(milliseconds)}`;
    const late = untimely(head, clock.nowMs(), limits);
    if (late !== null)
      return failed(subject, late, 'wait until the node has caught up, or use another provider');
    const behind = lagging(head, best, limits);
    if (behind !== null) return warning(subject, behind, 'its provider lags; move it down in rpcUrls');
    serving += 1;
    if (milliseconds > SLOW_MS)
      return warning(subject, detail, 'it is slow; use a nearer or faster provider');
    return ok(subject, detail);
  });
  if (serving > 0) return findings;
  const action = 'no source of this chain can be read until one endpoint serves';
  return [...findings, failed(`chain ${chain.id}`, 'no endpoint serves', action)];
}
