/**
 * Liquity's fallback between two oracles as a pure state machine. A comparator for the incident table: it shows what
 * trusting one source after another does, and is no part of the product.
 */
export const STATUSES = [
  'main',
  'fallback-main-untrusted',
  'both-untrusted',
  'fallback-main-frozen',
  'main-fallback-untrusted',
] as const;
export type Status = (typeof STATUSES)[number];

/** One answer of the main oracle, null when the call failed. */
export interface MainAnswer {
  readonly roundId: bigint;
  /** 18 decimals. */
  readonly price: bigint;
  readonly updatedAt: number;
}

export interface FallbackAnswer {
  readonly price: bigint;
  readonly updatedAt: number;
}

export interface Answers {
  readonly main: MainAnswer | null;
  readonly previousMain: MainAnswer | null;
  readonly fallback: FallbackAnswer | null;
  readonly now: number;
}

export interface Machine {
  readonly status: Status;
  readonly lastGood: bigint;
}

const TIMEOUT_SECONDS = 14_400;
const WAD = 10n ** 18n;
const MAX_JUMP = WAD / 2n;
const MAX_DIFFERENCE = WAD / 20n;

type Health = 'live' | 'frozen' | 'broken';

const isBad = (answer: MainAnswer | null, now: number): boolean =>
  answer === null ||
  answer.roundId === 0n ||
  answer.updatedAt === 0 ||
  answer.updatedAt > now ||
  answer.price <= 0n;

function mainHealth({ main, previousMain, now }: Answers): Health {
  if (isBad(main, now) || isBad(previousMain, now)) return 'broken';
  return now - main!.updatedAt > TIMEOUT_SECONDS ? 'frozen' : 'live';
}

function fallbackHealth({ fallback, now }: Answers): Health {
  if (fallback === null || fallback.updatedAt === 0 || fallback.updatedAt > now || fallback.price === 0n)
    return 'broken';
  return now - fallback.updatedAt > TIMEOUT_SECONDS ? 'frozen' : 'live';
}

function spread(a: bigint, b: bigint): { difference: bigint; low: bigint; high: bigint } {
  const [low, high] = a < b ? [a, b] : [b, a];
  return { difference: high - low, low, high };
}

/** One call of `fetchPrice`. */
export function fetchPrice(machine: Machine, answers: Answers): Machine {
  const { status, lastGood } = machine;
  const main = mainHealth(answers);
  const fallback = fallbackHealth(answers);
  const mainPrice = answers.main?.price ?? 0n;
  const fallbackPrice = answers.fallback?.price ?? 0n;
  const to = (next: Status, price = lastGood): Machine => ({ status: next, lastGood: price });
  const jumped = (): boolean => {
    const { difference, high } = spread(mainPrice, answers.previousMain!.price);
    return (difference * WAD) / high > MAX_JUMP;
  };
  const similar = (): boolean => {
    const { difference, low } = spread(mainPrice, fallbackPrice);
    return (difference * WAD) / low <= MAX_DIFFERENCE;
  };
  const bothAgree = (): boolean => main === 'live' && fallback === 'live' && similar();
  /** What a main oracle that cannot be trusted leads to, by the health of the other. */
  const distrustMain = (): Machine => {
    if (fallback === 'broken') return to('both-untrusted');
    return fallback === 'frozen'
      ? to('fallback-main-untrusted')
      : to('fallback-main-untrusted', fallbackPrice);
  };

  if (status === 'both-untrusted') return bothAgree() ? to('main', mainPrice) : machine;
  if (status === 'fallback-main-untrusted') {
    if (bothAgree()) return to('main', mainPrice);
    if (fallback === 'broken') return to('both-untrusted');
    return fallback === 'frozen' ? machine : to(status, fallbackPrice);
  }
  if (status === 'main-fallback-untrusted') {
    if (main === 'broken') return to('both-untrusted');
    if (main === 'frozen') return machine;
    if (bothAgree()) return to('main', mainPrice);
    return jumped() ? to('both-untrusted') : to(status, mainPrice);
  }
  // 'main' and 'fallback-main-frozen' differ only at the end.
  if (main === 'broken') return distrustMain();
  if (main === 'frozen') {
    if (fallback === 'broken') return to('main-fallback-untrusted');
    return fallback === 'frozen' ? to('fallback-main-frozen') : to('fallback-main-frozen', fallbackPrice);
  }
  if (jumped()) {
    return fallback === 'live' && similar() ? to('main', mainPrice) : distrustMain();
  }
  // Back from a freeze, the main oracle must agree with the one that stood in for it.
  if (status === 'fallback-main-frozen' && fallback === 'live' && !similar()) return distrustMain();
  return to(fallback === 'broken' ? 'main-fallback-untrusted' : 'main', mainPrice);
}
