import { z } from 'zod';

export const addressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be a 20-byte hex address')
  .transform((value) => value as `0x${string}`);

const haircutFields = {
  /** Quantile of the volatility forecast, for the move that may happen while value is on its way. */
  quantile: z.number().positive().lt(1).optional(),
  /** Standard deviations of that move. */
  deviations: z.number().nonnegative().optional(),
  /** Annual volatility of stablecoins and of gains in the quote asset. */
  stableVolatility: z.number().nonnegative().optional(),
  /** Times that finality and a message are counted for: above 1 where they have been slower than stated. */
  finalityMultiple: z.number().positive().optional(),
  messageMultiple: z.number().positive().optional(),
};

/** Haircuts of value on one chain that covers a loss on another; what is left out is as in risk/cross-chain. */
export const haircutSchema = z.strictObject(haircutFields);

/** One chain of the network file. Times in seconds. */
export const chainSchema = z.strictObject({
  /** Registry id used everywhere else, e.g. `hub`, `arbitrum`. */
  id: z.string().regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9, -'),
  name: z.string().min(1),
  /** EIP-155 id; an endpoint that answers with another is refused. */
  chainId: z.int().positive(),
  rpcUrls: z.array(z.url({ protocol: /^https?$/ })).min(1),
  blockTimeSeconds: z.number().positive(),
  /** A head older than this means that the chain, or the node, stands still: its reads are refused. */
  maxHeadAgeSeconds: z.number().positive(),
  multicall3: addressSchema.default('0xcA11bde05977b3631167028862bE2a173976CA11'),
  /** Chainlink L2 sequencer uptime feed; prices of this chain are refused while it is down and in the grace period. */
  sequencerUptimeFeed: addressSchema.nullable().default(null),
  sequencerGraceSeconds: z.int().nonnegative().default(3600),
  /** LayerZero v2 endpoint of the chain; needed only to publish. */
  layerZero: z
    .strictObject({ endpointId: z.int().positive(), endpoint: addressSchema })
    .nullable()
    .default(null),
  /** What value on this chain is worth to positions on another; without it, nothing. */
  crossChain: z
    .strictObject({
      /** Until a block cannot be replaced any more. */
      finalitySeconds: z.number().nonnegative(),
      /** Time of a message from here to any other chain, after finality. */
      messageSeconds: z.number().nonnegative(),
      /** Trust in the chain and its bridge, 0 (none) to 1. */
      trustWeight: z.number().min(0).max(1),
      /** In place of those of the network, for value that leaves this chain. */
      ...haircutFields,
    })
    .nullable()
    .default(null),
  /** Breakwater's contracts on the chain; the hub is on one chain, receivers on the others. */
  risk: z
    .strictObject({
      oracle: addressSchema,
      hub: addressSchema.nullable().default(null),
      receiver: addressSchema.nullable().default(null),
      verifier: addressSchema.nullable().default(null),
      /** Protocols that implement IRiskSubject, by a name of the operator's choice. */
      subjects: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), addressSchema).default({}),
      /** Contracts of each protocol: for whom its answers are signed, and whose accounts count in its books. */
      protocols: z.record(z.string().min(1).max(128), z.array(addressSchema)).default({}),
    })
    .superRefine(oneOwnerEach)
    .nullable()
    .default(null),
});

/**
 * A venue belongs to one protocol and has one name: accounts are found on chain by their name alone, so that a second
 * owner would see, and be margined with, the first one's accounts; under a second name the same book would count twice.
 */
function oneOwnerEach(
  {
    subjects,
    protocols,
  }: {
    readonly subjects: Readonly<Record<string, string>>;
    readonly protocols: Readonly<Record<string, readonly string[]>>;
  },
  context: z.core.$RefinementCtx,
): void {
  const problem = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  const names = new Map<string, string>();
  for (const [name, address] of Object.entries(subjects)) {
    const key = address.toLowerCase();
    const other = names.get(key);
    if (other !== undefined)
      problem(['subjects', name], `is the venue '${other}' already: its books would count twice`);
    else names.set(key, name);
  }
  const owners = new Map<string, string>();
  for (const [protocol, addresses] of Object.entries(protocols)) {
    addresses.forEach((address, index) => {
      const key = address.toLowerCase();
      const venue = names.get(key);
      if (venue === undefined) return;
      const owner = owners.get(key) ?? protocol;
      owners.set(key, owner);
      if (owner === protocol) return;
      const message = `is the venue '${venue}' of the protocol '${owner}': a venue belongs to one protocol`;
      problem(['protocols', protocol, index], message);
    });
  }
}

export type ChainDefinition = z.infer<typeof chainSchema>;
