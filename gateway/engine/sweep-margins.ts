import type { StoredAccount } from '../../db/queries/accounts.ts';
import type { MarginComputation } from '../../jobs/tasks/margin-sweep.ts';
import type { LiveNetting } from '../consents/live-netting.ts';
import type { VenueAccounts } from '../venues/venue-accounts.ts';
import { portfolioOf } from './accounts.ts';
import type { MarginEvaluation, MarginService } from './margin-service.ts';

/**
 * Margins of stored accounts with what they have on chain, as `GET /v1/accounts/{id}/margin` computes them; each chain is
 * read once for all of a protocol. Accounts under which nothing was pushed come with sequence 0 and an empty book.
 */
export function sweepMargins({
  held,
  margin,
  netting = null,
}: {
  readonly held: Pick<VenueAccounts, 'merge'>;
  readonly margin: Pick<MarginService, 'evaluate'>;
  readonly netting?: LiveNetting | null;
}): (accounts: readonly StoredAccount[]) => Promise<readonly MarginComputation[]> {
  return async (accounts) => {
    const byProtocol = new Map<string, StoredAccount[]>();
    for (const account of accounts) {
      const of = byProtocol.get(account.protocol) ?? [];
      of.push(account);
      byProtocol.set(account.protocol, of);
    }
    const computed: MarginComputation[] = [];
    for (const [protocol, rows] of byProtocol) {
      const pushed = rows.map((row) => {
        const { account: accountId, sequence, updatedAtMs } = row;
        return { accountId, book: { sequence, updatedAtMs, portfolio: portfolioOf(row) } };
      });
      for (const account of await held.merge(protocol, pushed)) {
        const { accountId, sequence, portfolio, onChains } = account;
        let netted: MarginEvaluation | null = null;
        try {
          if (netting?.has(protocol, accountId)) netted = await netting.margin(account);
        } catch {
          // Neither netted nor alone is known to be right: it keeps its status until the next sweep.
          continue;
        }
        const { basis, result } = netted ?? margin.evaluate(protocol, portfolio, { onChains });
        computed.push({ protocol, account: accountId, sequence, asOfMs: basis.asOfMs, result });
      }
    }
    return computed;
  };
}
