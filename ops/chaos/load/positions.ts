import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProtocol } from '../../cluster/configuration.ts';
import type { Member } from '../../cluster/member.ts';
import { ask } from '../ask.ts';
import type { AccountRecord, SentBook } from '../ledger.ts';
import { pick, type Scene } from '../scene.ts';

const LOST = 'positions acknowledged are not refused later';
const PAUSE_MS = 500;
/** How often a write without an answer is sent again as it was; else its fate stays unknown and the next follows. */
const RETRIED = 0.7;

/** The book of an account at a sequence; no two sequences have the same. */
export function bookAt(sequence: number): SentBook {
  const perp = (market: string, size: string, entryPrice: string) => ({
    ...{ id: market, kind: 'perp' as const, market, size, entryPrice, chain: 'hub' },
  });
  return {
    sequence,
    cash: String(100_000 + sequence),
    positions: [
      perp('ETH-PERP', String(1 + (sequence % 7)), '2950'),
      perp('BTC-PERP', `-0.${1 + (sequence % 9)}`, '60100'),
    ],
  };
}

/** Sends one book until its fate is known or given up. @returns the gateway that acknowledged it, or null */
export async function sendBook(
  scene: Scene,
  protocol: ClusterProtocol,
  record: AccountRecord,
  book: SentBook,
  choose: () => Member,
): Promise<Member | null> {
  const { ledger, checks, ended, random } = scene;
  record.sent.set(book.sequence, book);
  for (;;) {
    const gateway = choose();
    const answer = await ask(gateway.url!, protocol, `/v1/accounts/${record.account}/positions`, {
      method: 'PUT',
      body: book,
      headers: { 'idempotency-key': `${record.account}-${book.sequence}` },
    });
    if (answer?.status === 200) {
      checks.examine(LOST);
      record.acknowledged.add(book.sequence);
      record.latest = Math.max(record.latest, book.sequence);
      return gateway;
    }
    ledger.unsuccessful('PUT positions', answer);
    // One writer per account, always upwards: the database can only be ahead of us if somebody invented a book.
    if (answer?.status === 409 && answer.body.details?.storedSequence > Math.max(...record.sent.keys())) {
      checks.violated(LOST, `${record.account} at ${book.sequence}: ${JSON.stringify(answer.body)}`);
    }
    if (ended.aborted || random.uniform() > RETRIED) return null;
    await delay(PAUSE_MS);
  }
}

/** Pushes books of one account with growing sequence numbers until the load ends. */
export async function writePositions(
  scene: Scene,
  protocol: ClusterProtocol,
  account: string,
): Promise<void> {
  const { cluster, ledger, ended, random } = scene;
  const record = ledger.account(protocol.id, account);
  for (let sequence = 1; !ended.aborted; sequence += 1) {
    await sendBook(scene, protocol, record, bookAt(sequence), () => pick(random, cluster.gateways));
    await delay(PAUSE_MS);
  }
}
