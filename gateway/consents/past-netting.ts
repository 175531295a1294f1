import type { Database } from '../../db/connection.ts';
import { consentInForce } from '../../db/queries/consents.ts';
import { bookAt } from '../../db/queries/position-history.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { portfolioOf } from '../engine/accounts.ts';
import type { MarginEvaluation } from '../engine/margin-service.ts';
import type { RiskModel } from '../engine/risk-configuration.ts';
import { consentedModel } from './live-netting.ts';
import { type NettingRules, nettedMargin } from './netted-margin.ts';

/** How the books of a past moment are evaluated. */
export interface PastEvaluations {
  /** Under what the protocol had in force then. */
  alone(protocol: string, portfolio: AnyPortfolio): Promise<MarginEvaluation>;
  /** Under the module of the consent, at the same stored market. */
  pinned(portfolio: AnyPortfolio, model: RiskModel): MarginEvaluation;
}

export type PastNetting = (
  account: { readonly protocol: string; readonly accountId: string; readonly bookAtMs: UnixMs },
  own: MarginEvaluation,
  atMs: UnixMs,
  evaluations: PastEvaluations,
) => Promise<MarginEvaluation>;

/**
 * Netting at past moments, from the consents, books and prices of then: all were written at market times after every
 * settled moment, so that the answer stays what it is.
 */
export function pastNetting(options: {
  readonly database: Database;
  /** Whether the account may have had something on chain, of which nothing is kept by moment. */
  readonly onChain: (protocol: string, accountId: string) => boolean;
  readonly model: (ref: { readonly id: string; readonly version: string }) => RiskModel;
  readonly rules: NettingRules;
}): PastNetting {
  const { database, onChain, model, rules } = options;
  return async ({ protocol, accountId, bookAtMs }, own, atMs, evaluations) => {
    const filed = await consentInForce(database.orm, protocol, accountId, atMs);
    if (filed === null) return own;
    const { document } = filed.consent;
    const theirs = document.sides.find((side) => side.protocol !== protocol)!;
    const found = await bookAt(database.orm, theirs.protocol, theirs.account, atMs);
    const book = 'book' in found ? found.book : null;
    const pinned = consentedModel(document, model);
    const { result, netting } = nettedMargin({
      filed,
      protocol,
      own: { evaluation: own, bookAtMs, cutOff: onChain(protocol, accountId) },
      other:
        book === null
          ? null
          : {
              evaluation: await evaluations.alone(theirs.protocol, portfolioOf(book)),
              bookAtMs: book.marketTimeMs,
              cutOff: onChain(theirs.protocol, theirs.account),
            },
      rules,
      evaluate: (portfolio) => (pinned === null ? null : evaluations.pinned(portfolio, pinned)),
    });
    return { ...own, result, netting };
  };
}
