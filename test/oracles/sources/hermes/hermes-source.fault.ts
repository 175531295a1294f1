import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import {
  type HermesFault,
  type HermesServer,
  type HermesServerOptions,
  startHermesServer,
} from '../../../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../../../gateway/demo/hermes/signer.ts';
import { PriceBook } from '../../../../oracles/book/price-book.ts';
import type { FeedConfig, HermesConfig } from '../../../../oracles/config/feeds.ts';
import { type Ingest, startIngest } from '../../../../oracles/ingest.ts';
import type { OracleLogger } from '../../../../oracles/logger.ts';
import { VerifyThread } from '../../../../oracles/sources/hermes/verifier/verify-thread.ts';
import { feed, priceId, pyth } from '../../support/feeds.ts';

const signer = createDevelopmentSigner({ seed: 'faults' });
const FEED = feed({ minGroups: 1, sources: [pyth({ maxAgeSeconds: 20 })] });
const KEY = 'very-secret-key';
/** Quick enough for a test; a slow machine only makes it take longer. */
const TIMING = {
  watchdogMs: 400,
  requestTimeoutMs: 400,
  backoffMinMs: 20,
  backoffMaxMs: 200,
  bannedBackoffMs: 100,
};

/** One thread for all tests: starting one takes longer than most of them. */
const thread = new VerifyThread({ signerSets: [signer.signerSet] });
const verifier = {
  verify: (message: Parameters<typeof thread.verify>[0]) => thread.verify(message),
  health: () => thread.health(),
  stop: async () => {},
};
afterAll(() => thread.stop());
let firstSlot = 0n;

let open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.reverse()) await close();
  open = [];
});

/** Market time that only this test moves, so that age is not a matter of the machine. */
class ManualClock {
  seconds = 1_760_000_000;
  nowMs = () => this.seconds * 1000;
}

async function setUp(
  options: {
    hermes?: Partial<HermesConfig>;
    server?: Partial<HermesServerOptions>;
    key?: string;
    feeds?: readonly FeedConfig[];
  } = {},
) {
  const clock = new ManualClock();
  const logs: string[] = [];
  const log = (fields: object, message: string) => logs.push(`${message} ${JSON.stringify(fields)}`);
  const logger: OracleLogger = { debug: log, info: log, warn: log };
  // No two tests sign the same update.
  firstSlot += 1_000_000n;
  const server = await startHermesServer({
    port: 0,
    host: '127.0.0.1',
    signer,
    firstSlot,
    ...options.server,
  });
  open.push(() => server.stop());
  const feeds = options.feeds ?? [FEED];
  const book = new PriceBook(feeds);
  const publish = (price: number, to: HermesServer = server) => {
    const scaled = BigInt(Math.round(price * 1e8));
    to.publish([
      {
        priceId: priceId('a'),
        price: scaled,
        conf: 10n ** 7n,
        expo: -8,
        publishTimeSeconds: clock.seconds,
        prevPublishTimeSeconds: clock.seconds - 1,
        emaPrice: scaled,
        emaConf: 10n ** 7n,
      },
    ]);
  };
  publish(3000);
  const ingest: Ingest = startIngest({
    feeds,
    hermes: { url: server.url, apiKeyEnv: null, signerSets: [signer.signerSet], ...options.hermes },
    hermesApiKey: options.key ?? null,
    readers: new Map(),
    chains: [],
    book,
    clock,
    logger,
    pollIntervalMs: 50,
    hermesTiming: TIMING,
    verifier,
  });
  open.push(() => ingest.stop());
  const price = () => book.price('ETH-USD', clock.nowMs());
  const until = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 10 });
  /** The price that may be used for margin, in USD; null while there is none. */
  const usable = () => {
    const { market, verdicts } = price();
    return market !== null && verdicts.margin.usable ? Number(market.priceWad / 10n ** 10n) / 1e8 : null;
  };
  return { clock, server, book, publish, ingest, price, usable, until, logs };
}

type Setting = Awaited<ReturnType<typeof setUp>>;

/** Publishes with the running clock until the price arrives, as a live market would. */
async function recovers({ clock, publish, usable, until }: Setting, price: number) {
  await until(() => {
    clock.seconds += 1;
    publish(price);
    expect(usable()).toBe(price);
  });
}

describe('prices from Hermes', () => {
  it('arrive by catch-up, then by stream, verified', async () => {
    const setting = await setUp();
    await setting.until(() => expect(setting.usable()).toBe(3000));
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.clock.seconds += 1;
    setting.publish(3001);
    await setting.until(() => expect(setting.usable()).toBe(3001));
    const [vote] = setting.price().votes;
    expect(vote!.report).toMatchObject({
      ok: true,
      quote: { details: { signers: 3, signerSet: 0 }, confidence: 10n ** 7n },
    });
    expect(setting.book.statistics().updates).toMatchObject({ refused: 0, lastRefusal: null });
    // On a busy machine the watchdog may have had the stream opened again meanwhile.
    await setting.until(() =>
      expect(setting.ingest.health().hermes).toMatchObject({
        refusal: null,
        connections: [{ state: 'streaming', failuresInRow: 0 }],
      }),
    );
  });

  it.each<HermesFault>(['status-429', 'status-500', 'half-open', 'garbage', 'refuse'])(
    '%s: the old price is not served as fresh, and the next one arrives when the fault is over',
    async (fault) => {
      const setting = await setUp();
      await setting.until(() => expect(setting.server.streams).toBe(1));
      await setting.until(() => expect(setting.usable()).toBe(3000));
      setting.server.fault(fault);
      if (fault === 'status-429' || fault === 'status-500') setting.server.cutStreams();
      // A whole back-off and watchdog later there is still nothing new, and by then the old one is too old.
      const before = setting.ingest.health().hermes!.connections[0]!.failuresInRow;
      await setting.until(() => {
        setting.publish(4000);
        expect(setting.ingest.health().hermes!.connections[0]!.failuresInRow).toBeGreaterThan(before + 1);
      });
      expect(setting.price().market!.priceWad).toBe(3000n * 10n ** 18n);
      setting.clock.seconds += 21;
      expect(setting.usable()).toBeNull();
      expect(setting.price().verdicts.margin.reasons.map(({ code }) => code)).toEqual([
        'quorum-not-met',
        'stale-source',
      ]);
      if (fault === 'garbage') expect(setting.book.statistics().updates.refused).toBeGreaterThan(0);
      setting.server.fault('none');
      await recovers(setting, 3100);
    },
  );

  it('a server event named error ends the stream with its text, and prices keep coming by requests', async () => {
    const setting = await setUp();
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.server.fault('error-event');
    setting.clock.seconds += 1;
    setting.publish(3060);
    await setting.until(() => {
      const { lastError } = setting.ingest.health().hermes!.connections[0]!;
      expect(lastError).toBe('the server reports: the feed is not available');
    });
    await setting.until(() => expect(setting.usable()).toBe(3060));
    setting.server.fault('none');
    await recovers(setting, 3100);
  });

  it('a stream that the server cuts, as after 24 hours, comes back with what was missed', async () => {
    const setting = await setUp();
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.server.cutStreams();
    setting.clock.seconds += 1;
    setting.publish(3050);
    await setting.until(() => expect(setting.usable()).toBe(3050));
    await setting.until(() => expect(setting.ingest.health().hermes!.connections[0]!.connections).toBe(2));
  });

  it('a server that dies and comes back at the same address is found again', async () => {
    const setting = await setUp();
    await setting.until(() => expect(setting.usable()).toBe(3000));
    const port = Number(new URL(setting.server.url).port);
    await setting.server.stop();
    setting.clock.seconds += 21;
    expect(setting.usable()).toBeNull();
    const second = await startHermesServer({ port, host: '127.0.0.1', signer, firstSlot: 900n });
    open.push(() => second.stop());
    setting.publish(3200, second);
    await setting.until(() => expect(setting.usable()).toBe(3200));
  });

  it.each<HermesFault>(['half-open', 'status-404', 'status-429'])(
    '%s: one request per stream and one per catch-up, however long it takes',
    async (fault) => {
      const setting = await setUp();
      await setting.until(() => expect(setting.server.streams).toBe(1));
      await setting.until(() => expect(setting.usable()).toBe(3000));
      const health = () => setting.ingest.health().hermes!.connections[0]!;
      const before = { ...health(), requests: setting.server.requests };
      setting.server.fault(fault);
      setting.server.cutStreams();
      await setting.until(() => expect(health().failuresInRow).toBeGreaterThan(before.failuresInRow + 2));
      // hermes-client alone would send four per call: each failed stream costs itself, what it missed, and what follows.
      const failed = health().failuresInRow - before.failuresInRow + 1;
      expect(setting.server.requests - before.requests).toBeLessThanOrEqual(3 * failed);
    },
  );

  it('an id that Hermes does not know spoils no other', async () => {
    const unknown = feed({
      id: 'NEW-USD',
      base: 'NEW',
      minGroups: 1,
      sources: [pyth({ priceId: priceId('b') })],
    });
    const setting = await setUp({ feeds: [unknown, FEED] });
    await setting.until(() => expect(setting.usable()).toBe(3000));
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.clock.seconds += 1;
    setting.publish(3001);
    await setting.until(() => expect(setting.usable()).toBe(3001));
    expect(setting.book.price('NEW-USD', setting.clock.nowMs()).market).toBeNull();
  });

  it('a replayed older update does not turn time back', async () => {
    const setting = await setUp();
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.clock.seconds += 5;
    setting.publish(3001);
    await setting.until(() => expect(setting.usable()).toBe(3001));
    const { verified } = setting.book.statistics().updates;
    setting.clock.seconds -= 4;
    setting.publish(2000);
    setting.clock.seconds += 4;
    await setting.until(() => expect(setting.book.statistics().updates.verified).toBe(verified + 1));
    expect(setting.usable()).toBe(3001);
  });

  it('updates by other signers never become quotes', async () => {
    const others = createDevelopmentSigner({ seed: 'others' });
    const setting = await setUp({ server: { signer: others } });
    await setting.until(() => expect(setting.book.statistics().updates.refused).toBeGreaterThan(0));
    expect(setting.book.statistics().updates).toMatchObject({
      verified: 0,
      lastRefusal: 'pyth-bad-signature',
    });
    expect(setting.price().market).toBeNull();
  });
});

describe('what Hermes needs', () => {
  it('is refused with a reason without a signer set, and asks nothing of the server', async () => {
    const setting = await setUp({ hermes: { signerSets: [] } });
    expect(setting.price().verdicts.open.reasons).toContainEqual({
      code: 'signer-set-missing',
      message: 'no signer set is configured, so no update could be verified',
      subject: 'pyth:hermes',
    });
    expect(setting.server.requests).toBe(0);
    expect(setting.ingest.health().hermes!.refusal!.code).toBe('signer-set-missing');
  });

  it('is refused with the name of the variable when its key is missing', async () => {
    const setting = await setUp({ hermes: { apiKeyEnv: 'PYTH_KEY' } });
    const { reasons } = setting.price().verdicts.open;
    expect(reasons[1]).toMatchObject({
      code: 'api-key-missing',
      message: 'the environment variable PYTH_KEY is not set',
    });
  });

  it('sends the key and never logs it', async () => {
    const setting = await setUp({ hermes: { apiKeyEnv: 'PYTH_KEY' }, server: { apiKey: KEY }, key: KEY });
    await setting.until(() => expect(setting.usable()).toBe(3000));
    await setting.until(() => expect(setting.server.streams).toBe(1));
    setting.server.fault('refuse');
    await setting.until(() => expect(setting.logs.length).toBeGreaterThan(1));
    expect(setting.logs.join('\n')).not.toContain(KEY);
    expect(JSON.stringify(setting.ingest.health())).not.toContain(KEY);
  });

  it('a wrong key is no price, and the reason is in the health', async () => {
    const setting = await setUp({ hermes: { apiKeyEnv: 'PYTH_KEY' }, server: { apiKey: KEY }, key: 'wrong' });
    await setting.until(() =>
      expect(setting.ingest.health().hermes!.connections[0]!.lastError).toContain('401'),
    );
    expect(setting.usable()).toBeNull();
  });
});
