import * as readers from '../load/readers.ts';
import type { Load } from '../load/start.ts';
import type { Scene } from '../scene.ts';
import * as positions from './positions.ts';
import * as proposals from './proposals.ts';
import * as publications from './publications.ts';
import { DONE, settle } from './settle.ts';
import * as webhooks from './webhooks.ts';

/** Everything that a run is measured by, named before it is looked at. */
export const MEASURED: readonly string[] = [
  ...[positions.KEPT, positions.ONCE, proposals.KEPT, proposals.ONCE],
  ...[publications.KEPT, publications.ONCE, publications.ASKED, webhooks.KEPT, webhooks.SAME_ID, DONE],
  ...[readers.FRESH_PRICES, readers.FRESH_MARGINS, readers.OWN_WRITES, readers.COMPUTED],
];

/** Waits until nothing is left to do, then reads everything back. */
export async function verifyAll(scene: Scene, { receiver, hooks }: Load): Promise<void> {
  scene.checks.expect(...MEASURED);
  receiver.behave();
  await settle(scene, receiver);
  await positions.verifyPositions(scene);
  await proposals.verifyProposals(scene);
  await publications.verifyPublications(scene);
  await webhooks.verifyWebhooks(scene, receiver, hooks);
}
