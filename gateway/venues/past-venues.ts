import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { PositionFailure } from '../../risk/modules/module.ts';
import { UnknownAccountError } from '../app/errors.ts';
import type { PastMargin } from '../app/ports.ts';
import { PastVenueUnknownError } from './errors.ts';
import { mayBeOnChain, venuesOf } from './venue-list.ts';

/**
 * Past margins that leave nothing out in silence: books on chain are not kept by moment, so that an account which may
 * have one is `unknown` then, with a failure for each venue; what needs the whole account is refused.
 */
export function pastWithVenues(past: PastMargin, chains: readonly ChainDefinition[]): PastMargin {
  const unknownAt = (protocol: string, accountId: string): PositionFailure[] =>
    mayBeOnChain(accountId)
      ? venuesOf(chains, protocol).flatMap(({ definition, venues }) =>
          venues.map(({ name }) => {
            const message = `what the account had at ${name} on ${definition.id} then is not kept`;
            const reason = { code: 'venue-past-unknown', message, subject: definition.id };
            return { positionId: `@${definition.id}:${name}`, reason };
          }),
        )
      : [];
  const refuse = (accountId: string, failures: readonly PositionFailure[]): never => {
    throw new PastVenueUnknownError(accountId, [...new Set(failures.map(({ reason }) => reason.subject!))]);
  };
  return {
    of: past.of,
    async at(protocol, accountId, atMs, module) {
      const failures = unknownAt(protocol, accountId);
      try {
        const answer = await past.at(protocol, accountId, atMs, module);
        if (failures.length === 0) return answer;
        const { result } = answer;
        return {
          ...answer,
          result: { ...result, status: 'unknown', failures: [...result.failures, ...failures] },
        };
      } catch (error) {
        if (error instanceof UnknownAccountError && failures.length > 0) refuse(accountId, failures);
        throw error;
      }
    },
    async difference(protocol, accountId, moments, module) {
      const failures = unknownAt(protocol, accountId);
      if (failures.length > 0) refuse(accountId, failures);
      return past.difference(protocol, accountId, moments, module);
    },
  };
}
