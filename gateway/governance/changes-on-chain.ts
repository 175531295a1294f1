import type { HubChange, ProposalOnChain } from '../../db/queries/proposal-on-chain.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import { type Wad, wadFromDecimal } from '../../risk/units/wad.ts';
import { LENDING_LINES } from '../config/network.ts';
import { UnknownParameterLineError } from '../publishing/errors.ts';
import type { HubDecisions, PublishedLine } from './hub-decisions.ts';
import { lendingTerms } from './lending-overrides.ts';
import type { PinnedModel } from './pinned-model.ts';
import type { ChangeAsk, RatesView } from './port.ts';

/** Rates of both models are taken one after the other from a market that moves: less than this is no change. */
const SAME = 1_000n;

type Rates = (protocol: string, market: string, model: PinnedModel) => Promise<RatesView | null>;

/** A change that the hub has not been asked about. */
export function plainChange(
  line: PublishedLine,
  what: Pick<HubChange, 'kind'> & Partial<HubChange>,
): HubChange {
  const { market, marketAddress, updateType } = line;
  const nothing = { value: null, min: null, max: null, previous: null, computed: null, risesUntilMs: null };
  return { ...nothing, publication: '', decision: null, market, marketAddress, updateType, ...what };
}

/**
 * What a caller asks to decide on chain, as it is stored until a job has asked the hub; null for nothing.
 * @throws UnknownParameterLineError for what is not published for the protocol
 */
export function askedOnChain(
  hub: HubDecisions | null,
  protocol: string,
  asks: readonly ChangeAsk[],
): ProposalOnChain | null {
  const [first] = asks;
  if (first === undefined) return null;
  if (hub === null) throw new UnknownParameterLineError(first.market, first.updateType);
  const lines = hub.lines(protocol);
  const changes = asks.map((ask) => {
    const line = lines.find((one) => one.market === ask.market && one.updateType === ask.updateType);
    if (line === undefined) throw new UnknownParameterLineError(ask.market, ask.updateType);
    return ask.kind === 'bounds'
      ? plainChange(line, { kind: 'bounds', min: ask.minWad, max: ask.maxWad })
      : plainChange(line, { kind: 'parameter', value: ask.valueWad });
  });
  return { ...hub.hub, threshold: 0, changes, omitted: [] };
}

/**
 * What a proposal changes on chain: what was asked for, every published rate that its parameters change, with the buffer of
 * now, and every published term of lending. What cannot be told now is left out, with the reason: governance does not wait for it.
 * @throws ChainUnavailableError
 */
export async function changesOnChain(options: {
  readonly hub: HubDecisions;
  readonly rates: Rates;
  readonly proposal: StoredProposal;
  readonly before: PinnedModel;
  readonly after: PinnedModel;
}): Promise<ProposalOnChain | null> {
  const { hub, rates, proposal, before, after } = options;
  const { protocol } = proposal;
  const asked = proposal.onChain?.changes ?? [];
  const omitted: { market: string; updateType: string; reason: string }[] = [];
  const changes: HubChange[] = [];
  for (const change of asked) {
    changes.push({ ...change, previous: await hub.present(change as PublishedLine) });
  }
  const known = new Set(asked.filter(({ kind }) => kind !== 'bounds').map(keyOf));
  const moved = before.parametersHash !== after.parametersHash;
  for (const line of moved ? hub.lines(protocol).filter((one) => !known.has(keyOf(one))) : []) {
    const term = LENDING_LINES.find((one) => one === line.updateType);
    if (term !== undefined) {
      const [from, to] = [termOf(line, term, before), termOf(line, term, after)];
      if (from === to) continue;
      const { market, updateType } = line;
      if (to === null) omitted.push({ market, updateType, reason: 'a lifted cap has no value on chain' });
      else
        changes.push(plainChange(line, { kind: 'parameter', value: to, previous: await hub.present(line) }));
      continue;
    }
    const [from, to] = [
      rateOf(line, await rates(protocol, line.market, before)),
      rateOf(line, await rates(protocol, line.market, after)),
    ];
    if (from === null || to === null) {
      const { market, updateType } = line;
      omitted.push({ market, updateType, reason: 'its rate cannot be told without a usable price' });
      continue;
    }
    const difference = to > from ? to - from : from - to;
    if (difference * SAME <= from) continue;
    changes.push(plainChange(line, { kind: 'parameter', value: to, previous: await hub.present(line) }));
  }
  if (changes.length === 0 && omitted.length === 0) return null;
  const completed = changes.length === 0 ? { threshold: 0, changes } : await hub.complete(proposal, changes);
  return { ...hub.hub, ...completed, omitted };
}

const keyOf = ({ market, updateType }: Pick<PublishedLine, 'market' | 'updateType'>) =>
  `${market} ${updateType}`;

/** The term of lending that a line publishes; null: there is no cap. */
function termOf(
  { definition }: PublishedLine,
  term: (typeof LENDING_LINES)[number],
  model: PinnedModel,
): Wad | null {
  const value = definition === undefined ? null : lendingTerms(definition, model.lending ?? null)?.[term];
  return value == null ? null : wadFromDecimal(value, term);
}

/** The rate that a line publishes. */
export function rateOf(line: Pick<PublishedLine, 'updateType'>, rates: RatesView | null): Wad | null {
  if (rates === null) return null;
  return line.updateType === 'maintenanceMarginRate' ? rates.maintenanceWad : rates.initialWad;
}
