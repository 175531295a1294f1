import type { Scene } from '../scene.ts';
import { writePositions } from './positions.ts';
import { writeProposals } from './proposals.ts';
import { writePublications } from './publications.ts';
import { readMargins, readPrices } from './readers.ts';
import { type Receiver, startReceiver, subscribe, writeCalls } from './webhooks.ts';

const ACCOUNTS = ['a1', 'a2', 'a3'];
const CALLED = ['called-1', 'called-2'];

export interface Load {
  readonly receiver: Receiver;
  /** Id of the webhook by protocol. */
  readonly hooks: ReadonlyMap<string, string>;
  /** Settles when all writers and readers have ended. */
  readonly running: Promise<unknown>;
  summary(): string;
  stop(): Promise<void>;
}

/** Starts everybody who writes and reads; they end with the scene. */
export async function startLoad(scene: Scene): Promise<Load> {
  const { cluster, random, ledger } = scene;
  const receiver = await startReceiver(random);
  const hooks = new Map<string, string>();
  for (const protocol of cluster.protocols)
    hooks.set(protocol.id, await subscribe(scene, receiver, protocol));
  // The first has what is published; the others change their parameters.
  const [publishing, ...others] = cluster.protocols;
  const running = Promise.all([
    ...cluster.protocols.flatMap((protocol) => [
      ...ACCOUNTS.map((account) => writePositions(scene, protocol, `${protocol.id}-${account}`)),
      ...CALLED.map((account) => writeCalls(scene, receiver, protocol, `${protocol.id}-${account}`)),
      readPrices(scene, protocol),
      readMargins(
        scene,
        protocol,
        ACCOUNTS.map((account) => `${protocol.id}-${account}`),
      ),
    ]),
    ...others.map((protocol) => writeProposals(scene, protocol)),
    writePublications(scene, publishing!, 'BTC-PERP', 'initialMarginRate'),
    writePublications(scene, publishing!, 'ETH-PERP', 'maintenanceMarginRate'),
  ]);
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([what, count]) => `${what}: ${count}`).join(', ') || 'none';
  return {
    receiver,
    hooks,
    running,
    summary() {
      const books = [...ledger.accounts.values()].reduce(
        (sum, { acknowledged }) => sum + acknowledged.size,
        0,
      );
      const repeated = receiver.received.length - new Set(receiver.received.map(({ id }) => id)).size;
      return [
        `acknowledged: ${books} books, ${ledger.proposals.filter(({ id }) => id !== null).length} proposals, ` +
          `${ledger.publications.filter(({ id }) => id !== null).length} publications`,
        `webhooks: ${ledger.calls.length} called for, ${receiver.received.length} received, ${repeated} of them repeats`,
        `without an answer: ${list(ledger.unanswered)}`,
        `refused: ${list(ledger.refused)}`,
      ].join('\n');
    },
    stop: () => receiver.stop(),
  };
}
