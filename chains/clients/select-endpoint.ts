import type { UnixMs } from '../../risk/units/time.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointFailure } from './errors.ts';
import { type Head, type HeadLimits, lagging, untimely } from './head.ts';

/** Wall time for which a head counts as known when its endpoint is not heard again. */
const HEAD_MEMORY_MS = 30_000;

export type HeadAnswer = { readonly head: Head } | { readonly failure: string };

export interface HeadInquiry {
  /** Filled as the endpoints answer. */
  readonly answers: ReadonlyMap<Endpoint, HeadAnswer>;
  /** All have answered, or the grace after the first usable head is over. */
  readonly enough: Promise<void>;
  /** All have answered or failed. */
  readonly all: Promise<void>;
}

/** Asks every endpoint that does not back off for its head, all at once. */
export function askHeads(
  endpoints: readonly Endpoint[],
  graceMs: number,
  usable: (head: Head) => boolean,
): HeadInquiry {
  const answers = new Map<Endpoint, HeadAnswer>();
  let timer: NodeJS.Timeout | undefined;
  let endGrace: () => void = () => undefined;
  const graceOver = new Promise<void>((resolve) => {
    endGrace = resolve;
  });
  const ask = async (endpoint: Endpoint) => {
    try {
      const head = await endpoint.latestHead();
      answers.set(endpoint, { head });
      if (usable(head)) timer ??= setTimeout(endGrace, graceMs);
    } catch (error) {
      answers.set(endpoint, { failure: error instanceof Error ? error.message : String(error) });
    }
  };
  const askable = endpoints.filter((endpoint) => endpoint.unavailable() === null);
  const all = Promise.all(askable.map(ask)).then(() => clearTimeout(timer));
  return { answers, all, enough: Promise.race([all, graceOver]) };
}

export interface EndpointChoice {
  readonly chosen: { readonly endpoint: Endpoint; readonly head: Head } | null;
  /** Every endpoint that may not be used, and why. An endpoint that is merely slower than others is not among them. */
  readonly failures: readonly EndpointFailure[];
}

/** The first endpoint in order of preference whose head is fresh and not behind the best known one. */
export function chooseEndpoint(
  endpoints: readonly Endpoint[],
  answers: ReadonlyMap<Endpoint, HeadAnswer>,
  nowMs: UnixMs,
  limits: HeadLimits,
): EndpointChoice {
  const best = bestHead(endpoints, nowMs, limits);
  const failures: EndpointFailure[] = [];
  let chosen: EndpointChoice['chosen'] = null;
  for (const endpoint of endpoints) {
    const answer = answers.get(endpoint);
    let reason: string | null;
    if (answer === undefined) reason = endpoint.unavailable();
    else if ('failure' in answer) reason = answer.failure;
    else {
      reason = untimely(answer.head, nowMs, limits) ?? lagging(answer.head, best, limits);
      endpoint.noteHead(reason);
      if (reason === null) chosen ??= { endpoint, head: answer.head };
    }
    if (reason !== null) failures.push({ endpoint: endpoint.label, reason });
  }
  return { chosen, failures };
}

/** Highest head known of any endpoint that is on the right chain and in its right time. */
function bestHead(endpoints: readonly Endpoint[], nowMs: UnixMs, limits: HeadLimits): bigint {
  let best = 0n;
  for (const endpoint of endpoints) {
    const head = endpoint.recentHead(HEAD_MEMORY_MS);
    if (head !== null && untimely(head, nowMs, limits) === null && head.number > best) best = head.number;
  }
  return best;
}
