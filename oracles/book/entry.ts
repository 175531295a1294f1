import { planOf } from '../aggregation/plan.ts';
import type { FeedConfig } from '../config/feeds.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory } from '../guards/memory.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { AlarmLog } from './alarm-log.ts';
import { SourceSlot } from './source-slot.ts';
import { StartUp } from './start-up.ts';

/** One feed of the book. */
export interface Entry {
  readonly config: FeedConfig;
  readonly slots: ReadonlyMap<string, SourceSlot>;
  /** The same in the order of the configuration. */
  readonly slotList: readonly SourceSlot[];
  /** Feeds of which this one needs the price, and those that need this one's. */
  readonly needs: readonly Entry[];
  readonly neededBy: Entry[];
  cached: RobustPrice | null;
  /** What the prices so far left behind; kept for feeds with a class, and for those that others are compared with. */
  memory: FeedMemory;
  readonly remembers: boolean;
  readonly alarms: AlarmLog;
  readonly startUp: StartUp;
  /** What an evaluation is given, and does not keep: the latest reports in the order of `slotList`, prices of `needs`. */
  readonly given: { readonly reports: SourceReport[]; readonly quotePrices: Map<string, RobustPrice> };
}

/** @param remembers whether its prices leave something behind for the next ones */
export function createEntry(config: FeedConfig, needs: readonly Entry[], remembers: boolean): Entry {
  const slotList = config.sources.map((source) => {
    const chain = 'chain' in source ? source.chain : null;
    return new SourceSlot(config.id, source.id, source.kind, chain);
  });
  return {
    config,
    slots: new Map(config.sources.map(({ id }, index) => [id, slotList[index]!])),
    slotList,
    needs,
    neededBy: [],
    cached: null,
    memory: EMPTY_MEMORY,
    remembers,
    alarms: new AlarmLog(planOf(config).hold.holdMs),
    startUp: new StartUp(),
    given: { reports: [], quotePrices: new Map() },
  };
}

/** Whether every source of the feed and of those it needs has reported something. */
const haveSpoken = ({ given, slotList, needs }: Entry): boolean =>
  given.reports.length === slotList.length && needs.every(haveSpoken);

/** What the feed remembers after this price; while it starts up, without what the start-up would have held closed. */
export function remembered(entry: Entry, price: RobustPrice): FeedMemory {
  const { memory, startUp, config } = entry;
  const after = advanceMemory(memory, price);
  if (startUp.over) return after;
  return startUp.remembered(memory, after, {
    price,
    allSpoke: haveSpoken(entry),
    holdMs: planOf(config).hold.holdMs,
  });
}
