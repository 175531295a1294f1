import { parseAccumulatorUpdate } from '../../../pyth/accumulator.ts';
import { bytesToHex } from '../../../pyth/hex.ts';
import { decodeUpdate, type HermesMessage, parseHermesMessage } from '../update-gate.ts';

/** A message that waits for verification. */
export interface Waiting {
  readonly message: HermesMessage;
  /** Price ids that it claims to hold; worked out only when something must go. */
  ids?: ReadonlySet<string>;
}

/** Position of the price id in a message of the accumulator: after its type. */
const ID_FROM = 1;
const ID_TO = 33;

/**
 * Ids that a message claims to hold, before anything is verified: good enough to choose what is left out, and for nothing
 * else. A message that cannot be read claims nothing, and so goes first.
 */
function claimedIds(message: HermesMessage): ReadonlySet<string> {
  const ids = new Set<string>();
  try {
    const { encoding, data } = parseHermesMessage(message);
    for (const text of data) {
      for (const update of parseAccumulatorUpdate(decodeUpdate(text, encoding)).updates) {
        ids.add(bytesToHex(update.message.subarray(ID_FROM, ID_TO)));
      }
    }
  } catch {
    return ids;
  }
  return ids;
}

/**
 * Takes the entry out of `list` (oldest first) that is missed least: the oldest of whose prices all are in newer ones,
 * so that of every feed the newest is kept; where there is none, the oldest.
 */
export function takeLeastMissed<Entry extends Waiting>(list: Entry[]): Entry | undefined {
  const idsOf = (entry: Entry) => {
    entry.ids ??= claimedIds(entry.message);
    return entry.ids;
  };
  const newer = new Map<string, number>();
  for (const entry of list) for (const id of idsOf(entry)) newer.set(id, (newer.get(id) ?? 0) + 1);
  const found = list.findIndex((entry) => {
    const own = idsOf(entry);
    // Each entry before this one was needed for something that is not in any other, and so not in this one.
    const covered = [...own].every((id) => newer.get(id)! > 1);
    for (const id of own) newer.set(id, newer.get(id)! - 1);
    return covered;
  });
  return list.splice(Math.max(0, found), 1)[0];
}
