import { afterEach, describe, expect, it, vi } from 'vitest';
import { buildSlot } from '../../../../../gateway/demo/hermes/accumulator.ts';
import { createDevelopmentSigner } from '../../../../../gateway/demo/hermes/signer.ts';
import { startHermesSource } from '../../../../../oracles/sources/hermes/pyth-hermes.ts';
import { MAX_MESSAGE_CHARACTERS } from '../../../../../oracles/sources/hermes/update-gate.ts';
import {
  type VerifierOptions,
  VerifyThread,
} from '../../../../../oracles/sources/hermes/verifier/verify-thread.ts';
import { takeLeastMissed } from '../../../../../oracles/sources/hermes/verifier/waiting-list.ts';
import { feed, NOW, priceId, pyth } from '../../../support/feeds.ts';

const signer = createDevelopmentSigner({ seed: 'thread' });
const DYING = new URL('./dying-worker.mjs', import.meta.url);

const threads: VerifyThread[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.stop()));
});

function start(options: Partial<VerifierOptions> = {}): VerifyThread {
  const thread = new VerifyThread({ signerSets: [signer.signerSet], minBackoffMs: 10, ...options });
  threads.push(thread);
  return thread;
}

/** A stream message with the prices of these ids, as of one slot. */
function messageOf(slot: number, ids: readonly string[]): string {
  const prices = ids.map((id) => ({
    priceId: priceId(id),
    price: BigInt(slot),
    conf: 1n,
    expo: -8,
    publishTimeSeconds: slot,
    prevPublishTimeSeconds: slot - 1,
    emaPrice: 1n,
    emaConf: 1n,
  }));
  const bytes = buildSlot(signer, BigInt(slot), prices).encode(ids.map((_, index) => index));
  return JSON.stringify({ binary: { encoding: 'base64', data: [Buffer.from(bytes).toString('base64')] } });
}

const echoed = (outcomes: Awaited<ReturnType<VerifyThread['verify']>>) =>
  outcomes?.map((outcome) => (outcome.ok ? 'verified' : outcome.refusal.message)) ?? null;

describe('the thread that verifies', () => {
  it('answers in order, with the prices that are verified and the reason where they are not', async () => {
    const thread = start();
    const forged = messageOf(3, ['a']).replace(/"data":\["(.)/, '"data":["$1A');
    const answers = await Promise.all(
      [messageOf(1, ['a', 'b']), forged, 'no JSON', messageOf(2, ['a'])].map((text) => thread.verify(text)),
    );
    const read = answers.map((outcomes) =>
      outcomes!.map((outcome) =>
        outcome.ok
          ? outcome.prices.map(({ priceId: id, price }) => `${id[2]}${price}`)
          : outcome.refusal.type,
      ),
    );
    expect(read).toEqual([
      [['a1', 'b1']],
      ['pyth-update-unsupported'],
      ['pyth-update-unsupported'],
      [['a2']],
    ]);
    expect(thread.health()).toMatchObject({ state: 'ready', deaths: 0, waiting: 0, leftOut: 0 });
  });

  it('refuses a message larger than any before it is copied', async () => {
    const thread = start({ boot: DYING });
    const [outcome] = (await thread.verify('x'.repeat(MAX_MESSAGE_CHARACTERS + 1)))!;
    expect(outcome).toMatchObject({ ok: false, refusal: { type: 'pyth-update-too-large' } });
  });

  it.each([
    ['die', 'ended with code 3'],
    ['throw', 'died: out of memory'],
    ['hang', 'did not answer in time'],
  ])('is replaced when a message makes it %s; that message is lost and no other', async (deadly, reason) => {
    const onDeath = vi.fn();
    const thread = start({ boot: DYING, timeoutMs: deadly === 'hang' ? 300 : 30_000, onDeath });
    const answers = await Promise.all(['one', deadly, 'two', 'three'].map((text) => thread.verify(text)));
    expect(answers.map(echoed)).toEqual([['one'], null, ['two'], ['three']]);
    expect(thread.health()).toMatchObject({ state: 'ready', deaths: 1, lastDeath: reason, leftOut: 1 });
    expect(onDeath.mock.calls).toEqual([[reason, 1]]);
  });

  it('is tried again and again while it cannot start, and gives up what waits when it is stopped', async () => {
    const onDeath = vi.fn();
    const thread = start({ boot: new URL('./absent.mjs', import.meta.url), onDeath, maxBackoffMs: 20 });
    const answer = thread.verify(messageOf(1, ['a']));
    await vi.waitFor(() => expect(onDeath.mock.calls.length).toBeGreaterThan(3), { timeout: 30_000 });
    expect(onDeath.mock.calls.slice(0, 3).map(([, deaths]) => deaths)).toEqual([1, 2, 3]);
    expect(onDeath.mock.calls[0]![0]).toContain('absent.mjs');
    await thread.stop();
    expect(await answer).toBeNull();
    expect(await thread.verify('late')).toBeNull();
    expect(thread.health().state).toBe('stopped');
  });

  it('keeps a bounded number waiting: of every feed the newest', async () => {
    // Not ready yet, so that everything waits.
    const thread = start({ maxWaiting: 3 });
    const texts = [
      messageOf(1, ['a', 'b']),
      messageOf(2, ['a']),
      messageOf(3, ['a']),
      messageOf(4, ['a', 'c']),
      messageOf(5, ['c']),
    ];
    const answers = await Promise.all(texts.map((text) => thread.verify(text)));
    // 2 goes before 1, the only one that has b; then 3 before 4, for 4 is the newest a.
    expect(answers.map((outcomes) => outcomes !== null)).toEqual([true, false, false, true, true]);
    expect(thread.health().leftOut).toBe(2);
  });
});

describe('what is left out first', () => {
  it('is what claims nothing, then what newer ones repeat, then the oldest', () => {
    const list = [messageOf(1, ['a']), messageOf(2, ['b']), 'garbage', messageOf(3, ['b'])].map(
      (message) => ({
        message,
      }),
    );
    const [first, second, third, fourth] = list;
    expect(takeLeastMissed(list)).toBe(second);
    expect(takeLeastMissed(list)).toBe(third);
    expect(takeLeastMissed(list)).toBe(first);
    expect(takeLeastMissed(list)).toBe(fourth);
    expect(takeLeastMissed(list)).toBeUndefined();
  });
});

it('sources say that nothing can be verified after three threads in a row', async () => {
  const reports: string[] = [];
  const quiet = () => {};
  const deaths: string[] = [];
  const source = startHermesSource({
    hermes: { url: 'http://127.0.0.1:9', apiKeyEnv: null, signerSets: [signer.signerSet] },
    apiKey: null,
    feeds: [feed({ sources: [pyth()] })],
    clock: { nowMs: () => NOW },
    logger: {
      debug: quiet,
      info: quiet,
      warn: (_, text) => void (text.includes('thread') && deaths.push(text)),
    },
    onReports: (list) =>
      list.forEach((report) => {
        if (!report.ok) reports.push(`${report.failure.code} ${report.failure.message}`);
      }),
    onUpdate: quiet,
    verifierOptions: { boot: new URL('./absent.mjs', import.meta.url), minBackoffMs: 5, maxBackoffMs: 10 },
  });
  try {
    await vi.waitFor(() => expect(reports.length).toBeGreaterThan(0), { timeout: 30_000 });
    expect(deaths.length).toBeGreaterThanOrEqual(3);
    expect(reports[0]).toMatch(
      /^verification-unavailable updates cannot be verified: 3 threads in a row ended/,
    );
  } finally {
    await source.stop();
  }
});
