import type { LocalAccount } from 'viem';
import type { ChainLogger } from '../clients/logger.ts';
import { dvnSignerAccounts } from '../devnet/keys.ts';
import type { DevnetChain, DevnetTransaction } from '../devnet/types.ts';
import { type Head, WorkerChain } from './chain-port.ts';
import type { LayerZeroPacket } from './packet.ts';
import { commitTransaction, executeTransaction, verifyTransaction } from './worker-transactions.ts';

/** What a DVN does with a message: as it should, nothing, or with a signature of somebody who is no signer. */
export type DvnConduct = 'verifying' | 'silent' | 'bad-signature';

/** Switches that break a worker, for tests; they act from the next round on. */
export interface WorkerSwitches {
  /** By position of the DVN, on all chains alike. */
  readonly dvns: DvnConduct[];
  executor: 'executing' | 'committing-only' | 'silent';
}

export interface LayerZeroWorkers {
  readonly switches: WorkerSwitches;
  /** One round now: whatever can be done for each message is done. */
  round(): Promise<void>;
  /** Messages that have not been delivered, as of the last round. */
  undelivered(): readonly LayerZeroPacket[];
  /** Ends after the round in hand. */
  stop(): Promise<void>;
}

export interface LayerZeroWorkersOptions {
  readonly chains: readonly DevnetChain[];
  /** First block to look at, by chain id of the registry; by default the oldest that the nodes keep. */
  readonly fromBlocks?: Readonly<Record<string, bigint>>;
  /** Wall time between rounds; null: only `round()` does anything. */
  readonly pollMs?: number | null;
  /** Also mines what others have sent, so that a message need not wait for the market's next block. */
  readonly mining?: boolean;
  readonly logger?: ChainLogger;
}

/** Blocks that are looked at again in every round: a reorganisation replaces what was in them. */
const WINDOW = 128n;
const DEFAULT_POLL_MS = 150;

/**
 * The DVNs and the executor of the local chains. Everything they know follows from the chains: started again, from any
 * block before the message, they go on where they were, and nothing is done twice. A message whose receiver reverts is
 * executed once by a run of these workers and then left to whoever retries it, as LayerZero does.
 */
export function startLayerZeroWorkers(options: LayerZeroWorkersOptions): LayerZeroWorkers {
  const { fromBlocks = {}, pollMs = DEFAULT_POLL_MS, mining = true, logger } = options;
  const chains = options.chains.flatMap((chain) =>
    chain.layerZero === null ? [] : [new WorkerChain(chain, chain.layerZero)],
  );
  const switches: WorkerSwitches = { dvns: ['verifying', 'verifying'], executor: 'executing' };
  const signers = switches.dvns.map((_, index) => dvnSignerAccounts(index));
  const scannedTo = new Map<number, bigint>();
  const lastHeads = new Map<number, Head>();
  const delivered = new Map<string, LayerZeroPacket>();
  const attempted = new Set<string>();
  let open = new Map<string, LayerZeroPacket>();
  let inHand: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const keyOf = (packet: LayerZeroPacket) => `${packet.guid} ${packet.payloadHash}`;
  /** A DVN whose signers are wrong tries once, not at every round. */
  const firstTime = (attempt: string) => !attempted.has(attempt) && attempted.add(attempt);

  async function scan(source: WorkerChain, head: Head): Promise<void> {
    const { eid, confirmations } = source.layerZero;
    const safe = head.number - BigInt(confirmations) + 1n;
    const window = safe >= WINDOW ? safe - WINDOW + 1n : 0n;
    const first = scannedTo.has(eid) ? undefined : fromBlocks[source.chain.definition.id];
    const from = first ?? window;
    const found = safe < from ? [] : await source.packetsSent(from, safe);
    scannedTo.set(eid, safe);
    // What a reorganisation took out of the window is no message any more.
    const kept = [...open].filter(([, { srcEid, sourceBlock }]) => srcEid !== eid || sourceBlock < from);
    open = new Map([...kept, ...found.map((packet) => [keyOf(packet), packet] as const)]);
    for (const key of delivered.keys()) open.delete(key);
  }

  /** What was done on a chain may have been undone with its blocks. */
  async function noticeReorganisation(port: WorkerChain, head: Head): Promise<void> {
    const { eid } = port.layerZero;
    const last = lastHeads.get(eid);
    lastHeads.set(eid, head);
    if (last === undefined || (await port.holds(last))) return;
    for (const [key, { dstEid }] of delivered) if (dstEid === eid) delivered.delete(key);
  }

  async function advance(destination: WorkerChain, packets: readonly LayerZeroPacket[], head: Head) {
    const verifications: DevnetTransaction[] = [];
    for (const packet of packets) {
      const { state, verifiedBy } = await destination.progress(packet);
      if (state === 'delivered') settle(packet);
      if (state !== 'sent') continue;
      for (const [index, dvn] of destination.layerZero.dvns.entries()) {
        const conduct = switches.dvns[index]!;
        if (verifiedBy[index] || conduct === 'silent') continue;
        const bad = conduct === 'bad-signature';
        if (bad && !firstTime(`${keyOf(packet)} ${index}`)) continue;
        // The signers of another DVN are strangers to this one.
        const own = bad ? signers[(index + 1) % signers.length]! : signers[index]!;
        verifications.push(await verify(destination, packet, index, own, head));
        logger?.info({ guid: packet.guid, dvn: dvn.address, conduct }, 'DVN verifies');
      }
    }
    if (verifications.length > 0) await destination.chain.transact(verifications);
    for (const packet of packets) if (open.has(keyOf(packet))) await execute(destination, packet);
  }

  const verify = (
    destination: WorkerChain,
    packet: LayerZeroPacket,
    index: number,
    own: readonly LocalAccount[],
    head: Head,
  ) => {
    const { layerZero } = destination;
    return verifyTransaction(packet, layerZero, layerZero.dvns[index]!, own, head.timestamp);
  };

  async function execute(destination: WorkerChain, packet: LayerZeroPacket): Promise<void> {
    const { chain, layerZero } = destination;
    if (switches.executor === 'silent') return;
    const { state, verifiedBy, inboundNonce } = await destination.progress(packet);
    const committing = state === 'sent' && verifiedBy.every(Boolean);
    if (state !== 'verified' && !committing) return;
    const transactions = committing ? [commitTransaction(packet, layerZero, layerZero.executorAdmin)] : [];
    // Those before it must be verified, or the endpoint refuses it.
    const inTurn = inboundNonce + 1n >= packet.nonce;
    const refused = attempted.has(`${keyOf(packet)} executed`);
    const executing = switches.executor === 'executing' && inTurn && !refused;
    if (executing) transactions.push(executeTransaction(packet, layerZero));
    if (transactions.length === 0) return;
    await chain.transact(transactions);
    if (!executing) return;
    if ((await destination.progress(packet)).state === 'delivered') {
      settle(packet);
      logger?.info({ guid: packet.guid, chain: chain.definition.id }, 'message delivered');
    } else {
      attempted.add(`${keyOf(packet)} executed`);
      logger?.warn({ guid: packet.guid, chain: chain.definition.id }, 'the receiver refused a message');
    }
  }

  function settle(packet: LayerZeroPacket): void {
    delivered.set(keyOf(packet), packet);
    open.delete(keyOf(packet));
  }

  async function work(): Promise<void> {
    const up = chains.filter(({ chain }) => chain.pid !== null);
    const heads = new Map<WorkerChain, Head>();
    await eachApart(up, async (port) => {
      let head = await port.head();
      if (mining && head.waiting > 0) {
        await port.chain.transact();
        head = await port.head();
      }
      await noticeReorganisation(port, head);
      heads.set(port, head);
    });
    // Only now is it known which messages count as delivered.
    await eachApart([...heads.keys()], (port) => scan(port, heads.get(port)!));
    await eachApart(up, async (port) => {
      const packets = [...open.values()]
        .filter(({ dstEid }) => dstEid === port.layerZero.eid)
        .sort((left, right) => Number(left.nonce - right.nonce));
      const head = heads.get(port);
      if (head === undefined || packets.length === 0) return;
      await advance(port, packets, head);
      lastHeads.set(port.layerZero.eid, await port.head());
    });
  }

  /** A chain that fails waits for the next round; the others go on. */
  async function eachApart(ports: readonly WorkerChain[], task: (port: WorkerChain) => Promise<void>) {
    await Promise.all(
      ports.map((port) =>
        task(port).catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          logger?.warn({ chain: port.chain.definition.id, reason }, 'LayerZero workers failed on a chain');
        }),
      ),
    );
  }

  const round = () => {
    inHand = inHand.then(work);
    return inHand;
  };
  const loop = () => {
    void round().then(() => {
      if (!stopped) timer = setTimeout(loop, pollMs!);
    });
  };
  if (pollMs !== null) loop();

  return {
    switches,
    round,
    undelivered: () => [...open.values()],
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await inHand;
    },
  };
}
