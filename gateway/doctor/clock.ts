import type { Clock } from '../../risk/units/time.ts';
import { type Finding, findingsOf, inSeconds } from './finding.ts';
import type { SeenHead } from './rpc.ts';

const { ok, warning, failed } = findingsOf('clock');

/** Pyth prices count as stale after some 30 s and block times are in whole seconds. */
const SKEW_WARNING_MS = 2_000;
const SKEW_FAILED_MS = 10_000;
const ACTION = 'synchronise the clock of this machine (chrony, systemd-timesyncd)';

function judge(subject: string, skewMs: number, toleranceMs: number): Finding {
  const side = skewMs >= 0 ? 'ahead of' : 'behind';
  const detail = `this clock is ${inSeconds(Math.abs(skewMs))} ${side} ${subject}`;
  const beyond = Math.abs(skewMs) - toleranceMs;
  if (beyond > SKEW_FAILED_MS) return failed(subject, detail, ACTION);
  if (beyond > SKEW_WARNING_MS) return warning(subject, detail, ACTION);
  return ok(subject, detail);
}

/** What a server says the time is: its HTTP Date, which has whole seconds; null when it sends none. */
async function httpSkewMs(url: string, wallMs: () => number, timeoutMs: number): Promise<number | null> {
  try {
    const sentAtMs = wallMs();
    // Any answer will do, a refusal included.
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) });
    const middleMs = (sentAtMs + wallMs()) / 2;
    const told = Date.parse(response.headers.get('date') ?? '');
    // Half a second is the expected part that the header cuts off.
    return Number.isNaN(told) ? null : middleMs - (told + 500);
  } catch {
    return null;
  }
}

/**
 * Compares the wall clock with the HTTP Date of the servers, and market time with the blocks. A block that is old says
 * nothing about the clock (its chain may be slow, which is checked with the RPCs); one from the future does.
 */
export async function checkClock(options: {
  /** Market time. */
  readonly clock: Clock;
  readonly heads: readonly SeenHead[];
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  readonly wallMs?: () => number;
  readonly timeoutMs?: number;
}): Promise<readonly Finding[]> {
  const { clock, heads, servers, wallMs = Date.now, timeoutMs = 5_000 } = options;
  const skews = await Promise.all(
    servers.map(async ({ name, url }) => ({ name, skewMs: await httpSkewMs(url, wallMs, timeoutMs) })),
  );
  const findings = skews.flatMap(({ name, skewMs }) =>
    skewMs === null ? [] : [judge(`the Date of ${name}`, skewMs, 500)],
  );
  const nowMs = clock.nowMs();
  for (const { chain, head } of heads) {
    const aheadMs = head.timeMs - nowMs;
    const toleranceMs = chain.blockTimeSeconds * 1_000;
    if (aheadMs <= toleranceMs)
      findings.push(ok(`blocks of ${chain.id}`, `head ${head.number} is not from the future`));
    else findings.push(judge(`blocks of ${chain.id}`, -aheadMs, toleranceMs));
  }
  if (findings.length > 0) return findings;
  return [warning('clock', 'no server and no chain answered with a time to compare with', ACTION)];
}
