import type { Database } from '../../db/connection.ts';
import { getAccount } from '../../db/queries/accounts.ts';
import { type ConsentDocument, consentInForce } from '../../db/queries/consents.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { Clock } from '../../risk/units/time.ts';
import { UnknownAccountError, VenueUnreachableError } from '../app/errors.ts';
import type { StoredAccount } from '../app/ports.ts';
import type { MarginAsk, MarginEvaluation, MarginService } from '../engine/margin-service.ts';
import type { RiskModel } from '../engine/risk-configuration.ts';
import type { OnChains } from '../venues/on-chains.ts';
import type { ConsentIndex } from './consent-index.ts';
import { hexHash } from './consents.ts';
import { type NettedSide, type NettingRules, nettedMargin } from './netted-margin.ts';

/** Evaluates a book by itself, in the right thread. */
type Evaluate = (protocol: string, portfolio: AnyPortfolio, ask?: MarginAsk) => Promise<MarginEvaluation>;

/** An account with what it has on chain, if anything. */
export type HeldAccount = Omit<StoredAccount, 'updatedAtMs'> & { readonly onChains?: OnChains | null };

export interface LiveNetting {
  /** Whether the account may be in a consent in force. */
  has(protocol: string, accountId: string): boolean;
  /** The margin of an account with a consent in force; null: there is none. @throws DatabaseUnavailableError, and what an evaluation does */
  margin(account: HeldAccount): Promise<MarginEvaluation | null>;
}

/** What the margin of a consented book is evaluated with: the module that the owner signed, while it has his parameters. */
export function consentedModel(
  { moduleId: id, moduleVersion: version, parametersHash }: ConsentDocument,
  model: (ref: { readonly id: string; readonly version: string }) => RiskModel,
): RiskModel | null {
  const found = model({ id, version });
  return hexHash(found.parametersHash) === parametersHash ? found : null;
}

/** Netting at the prices of now. The index spares everybody else the question; the database decides. */
export function liveNetting(options: {
  readonly database: Database;
  readonly index: Pick<ConsentIndex, 'has'>;
  readonly held: { get(protocol: string, accountId: string): Promise<HeldAccount> };
  readonly evaluate: Evaluate;
  /** Without what any protocol pushed about its markets. */
  readonly margin: Pick<MarginService, 'evaluate'>;
  readonly model: (ref: { readonly id: string; readonly version: string }) => RiskModel;
  readonly rules: NettingRules;
  readonly clock: Clock;
}): LiveNetting {
  const { database, index, held, evaluate, margin, model, rules, clock } = options;

  const bookAtMs = async (protocol: string, accountId: string) =>
    (await getAccount(database.orm, protocol, accountId))?.marketTimeMs ?? null;
  const otherOf = async (protocol: string, accountId: string): Promise<HeldAccount | null> =>
    held.get(protocol, accountId).catch((error: unknown) => {
      if (error instanceof UnknownAccountError || error instanceof VenueUnreachableError) return null;
      throw error;
    });
  const sideOf = async (account: HeldAccount, atMs: number | null): Promise<NettedSide> => {
    const { protocol, portfolio, onChains = null } = account;
    const cutOff =
      onChains !== null && (onChains.failures.length > 0 || onChains.states.some(({ cut }) => cut !== null));
    return { evaluation: await evaluate(protocol, portfolio, { onChains }), bookAtMs: atMs, cutOff };
  };
  return {
    has: (protocol, accountId) => index.has(protocol, accountId),
    async margin(account) {
      const { protocol, accountId } = account;
      if (!index.has(protocol, accountId)) return null;
      const filed = await consentInForce(database.orm, protocol, accountId, clock.nowMs());
      // What was ended counts no more, even if its moment lies a little ahead of this clock.
      if (filed === null || filed.consent.endedAtMs !== null) return null;
      const { document } = filed.consent;
      const theirs = document.sides.find((side) => side.protocol !== protocol)!;
      const [other, ownAtMs, otherAtMs] = await Promise.all([
        otherOf(theirs.protocol, theirs.account),
        bookAtMs(protocol, accountId),
        bookAtMs(theirs.protocol, theirs.account),
      ]);
      // All reads are done: what follows is of one moment.
      const own = await sideOf(account, ownAtMs);
      const pinned = consentedModel(document, model);
      const { result, netting } = nettedMargin({
        filed,
        protocol,
        own,
        other: other === null ? null : await sideOf(other, otherAtMs),
        rules,
        evaluate: (portfolio: AnyPortfolio) =>
          pinned === null ? null : margin.evaluate('', portfolio, { model: pinned }),
      });
      return { ...own.evaluation, result, netting };
    },
  };
}

/** Evaluations that leave a consent out, and say so: simulations and searches would tell a side more than totals. */
export function withNettingRemark(evaluate: Evaluate, has: LiveNetting['has']): Evaluate {
  return async (protocol, portfolio, ask) => {
    const evaluation = await evaluate(protocol, portfolio, ask);
    if (!has(protocol, portfolio.accountId)) return evaluation;
    const message = 'the account is margined alone here, its consent to netting is not counted';
    const { result } = evaluation;
    const reasons = [...result.reasons, { code: 'netting-left-out', message }];
    return { ...evaluation, result: { ...result, reasons } };
  };
}
