import { parseArgs } from 'node:util';
import { BreakwaterError, type FieldIssue } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { DEFAULT_SPEED } from './driver.ts';
import { MINIMUM_HISTORY_MONTHS } from './market/span.ts';

export interface DemoOptions {
  /** Candle files to replay; empty for the simulator. */
  readonly dataFiles: readonly string[];
  /** Start of the live part; null leaves it to the data or to the simulator. */
  readonly startMs: UnixMs | null;
  /** Market seconds per wall second. */
  readonly speed: number;
  readonly seed: number;
  readonly check: boolean;
  /** Port of the gateway; null takes the configured one. */
  readonly port: number | null;
  /** Months of hourly history before the start. */
  readonly months: number;
  /** Market minutes after the start at which a storm begins; null: when the simulator says. */
  readonly stormMinutes: number | null;
  readonly help: boolean;
}

/** The simulator's market starts on a fixed Tuesday at 13:00 UTC, when trading is busiest: same seed, same demo. */
export const SIMULATOR_START_MS = Date.UTC(2025, 6, 1, 13);
/** A market in its normal regime at the start; many seeds begin calm, and then little happens for a while. */
export const DEFAULT_SEED = 12;

/** A storm early enough to be seen by whoever looks at the demo for some minutes. */
export const DEFAULT_STORM_MINUTES = 20;
/** Speed of `--check`: an hour of the market, in which a storm becomes a forecast, takes 12 seconds. */
export const CHECK_SPEED = 300;

export const DEMO_USAGE = `npm run demo -- [options]
  --data FILE ...   replay candles (venue_kind_PAIR_interval.csv.gz); repeat it or list several files
  --start DATE      start of the live part, e.g. 2024-08-05 or 2024-08-05T06:00Z (UTC, a full hour)
  --speed N         market seconds per second, 1 to 3600 (default ${DEFAULT_SPEED}; ${CHECK_SPEED} with --check)
  --seed N          seed of everything random (default ${DEFAULT_SEED})
  --months N        months of hourly history before the start, ${MINIMUM_HISTORY_MONTHS} to 120 (default ${MINIMUM_HISTORY_MONTHS})
  --storm N         market minutes after the start at which a storm begins, 0 to 1440 (default ${DEFAULT_STORM_MINUTES}; not in a replay)
  --calm            no storm but those of the simulator itself
  --port N          port of the gateway, 0 for a free one
  --check           prove that every source moves and that a storm raises a parameter on every chain, ask for a
                    margin, print one summary and exit
  --help            this text`;

/** Before the first there was no market, after the second block times stop fitting everywhere. */
const EARLIEST_START_MS = Date.UTC(2010, 0, 1);
const LATEST_START_MS = Date.UTC(2100, 0, 1);

/** A command line that cannot be carried out; every wrong flag is named. */
export class DemoOptionsError extends BreakwaterError {
  override readonly name = 'DemoOptionsError';
  constructor(issues: readonly FieldIssue[]) {
    super(issues.map(({ field, message }) => `${field}: ${message}`).join('\n'), {
      type: 'demo-options',
      kind: 'invalid-input',
      issues,
    });
  }
}

/**
 * Reads the arguments after `npm run demo --`. Files may be listed after one `--data` or each after its own.
 * @throws DemoOptionsError
 */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { values, positionals } = parse(args);
  const issues: FieldIssue[] = [];
  const refuse = (field: string, message: string) => issues.push({ field, message });

  const whole = (
    name: 'seed' | 'months' | 'port' | 'storm',
    fallback: number,
    low: number,
    high: number,
  ): number => {
    const text = values[name];
    if (text === undefined) return fallback;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    refuse(`--${name}`, `must be a whole number from ${low} to ${high}, not '${text}'`);
    return fallback;
  };
  let speed = values.check ? CHECK_SPEED : DEFAULT_SPEED;
  if (values.speed !== undefined) {
    speed = /^\d+(\.\d+)?$/.test(values.speed) ? Number(values.speed) : Number.NaN;
    if (!(speed >= 1 && speed <= 3600))
      refuse('--speed', `must be a number from 1 to 3600, not '${values.speed}'`);
  }
  const startMs = values.start === undefined ? null : parseStart(values.start, refuse);
  const dataFiles = [...(values.data ?? []), ...positionals];
  if (positionals.length > 0 && values.data === undefined) {
    refuse(positionals[0]!, 'is not an option; a file goes after --data');
  }
  for (const file of dataFiles) if (file === '') refuse('--data', 'a file name is empty');
  const options: DemoOptions = {
    dataFiles,
    startMs,
    speed,
    seed: whole('seed', DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER),
    check: values.check ?? false,
    port: values.port === undefined ? null : whole('port', 0, 0, 65_535),
    months: whole('months', MINIMUM_HISTORY_MONTHS, MINIMUM_HISTORY_MONTHS, 120),
    // The check begins its storm itself, once it has seen the parameters before it.
    stormMinutes: values.calm || values.check ? null : whole('storm', DEFAULT_STORM_MINUTES, 0, 1440),
    help: values.help ?? false,
  };
  if (issues.length > 0) throw new DemoOptionsError(issues);
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        data: { type: 'string', multiple: true },
        start: { type: 'string' },
        speed: { type: 'string' },
        seed: { type: 'string' },
        months: { type: 'string' },
        storm: { type: 'string' },
        calm: { type: 'boolean' },
        port: { type: 'string' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const field = /'(-{1,2}[^' ]+)/.exec(message)?.[1] ?? 'options';
    throw new DemoOptionsError([{ field, message: message.split('. ')[0]! }]);
  }
}

function parseStart(text: string, refuse: (field: string, message: string) => void): UnixMs | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):00(?::00)?Z?)?$/.exec(text);
  const startMs = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? '00'}:00:00Z`);
  const real = Number.isFinite(startMs) && new Date(startMs).toISOString().startsWith(match![1]!);
  if (real && startMs >= EARLIEST_START_MS && startMs <= LATEST_START_MS) return startMs;
  refuse(
    '--start',
    `must be a day or a full hour in UTC, e.g. 2024-08-05 or 2024-08-05T06:00Z, not '${text}'`,
  );
  return null;
}
