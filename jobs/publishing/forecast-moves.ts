import type { Address } from 'viem';
import { decodeValue } from '../../chains/contracts/update-data.ts';
import { publicationId } from '../../chains/publisher/hub.ts';
import { lastForecastProposal } from '../../db/queries/forecast-proposals.ts';
import type { HubChange } from '../../db/queries/proposal-on-chain.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import { lastPublication, publicationOf } from '../../db/queries/publications.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { moveOf } from './move.ts';
import type { Publisher } from './publisher.ts';

/** A parameter of a market that the forecast moves on chain. */
export interface PlannedLine {
  readonly protocol: string;
  readonly market: string;
  readonly marketAddress: Address;
  readonly updateType: string;
}

/** What should be in force now. */
export interface LineTarget {
  readonly valueWad: Wad;
  /** Market time. */
  readonly asOfMs: UnixMs;
  /** When a rise that is under notice is fully in force; null: none is. */
  readonly risesUntilMs: UnixMs | null;
}

export interface MoveLimits {
  /** Smallest change worth a publication, as a share of the last value (18 decimals). */
  readonly minChangeWad: Wad;
  /** Wall time that a value stands before it is lowered; raised it is at once. */
  readonly lowerAfterMs: number;
}

/** What the forecast of one market changes: what the gateway may do alone, and what approvers are to decide. */
export interface MarketMoves {
  readonly raises: readonly HubChange[];
  readonly falls: readonly HubChange[];
  readonly asked: readonly { readonly change: HubChange; readonly reason: string }[];
  /** The last proposal of either kind, and the last publication of each line: what the next is made over. */
  readonly previous: { readonly alone: string; readonly asked: string; readonly lines: string };
}

const OPEN: ReadonlySet<string> = new Set(['assessing', 'open', 'approved']);

/** @throws ChainUnavailableError, DatabaseUnavailableError */
export async function marketMoves(
  publisher: Publisher,
  lines: readonly PlannedLine[],
  target: (line: PlannedLine) => Promise<LineTarget | null>,
  limits: MoveLimits,
  nowMs: UnixMs,
): Promise<MarketMoves> {
  const { protocol, market } = lines[0]!;
  const { database, hub } = publisher;
  const of = { protocol, market };
  const alone = await lastForecastProposal(database.orm, { ...of, autonomous: true });
  const asked = await lastForecastProposal(database.orm, { ...of, autonomous: false });
  const moves = {
    raises: [] as HubChange[],
    falls: [] as HubChange[],
    asked: [] as MarketMoves['asked'][number][],
  };
  const before: string[] = [];
  for (const line of lines) {
    const { marketAddress, updateType } = line;
    const where = { hub: hub.chain.id, marketAddress, updateType };
    const last = await lastPublication(database.orm, where);
    before.push(last?.id ?? '');
    const wanted = await target(line);
    if (wanted === null) continue;
    const at = { market: marketAddress, updateType };
    const { bounded, minValue, maxValue } = await hub.line(at);
    const { valueWad: computed, asOfMs } = wanted;
    const move = moveOf({
      ...limits,
      computed,
      nowMs,
      last: last === null ? null : { value: last.value!, atMs: last.createdAt },
      bounds: bounded ? { min: minValue, max: maxValue } : null,
      held: await heldBy(publisher, alone, updateType),
      heldAsked: await heldBy(publisher, asked, updateType),
    });
    if (move.alone === null && move.asked === null) continue;
    const latest = await hub.latest(at);
    const previous = latest === null ? null : decodeValue(latest.newValue);
    const common = { market, marketAddress, updateType, min: null, max: null, previous, decision: null };
    const { risesUntilMs } = wanted;
    if (move.alone !== null) {
      const value = move.alone;
      const chain = { chainId: hub.chain.definition.chainId, hub: hub.address };
      const publication = publicationId({ ...chain, ...at, value, previous: last?.id ?? '', asOfMs });
      const change = { ...common, kind: 'value' as const, value, computed, risesUntilMs, publication };
      (last === null || value > last.value! ? moves.raises : moves.falls).push(change);
    }
    // One question at a time: while approvers have not decided, they are not asked for something else.
    if (move.asked !== null && !(asked !== null && OPEN.has(asked.state))) {
      const { value, reason } = move.asked;
      const change = {
        ...common,
        kind: 'parameter' as const,
        value,
        computed: null,
        risesUntilMs,
        publication: '',
      };
      moves.asked.push({ change, reason });
    }
  }
  const previous = { alone: alone?.id ?? '', asked: asked?.id ?? '', lines: before.join(' ') };
  return { ...moves, previous };
}

/** The value of a line in a proposal that was not carried out; null when it was, or there is none. */
async function heldBy(
  { database }: Publisher,
  proposal: StoredProposal | null,
  updateType: string,
): Promise<Wad | null> {
  const change = proposal?.onChain?.changes.find((one) => one.updateType === updateType);
  if (proposal === null || change === undefined) return null;
  if (proposal.state !== 'executed') return change.value;
  const publication = await publicationOf(database.orm, change.publication);
  return publication?.state === 'refused' ? change.value : null;
}
