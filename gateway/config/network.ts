import { z } from 'zod';
import { addressSchema, chainSchema, haircutSchema } from '../../chains/registry/chain.ts';
import { CLASS_LIMITS } from '../../oracles/config/classes.ts';
import { feedSchema, hermesSchema } from '../../oracles/config/feeds.ts';

const cap = z
  .string()
  .regex(
    /^(?!0+(\.0+)?$)\d{1,30}(\.\d{1,18})?$/,
    'must be a decimal string greater than zero, such as "10000"',
  )
  .nullable()
  .default(null);

/** Terms of an asset that is lent; loan to value and threshold are those of the margin in force. */
const lendingSchema = z.strictObject({
  /** Share of the value that a liquidator is given on top. */
  liquidationBonus: z.string().regex(/^0(\.\d{1,18})?$/, 'must be a share below 1 such as "0.05"'),
  /** Most of the asset that may be supplied and borrowed; null = no cap. */
  supplyCap: cap,
  borrowCap: cap,
});

const marketSchema = z
  .strictObject({
    id: z.string().regex(/^[A-Z0-9]{1,16}-[A-Z0-9]{1,16}$/, 'must look like BTC-PERP'),
    kind: z.enum(['perp', 'collateral']),
    asset: z.string().min(1),
    feedId: z.string().min(1),
    /** What PnL and funding of a perp are paid in: `coin` = inverse. */
    settlement: z.enum(['quote', 'coin']).default('quote'),
    /** Of collateral that is lent; null where it is not. */
    lending: lendingSchema.nullable().default(null),
  })
  .refine(({ kind, lending }) => lending === null || kind === 'collateral', {
    path: ['lending'],
    message: 'only collateral is lent',
  });

const optionSeriesSchema = z.strictObject({
  id: z.string().regex(/^[A-Z0-9]{1,16}-OPTIONS$/, 'must look like BTC-OPTIONS'),
  asset: z.string().regex(/^[A-Z0-9]{1,16}$/, 'must be 1 to 16 of A-Z, 0-9'),
  feedId: z.string().min(1),
  /** What options and dated futures pay in: `coin` = inverse. */
  settlement: z.enum(['quote', 'coin']).default('quote'),
});

const moduleSchema = z.strictObject({
  id: z.string(),
  version: z.string(),
  parameters: z.record(z.string(), z.unknown()).default({}),
});

/** Where an asset's hourly candles come from: `npm run backfill`, and from then on every hour. */
const candleSourceSchema = z.strictObject({
  source: z.enum(['binance', 'coinbase', 'pyth-benchmarks']),
  /** As the source names it: BTCUSDT, BTC-USD, Crypto.BTC/USD. */
  symbol: z.string().min(1).max(64),
  /** Another server of the same protocol. */
  url: z.url().optional(),
});

const fundingSourceSchema = z.strictObject({
  source: z.literal('binance'),
  symbol: z.string().min(1).max(64),
  url: z.url().optional(),
});

const wei = (name: string) => z.string().regex(/^\d{1,30}$/, `must be ${name} in wei, in quotes`);

/** Lines that publish terms of lending: amounts of the asset, and a share. */
export const LENDING_LINES = ['supplyCap', 'borrowCap', 'liquidationBonus'] as const;
const isLendingLine = (updateType: string) => LENDING_LINES.some((one) => one === updateType);

/** What is published on chain. The gateway's key comes from the environment (CHAIN_KEY, CHAIN_KEY_FILE). */
const publishingSchema = z.strictObject({
  /** Id of the chain with RiskHub. */
  hub: z.string(),
  lines: z
    .array(
      z.strictObject({
        protocol: z.string().min(1).max(128),
        market: z.string(),
        updateType: z.enum([
          'initialMarginRate',
          'maintenanceMarginRate',
          'collateralHaircut',
          ...LENDING_LINES,
        ]),
        /** Of the market on chain, where it has one of its own. */
        address: addressSchema.optional(),
        /** Forecasts may move it alone, inside the bounds that the hub's approvers gave the gateway's key. */
        autonomous: z.boolean().default(false),
      }),
    )
    .min(1),
  /** Wall time that what a forecast lowers alone waits for a veto; what it raises does not wait. */
  vetoSeconds: z.number().nonnegative().default(600),
  /** Native fee of all messages of one publication, at most. */
  maxFeeWei: wei('a fee').default('100000000000000000'),
  maxGasPriceWei: wei('a gas price').default('200000000000'),
  /** Smallest change worth a publication, as a share of the last value. */
  minChange: z
    .string()
    .regex(/^\d(\.\d{1,18})?$/, 'must be a share such as "0.02"')
    .default('0.02'),
  /** Wall time that a value stands before it is lowered; raised it is at once. */
  lowerAfterSeconds: z.number().nonnegative().default(3600),
  /** Wall time between two looks at what forecasts ask for. */
  lookSeconds: z.number().positive().default(5),
  /** Wall time after which a message that has not arrived counts as stuck. */
  stuckAfterSeconds: z.number().positive().default(1800),
});

/** Netting across protocols with the account owner's consent; what is not stated here is netted nowhere. */
const consentsSchema = z.strictObject({
  /** Id of the chain whose id owners sign for, and on which contract wallets are asked (ERC-1271). */
  chain: z.string(),
  /** Name that owners sign for: no other deployment may have it. Its URL, for instance. */
  deployment: z.string().min(3).max(200),
  /** Share of the value at another protocol that does not count. */
  haircut: z.number().min(0).max(1).default(0.5),
  /** Market time after which a pushed book is too old to net; push it again with a new sequence. */
  maxBookAgeSeconds: z.number().positive().default(900),
});

/** Everything that describes one deployment: chains, feeds, markets and the module that margins them. */
export const networkSchema = z
  .strictObject({
    name: z.string().min(1),
    chains: z.array(chainSchema).min(1),
    /** Haircuts between chains, for those that state none of their own. */
    crossChain: haircutSchema.optional(),
    /** null when the deployment uses on-chain sources only. */
    hermes: hermesSchema.nullable().default(null),
    feeds: z.array(feedSchema).min(1),
    markets: z.array(marketSchema).default([]),
    /** Options and dated futures that may be held: every strike and day of these assets. */
    options: z.array(optionSeriesSchema).default([]),
    /** Module that margins every account of this deployment, with parameters over its defaults. */
    module: moduleSchema,
    /** Parameters of other modules and versions that a request may name; those not listed have their defaults. */
    otherModules: z.array(moduleSchema).default([]),
    /** Parameters that go on chain; null: none. */
    publishing: publishingSchema.nullable().default(null),
    /** null: every protocol's accounts are margined by themselves. */
    consents: consentsSchema.nullable().default(null),
    /** Hourly candle files (csv or csv.gz: ts,open,high,low,close,volume) by asset, read at first start. */
    history: z.record(z.string(), z.string()).default({}),
    /** Sources of hourly candles by asset; without one they are built from the robust prices. */
    candleSources: z.record(z.string(), candleSourceSchema).default({}),
    /** Sources of paid funding rates by coin (BTC, ETH: what the models read); without one funding is neutral. */
    fundingSources: z.record(z.string(), fundingSourceSchema).default({}),
  })
  .superRefine((network, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const chains = new Set(network.chains.map((chain) => chain.id));
    const feeds = new Set(network.feeds.map((feed) => feed.id));
    if (chains.size !== network.chains.length) problem(['chains'], 'two chains share an id');
    if (feeds.size !== network.feeds.length) problem(['feeds'], 'two feeds share an id');
    network.feeds.forEach((feed, feedIndex) => {
      if (feed.usedOn !== undefined && !chains.has(feed.usedOn)) {
        problem(['feeds', feedIndex, 'usedOn'], `no chain '${feed.usedOn}' in this file`);
      }
      const groups = new Set(feed.sources.map(({ group }) => group)).size;
      const needed = feed.fullGroups ?? (feed.class === undefined ? 0 : CLASS_LIMITS[feed.class].fullGroups);
      if (needed > groups) {
        const message = `${needed} groups are needed for new risk and liquidation, the sources are of ${groups}; state fullGroups`;
        problem(['feeds', feedIndex, 'fullGroups'], message);
      }
      const ids = new Set(feed.sources.map((source) => source.id));
      if (ids.size !== feed.sources.length)
        problem(['feeds', feedIndex, 'sources'], 'two sources share an id');
      feed.sources.forEach((source, sourceIndex) => {
        const path = ['feeds', feedIndex, 'sources', sourceIndex];
        if ('chain' in source && !chains.has(source.chain)) {
          problem([...path, 'chain'], `no chain '${source.chain}' in this file`);
        }
        if (source.quoteFeed !== undefined && !feeds.has(source.quoteFeed)) {
          problem([...path, 'quoteFeed'], `no feed '${source.quoteFeed}' in this file`);
        }
        if (source.quoteAsset !== undefined && source.quoteAsset !== feed.quote && !source.quoteFeed) {
          problem([...path, 'quoteFeed'], `needed to turn ${source.quoteAsset} into ${feed.quote}`);
        }
        if (source.kind === 'pyth-hermes' && network.hermes === null) {
          problem([...path, 'kind'], 'pyth-hermes needs the `hermes` section');
        }
      });
    });
    const { publishing } = network;
    const hub = network.chains.find(({ id }) => id === publishing?.hub);
    if (publishing !== null && (hub?.risk?.hub == null || hub.layerZero === null)) {
      problem(
        ['publishing', 'hub'],
        `no chain '${publishing.hub}' with \`risk.hub\` and \`layerZero\` in this file`,
      );
    }
    if (network.consents !== null && !chains.has(network.consents.chain)) {
      problem(['consents', 'chain'], `no chain '${network.consents.chain}' in this file`);
    }
    const listed = new Set(network.markets.map(({ id }) => id));
    const lent = new Set(network.markets.flatMap(({ id, lending }) => (lending === null ? [] : [id])));
    const lines = new Set<string>();
    publishing?.lines.forEach(({ market, updateType, address, autonomous }, index) => {
      const path = ['publishing', 'lines', index];
      if (!listed.has(market)) problem([...path, 'market'], `no market '${market}' in this file`);
      if (isLendingLine(updateType) && !lent.has(market))
        problem([...path, 'updateType'], `'${market}' is not lent`);
      if (isLendingLine(updateType) && autonomous)
        problem([...path, 'autonomous'], 'no forecast moves the terms of lending');
      const line = `${address?.toLowerCase() ?? market} ${updateType}`;
      if (lines.has(line)) problem(path, 'a line is listed twice');
      lines.add(line);
    });
    const series = new Set(network.options.map(({ asset }) => asset));
    if (series.size !== network.options.length) problem(['options'], 'two series share an asset');
    network.options.forEach(({ feedId }, index) => {
      if (!feeds.has(feedId)) problem(['options', index, 'feedId'], `no feed '${feedId}' in this file`);
    });
    const others = new Set(
      [network.module, ...network.otherModules].map(({ id, version }) => `${id}@${version}`),
    );
    if (others.size !== network.otherModules.length + 1)
      problem(['otherModules'], 'a module is listed twice');
    network.markets.forEach((market, index) => {
      if (!feeds.has(market.feedId))
        problem(['markets', index, 'feedId'], `no feed '${market.feedId}' in this file`);
    });
  });

export type NetworkConfig = z.infer<typeof networkSchema>;
/** The file as written, before defaults are filled in. */
export type NetworkFile = z.input<typeof networkSchema>;
