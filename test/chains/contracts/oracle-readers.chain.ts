import { type Address, encodeAbiParameters, encodePacked, type Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskOracleAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { marketAddress, nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { START } from '../support/local-chains.ts';
import { deploy, owned, type RiskDevnet, read, refusal, startRiskDevnet, WAD } from '../support/messaging.ts';

let devnet: RiskDevnet;
let owner: Address;
let oracle: Address;
let now = START;
const BTC = marketAddress('BTC');
const SMALL = marketAddress('SHIB');
const { abi } = riskArtifact('RiskOracle');

beforeAll(async () => {
  devnet = await startRiskDevnet(['hub']);
  owner = devnet.hub.risk.owner;
  oracle = await deploy(devnet.hub.chain, owner, riskArtifact('RiskOracle'), [
    'test',
    [owner],
    ['price', 'rate'],
  ]);
  for (const market of [BTC, SMALL]) await set('setBounds', ['price', market, 1n, 10n ** 30n]);
  await set('setBounds', ['rate', BTC, 0n, WAD]);
});
afterAll(() => devnet?.stop());

const chain = () => devnet.hub.chain;
const set = (functionName: string, args: readonly unknown[]) =>
  owned(chain(), owner, oracle, abi, functionName, args);
const word = (value: bigint) => encodeAbiParameters([{ type: 'uint256' }], [value]);
const hubData = (publishedAt: number) => encodePacked(['uint64', 'uint64'], [1n, BigInt(publishedAt)]);
const put = (type: string, market: Address, value: bigint, publishedAt = now) =>
  set('publishRiskParameterUpdate', ['ref', word(value), type, market, hubData(publishedAt)]);
const refused = (functionName: string, args: readonly unknown[], from = owner) =>
  refusal(chain(), { from, to: oracle, abi, functionName, args });
async function passTime(seconds: number): Promise<void> {
  now += seconds;
  await chain().step({ timestampSeconds: now });
}

describe('RiskOracle', () => {
  const stranger = '0x00000000000000000000000000000000000000aa';

  it('takes values from authorised senders only, and changes from its owner only', async () => {
    const update = ['ref', word(1n), 'price', BTC, '0x'];
    expect(await refused('publishRiskParameterUpdate', update, stranger)).toEqual([
      'NotAuthorized',
      ['0x00000000000000000000000000000000000000AA'],
    ]);
    for (const [name, args] of [
      ['addAuthorizedSender', [stranger]],
      ['removeAuthorizedSender', [owner]],
      ['addUpdateType', ['x']],
      ['setBounds', ['price', BTC, 0n, 1n]],
      ['transferOwnership', [stranger]],
    ] as const) {
      expect((await refused(name, args, stranger))[0]).toBe('NotOwner');
    }
    expect((await refused('acceptOwnership', []))[0]).toBe('NotPendingOwner');
    expect(await read(chain(), oracle, riskOracleAbi, 'isAuthorized', [stranger])).toBe(false);
  });

  it('takes one word inside the bounds of its line, and nothing where no bounds are set', async () => {
    const publish = (value: Hex, type: string, market: Address) =>
      refused('publishRiskParameterUpdate', ['ref', value, type, market, '0x']);
    expect(await publish(word(WAD + 1n), 'rate', BTC)).toEqual(['OutOfBounds', [WAD + 1n, 0n, WAD]]);
    expect(await publish(word(0n), 'price', BTC)).toEqual(['OutOfBounds', [0n, 1n, 10n ** 30n]]);
    expect(await publish(word(1n), 'rate', SMALL)).toEqual(['NoBounds', [SMALL, 'rate']]);
    expect(await publish(word(1n), 'other', BTC)).toEqual(['UnknownUpdateType', ['other']]);
    expect(await publish('0x01', 'rate', BTC)).toEqual(['NotOneWord', [1n]]);
    expect(await publish(`${word(1n)}00`, 'rate', BTC)).toEqual(['NotOneWord', [33n]]);
    expect(await refused('setBounds', ['rate', BTC, 2n, 1n])).toEqual(['InvalidBounds', [2n, 1n]]);
    expect(await refused('setBounds', ['rate', BTC, 0n, 0n])).toEqual(['InvalidBounds', [0n, 0n]]);
  });

  it('names its types by 1 to 64 bytes, each once', async () => {
    for (const type of ['', 'x'.repeat(65), 'price']) {
      expect(await refused('addUpdateType', [type])).toEqual(['InvalidUpdateType', [type]]);
    }
    await set('addUpdateType', ['x'.repeat(64)]);
    expect(await read(chain(), oracle, riskOracleAbi, 'getAllUpdateTypes')).toEqual([
      'price',
      'rate',
      'x'.repeat(64),
    ]);
  });

  it('takes many updates in one call, all or none', async () => {
    const bulk = (values: readonly bigint[], types: readonly string[]) => [
      values.map((_, index) => `ref ${index}`),
      values.map(word),
      types,
      values.map(() => BTC),
      values.map(() => '0x'),
    ];
    expect(await refused('publishBulkRiskParameterUpdates', bulk([1n, 2n], ['price']))).toEqual([
      'LengthMismatch',
      [],
    ]);
    const counter = () => read(chain(), oracle, riskOracleAbi, 'updateCounter') as Promise<bigint>;
    const before = await counter();
    const wrong = bulk([1n, WAD + 1n], ['price', 'rate']);
    expect((await refused('publishBulkRiskParameterUpdates', wrong))[0]).toBe('OutOfBounds');
    await set('publishBulkRiskParameterUpdates', bulk([70_000n, 5n], ['price', 'rate']));
    expect(await counter()).toBe(before + 2n);
    const id = await read(chain(), oracle, riskOracleAbi, 'latestUpdateIdByMarketAndType', [BTC, 'rate']);
    expect(await read(chain(), oracle, riskOracleAbi, 'getUpdateById', [id])).toMatchObject({
      newValue: word(5n),
      referenceId: 'ref 1',
      updateType: 'rate',
    });
  });
});

describe('RiskConsumer', () => {
  it('follows each update once, while it is young, after the delay, and by no more than its share', async () => {
    await put('rate', BTC, WAD / 10n);
    const artifact = riskArtifact('RiskConsumer');
    const consumer = await deploy(chain(), owner, artifact, [
      oracle,
      BTC,
      'rate',
      WAD / 10n,
      600n,
      60n,
      2000n,
    ]);
    const follow = () => owned(chain(), owner, consumer, artifact.abi, 'follow');
    const stays = () => refusal(chain(), { to: consumer, abi: artifact.abi, functionName: 'follow' });
    const value = () => read(chain(), consumer, artifact.abi, 'value');
    await put('rate', BTC, (WAD * 12n) / 100n);
    await follow();
    expect(await value()).toBe((WAD * 12n) / 100n);
    expect((await stays())[0]).toBe('AlreadyTaken');
    await put('rate', BTC, (WAD * 13n) / 100n);
    expect(await stays()).toEqual(['TooSoon', [BigInt(now + 60)]]);
    await passTime(60);
    await put('rate', BTC, (WAD * 12n * 12n) / 1000n + 1n);
    expect(await stays()).toEqual(['ChangeTooLarge', [(WAD * 12n) / 100n, (WAD * 12n * 12n) / 1000n + 1n]]);
    await put('rate', BTC, (WAD * 12n * 8n) / 1000n);
    await follow();
    expect(await value()).toBe((WAD * 12n * 8n) / 1000n);
    await passTime(60);
    // Arrived now, but published long ago.
    await put('rate', BTC, WAD / 10n, now - 601);
    expect(await stays()).toEqual(['Expired', [BigInt(now - 601)]]);
    await put('rate', BTC, WAD / 10n, now - 600);
    await follow();
    expect(await value()).toBe(WAD / 10n);
  });
});

describe('RiskPriceFeed', () => {
  it('answers as a Chainlink feed does, with the time of publication', async () => {
    const artifact = riskArtifact('RiskPriceFeed');
    const feed = await deploy(chain(), owner, artifact, [oracle, BTC, 'price', 'BTC / USD']);
    await put('price', BTC, 60_000n * WAD + 19_999_999_999n, now - 40);
    const at = (name: string, args: readonly unknown[] = []) => read(chain(), feed, artifact.abi, name, args);
    const id = (await read(chain(), oracle, riskOracleAbi, 'updateCounter')) as bigint;
    const round = [id, 6_000_000_000_001n, BigInt(now - 40), BigInt(now - 40), id];
    expect(await at('latestRoundData')).toEqual(round);
    expect(await at('getRoundData', [id])).toEqual(round);
    expect([await at('decimals'), await at('description')]).toEqual([8, 'BTC / USD']);
    await put('price', SMALL, 5n);
    expect(
      await refusal(chain(), { to: feed, abi: artifact.abi, functionName: 'getRoundData', args: [id + 1n] }),
    ).toEqual(['NoSuchRound', [id + 1n]]);
    expect(await at('latestRoundData')).toEqual(round);
  });
});

describe('RiskQuote', () => {
  it('converts between assets and dollars, rounds toward zero, and refuses what is old, unknown or too large', async () => {
    const artifact = riskArtifact('RiskQuote');
    const quote = await deploy(chain(), owner, artifact, [oracle, 'price', 600n, owner]);
    const [wbtc, shib] = [marketAddress('WBTC token'), marketAddress('SHIB token')];
    await owned(chain(), owner, quote, artifact.abi, 'setAsset', [wbtc, BTC, 8]);
    await owned(chain(), owner, quote, artifact.abi, 'setAsset', [shib, SMALL, 18]);
    await put('price', BTC, 60_000n * WAD);
    await put('price', SMALL, 7n * 10n ** 12n);
    const usd = (await read(chain(), quote, artifact.abi, 'USD')) as Address;
    expect(usd).toBe('0x0000000000000000000000000000000000000348');
    const get = (amount: bigint, base: Address, to: Address) =>
      read(chain(), quote, artifact.abi, 'getQuote', [amount, base, to]);
    expect(await get(10n ** 8n, wbtc, usd)).toBe(60_000n * WAD);
    expect(await get(1n, wbtc, usd)).toBe(600_000_000_000_000n);
    // 60,000 / 0.000007 = 8,571,428,571.428571... SHIB
    expect(await get(10n ** 8n, wbtc, shib)).toBe((60_000n * 10n ** 36n) / (7n * 10n ** 12n));
    // One SHIB is 0.0116... of the smallest unit of WBTC.
    expect(await get(WAD, shib, wbtc)).toBe(0n);
    expect(await get(86n * WAD, shib, wbtc)).toBe(1n);
    expect(await get(85n * WAD, shib, wbtc)).toBe(0n);
    expect(await get(5n, usd, usd)).toBe(5n);
    expect(await get(0n, wbtc, shib)).toBe(0n);
    const no = (amount: bigint, base: Address, to: Address) =>
      refusal(chain(), { to: quote, abi: artifact.abi, functionName: 'getQuote', args: [amount, base, to] });
    expect(await no(1n, oracle, usd)).toEqual(['UnknownAsset', [oracle]]);
    expect(await no(2n ** 255n, wbtc, usd)).toEqual(['Panic', [17n]]);
    await passTime(601);
    expect(await no(1n, wbtc, usd)).toEqual(['PriceTooOld', [wbtc, BigInt(now - 601)]]);
  });
});

describe('ExampleVenue', () => {
  it('keeps average entries, settles what is closed, and says how many accounts there are', async () => {
    const { risk } = devnet.hub;
    const venue = riskArtifact('ExampleVenue').abi;
    const [one, perp] = [nameToBytes32('one'), nameToBytes32('BTC-PERP')];
    const call = (name: string, args: readonly unknown[]) =>
      owned(chain(), risk.owner, risk.venue, venue, name, args);
    await call('open', [one, owner]);
    await call('open', [nameToBytes32('two'), owner]);
    const fill = (size: bigint, price: bigint) => call('fill', [one, perp, size, price * WAD]);
    const book = async () => {
      const { sequence, cash, positions } = (await read(chain(), risk.venue, venue, 'positionsOf', [
        one,
      ])) as {
        sequence: bigint;
        cash: bigint;
        positions: readonly { size: bigint; entryPrice: bigint }[];
      };
      return [sequence, cash, ...positions.map(({ size, entryPrice }) => [size, entryPrice])];
    };
    await fill(2n * WAD, 100n);
    await fill(2n * WAD, 200n);
    expect(await book()).toEqual([3n, 0n, [4n * WAD, 150n * WAD]]);
    await fill(-1n * WAD, 170n);
    expect(await book()).toEqual([4n, 20n * WAD, [3n * WAD, 150n * WAD]]);
    await fill(-5n * WAD, 140n);
    expect(await book()).toEqual([5n, -10n * WAD, [-2n * WAD, 140n * WAD]]);
    await fill(2n * WAD, 130n);
    expect(await book()).toEqual([6n, 10n * WAD]);
    expect(await read(chain(), risk.venue, venue, 'accountCount')).toBe(2n);
    const from = (offset: bigint, limit: bigint) =>
      read(chain(), risk.venue, venue, 'accountsFrom', [offset, limit]);
    expect([await from(1n, 5n), await from(9n, 1n)]).toEqual([[nameToBytes32('two')], []]);
    expect(await read(chain(), risk.venue, venue, 'positionsOf', [nameToBytes32('none')])).toEqual({
      sequence: 0n,
      cash: 0n,
      positions: [],
    });
  });
});
