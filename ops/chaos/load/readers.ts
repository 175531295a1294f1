import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterProtocol } from '../../cluster/configuration.ts';
import type { Member } from '../../cluster/member.ts';
import { ask } from '../ask.ts';
import { type ClaimedPrice, freshnessProblem } from '../freshness.ts';
import { pick, type Scene } from '../scene.ts';

export const FRESH_PRICES = 'no stale price served as fresh';
export const FRESH_MARGINS = 'no stale margin served as fresh';
export const OWN_WRITES = 'margins answer for the book last acknowledged';
export const COMPUTED = 'equity is that of the book and the prices stated';
const PAUSE_MS = 350;
const FEEDS = ['BTC-USD', 'ETH-USD', 'SOL-USD', 'USDC-USD'];

/** Since when a gateway has heard from no price source at all. */
function deafSince({ truth }: Scene, gateway: Member): number | null {
  const cuts = (['hermes', 'hub', 'l2'] as const).map((service) => truth.cutSince(gateway, service));
  return cuts.some((since) => since === null) ? null : Math.max(...(cuts as number[]));
}

/** Reads prices, and holds those that claim to be current against the market. */
export async function readPrices(scene: Scene, protocol: ClusterProtocol): Promise<void> {
  const { cluster, checks, ended, random, truth, ledger } = scene;
  while (!ended.aborted) {
    await delay(PAUSE_MS);
    const gateway = pick(random, cluster.gateways);
    const feed = pick(random, FEEDS);
    const sentMs = Date.now();
    const [offsetMs, deafSinceMs] = [truth.offsetOf(gateway), deafSince(scene, gateway)];
    const answer = await ask(gateway.url!, protocol, `/v1/prices/${feed}`);
    if (answer?.status !== 200) {
      ledger.unsuccessful('GET prices', answer);
      continue;
    }
    const { body } = answer;
    if (body.stale) continue;
    const problem = freshnessProblem(
      { ...body, prices: [body as ClaimedPrice] },
      {
        ...{ sentMs, receivedMs: Date.now() },
        // Only what held over the whole request counts.
        offsetMs: truth.offsetOf(gateway) === offsetMs ? offsetMs : null,
        deafSinceMs: deafSince(scene, gateway) === deafSinceMs ? deafSinceMs : null,
      },
      cluster.market.priceAt,
    );
    checks.note(FRESH_PRICES, problem === null ? null : `${gateway.name} ${feed} ${iso(sentMs)}: ${problem}`);
  }
}

/** Reads margins: current ones against the market, and each for the book it is of. */
export async function readMargins(
  scene: Scene,
  protocol: ClusterProtocol,
  accounts: readonly string[],
): Promise<void> {
  const { cluster, checks, ended, random, truth, ledger } = scene;
  while (!ended.aborted) {
    await delay(PAUSE_MS);
    const gateway = pick(random, cluster.gateways);
    const record = ledger.account(protocol.id, pick(random, accounts));
    const acknowledged = record.latest;
    if (acknowledged === 0) continue;
    const sentMs = Date.now();
    const [offsetMs, deafSinceMs] = [truth.offsetOf(gateway), deafSince(scene, gateway)];
    const answer = await ask(gateway.url!, protocol, `/v1/accounts/${record.account}/margin`);
    if (answer?.status !== 200) {
      ledger.unsuccessful('GET margin', answer);
      continue;
    }
    const { body } = answer;
    const where = `${gateway.name} ${record.account} ${iso(sentMs)}`;
    const behind =
      body.sequence < acknowledged ? `${where}: ${body.sequence}, acknowledged ${acknowledged}` : null;
    checks.note(OWN_WRITES, behind);
    if (body.stale) continue;
    const problem = freshnessProblem(
      body,
      {
        ...{ sentMs, receivedMs: Date.now() },
        offsetMs: truth.offsetOf(gateway) === offsetMs ? offsetMs : null,
        deafSinceMs: deafSince(scene, gateway) === deafSinceMs ? deafSinceMs : null,
      },
      cluster.market.priceAt,
    );
    checks.note(FRESH_MARGINS, problem === null ? null : `${where}: ${problem}`);
    const book = record.sent.get(body.sequence);
    if (book === undefined) {
      checks.violated(COMPUTED, `${where}: a book ${body.sequence} that nobody sent`);
      continue;
    }
    const priceOf = (market: string) =>
      Number(
        (body.prices as ClaimedPrice[]).find(({ feed }) => feed === `${market.split('-')[0]}-USD`)?.price,
      );
    const equity = book.positions.reduce(
      (sum, { market, size, entryPrice }) => sum + Number(size) * (priceOf(market) - Number(entryPrice)),
      Number(book.cash),
    );
    const wrong = Math.abs(Number(body.equity) - equity) > 1e-6 * Math.abs(equity);
    checks.note(COMPUTED, wrong ? `${where}: ${body.equity}, computed ${equity}` : null);
  }
}

const iso = (ms: number) => new Date(ms).toISOString();
