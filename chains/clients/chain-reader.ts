import type { Clock } from '../../risk/units/time.ts';
import type { ChainDefinition } from '../registry/chain.ts';
import { Endpoint } from './endpoint.ts';
import { ChainUnavailableError, type EndpointFailure } from './errors.ts';
import { type Head, headLimits, untimely } from './head.ts';
import type { ChainLogger } from './logger.ts';
import { createPinnedView } from './pinned-view.ts';
import type { ChainReader } from './ports.ts';
import { askHeads, chooseEndpoint } from './select-endpoint.ts';

export interface ChainReaderOptions {
  /** Market time, against which the age of a head is counted. */
  readonly clock: Clock;
  readonly logger?: ChainLogger;
  /** Wall time for one request, its body included. */
  readonly requestTimeoutMs?: number;
  /** Wall time that the other endpoints get to show a better head, once one has answered. */
  readonly headGraceMs?: number;
  readonly backoffFirstMs?: number;
  readonly backoffMaxMs?: number;
}

/**
 * Reads one chain through its endpoints in their order of preference. Every `pin` asks all endpoints that do not
 * back off for their head, takes the first one whose head is fresh and not behind the best, and reads through
 * that endpoint alone.
 */
export function createChainReader(definition: ChainDefinition, options: ChainReaderOptions): ChainReader {
  const { clock, logger, requestTimeoutMs = 2500, headGraceMs = 250 } = options;
  const { backoffFirstMs = 500, backoffMaxMs = 15_000 } = options;
  const limits = headLimits(definition);
  const endpoints = definition.rpcUrls.map(
    (url, index) =>
      new Endpoint(url, index + 1, {
        chainId: definition.chainId,
        requestTimeoutMs,
        backoff: { firstMs: backoffFirstMs, maxMs: backoffMaxMs },
        wallMs: () => performance.now(),
        ...(logger?.debug === undefined
          ? {}
          : { onRequest: (asked) => logger.debug?.({ chain: definition.id, ...asked }, 'rpc') }),
      }),
  );
  const report = createReporter(definition.id, logger);

  return {
    chain: definition.id,
    health: () => endpoints.map((endpoint) => endpoint.health()),
    async pin() {
      const isTimely = (head: Head) => untimely(head, clock.nowMs(), limits) === null;
      const inquiry = askHeads(endpoints, headGraceMs, isTimely);
      await inquiry.enough;
      let choice = chooseEndpoint(endpoints, inquiry.answers, clock.nowMs(), limits);
      if (choice.chosen === null) {
        await inquiry.all;
        choice = chooseEndpoint(endpoints, inquiry.answers, clock.nowMs(), limits);
      }
      report(endpoints, choice.failures);
      if (choice.chosen === null) throw new ChainUnavailableError(definition.id, choice.failures);
      const { endpoint, head } = choice.chosen;
      return createPinnedView(definition.id, definition.multicall3, endpoint, head);
    },
  };
}

/** Logs an endpoint once when it falls out and once when it is back: a dead one is asked again and again. */
function createReporter(chain: string, logger: ChainLogger | undefined) {
  const out = new Set<string>();
  return (endpoints: readonly Endpoint[], failures: readonly EndpointFailure[]) => {
    for (const { endpoint, reason } of failures) {
      if (!out.has(endpoint)) logger?.warn({ chain, endpoint, reason }, 'endpoint not used');
      out.add(endpoint);
    }
    const failing = new Set(failures.map(({ endpoint }) => endpoint));
    for (const { label } of endpoints) {
      if (!out.has(label) || failing.has(label)) continue;
      logger?.info({ chain, endpoint: label }, 'endpoint serves again');
      out.delete(label);
    }
  };
}
