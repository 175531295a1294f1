import {
  type Answers,
  fetchPrice,
  type Machine,
  STATUSES,
} from '../../oracles/comparators/liquity-machine.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

type Step = readonly [string, (string | number)?, string?];

/** The mocks of the original test and the machine under them. */
class World {
  machine: Machine = { status: 'main', lastGood: 100n * 10n ** 18n };
  now = 1_000_000;
  private readonly main = {
    price: 10_000_000_000n,
    previous: 10_000_000_000n,
    decimals: 8,
    roundId: 3n,
    updatedAt: 1_000_000,
    previousUpdatedAt: 1_000_000,
    latestReverts: false,
    previousReverts: false,
    decimalsRevert: false,
  };
  private readonly fallback = { price: 100_000_000n, updatedAt: 1_000_000, reverts: false };

  private time(text: string): number {
    return text.startsWith('now') ? this.now + Number(text.slice(4) || 0) : Number(text);
  }

  private answers(): Answers {
    const { main, fallback, now } = this;
    const scaled = (price: bigint) => (price * 10n ** 18n) / 10n ** BigInt(main.decimals);
    const failed = main.latestReverts || main.decimalsRevert;
    return {
      now,
      main: failed ? null : { roundId: main.roundId, price: scaled(main.price), updatedAt: main.updatedAt },
      previousMain:
        failed || main.previousReverts
          ? null
          : { roundId: 2n, price: scaled(main.previous), updatedAt: main.previousUpdatedAt },
      fallback: fallback.reverts
        ? null
        : { price: fallback.price * 10n ** 12n, updatedAt: fallback.updatedAt },
    };
  }

  private setMain(name: string, value: string): void {
    if (name === 'setPrice') this.main.price = BigInt(value);
    else if (name === 'setPrevPrice') this.main.previous = BigInt(value);
    else if (name === 'setDecimals') this.main.decimals = Number(value);
    else if (name === 'setLatestRoundId') this.main.roundId = BigInt(value);
    else if (name === 'setUpdateTime') this.main.updatedAt = this.time(value);
    else if (name === 'setLatestRevert') this.main.latestReverts = true;
    else if (name === 'setPrevRevert') this.main.previousReverts = true;
    else if (name === 'setDecimalsRevert') this.main.decimalsRevert = true;
    else throw new Error(`unknown step ${name}`);
  }

  private setFallback(name: string, value: string): void {
    if (name === 'setPrice') this.fallback.price = BigInt(value);
    else if (name === 'setUpdateTime') this.fallback.updatedAt = this.time(value);
    else if (name === 'setRevertRequest') this.fallback.reverts = true;
    else throw new Error(`unknown step ${name}`);
  }

  /** Every step but the assertions. */
  apply([name, argument = '', value = '']: Step): void {
    if (name === 'setAddresses') return;
    if (name === 'mockChainlink') this.setMain(String(argument), value);
    else if (name === 'mockTellor') this.setFallback(String(argument), value);
    else if (name === 'advance') this.now += Number(argument) + 1;
    else if (name === 'fetchPrice') this.machine = fetchPrice(this.machine, this.answers());
    else if (argument === 'setStatus') this.machine = { ...this.machine, status: STATUSES[Number(value)]! };
    else if (argument === 'setLastGoodPrice') this.machine = { ...this.machine, lastGood: BigInt(value) };
    else throw new Error(`unknown step ${name} ${argument}`);
  }
}

/** Every assertion on status and price in 108 cases: exact. */
export function run(dir: string) {
  const tally = new Tally('liquity-pricefeed', { relative: 0 });
  const { cases } = readJson<{ cases: { name: string; ops: Step[] }[] }>(dir, 'statemachine.json');
  for (const { name, ops } of cases) {
    const world = new World();
    ops.forEach((step, index) => {
      const [assertion, expected] = step;
      if (assertion !== 'assertStatus' && assertion !== 'assertLastGoodPrice') {
        world.apply(step);
        return;
      }
      tally.case(`${name}, step ${index + 1}`, (near) => {
        const { status, lastGood } = world.machine;
        if (assertion === 'assertStatus') exactly(near, 'status', STATUSES.indexOf(status), Number(expected));
        else exactly(near, 'price', lastGood, BigInt(expected!));
      });
    });
  }
  return tally.result();
}
