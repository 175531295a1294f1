import {
  type Abi,
  type Address,
  encodeAbiParameters,
  getAbiItem,
  type Hex,
  hashStruct,
  keccak256,
  parseEventLogs,
  stringToHex,
  type TransactionReceipt,
} from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';
import { riskHubAbi, riskOracleAbi } from '../contracts/abi.ts';
import { type BoundsDecision, DECISION_TYPES, type ParameterDecision } from '../contracts/decisions.ts';
import { decodePublicationData } from '../contracts/update-data.ts';
import { endpointAbi } from '../layerzero/abi.ts';
import { decodePacketSent, type LayerZeroPacket } from '../layerzero/packet.ts';
import { ContractRefusedError } from './errors.ts';
import type { PublisherChain } from './publisher-chain.ts';

/** A parameter of a market as it stands on chain. */
export interface HubLine {
  readonly market: Address;
  readonly updateType: string;
}

export interface LineState {
  /** Of the last publication; 0 before the first. */
  readonly sequence: bigint;
  readonly bounded: boolean;
  readonly minValue: bigint;
  readonly maxValue: bigint;
}

/** What RiskHub did in a transaction: publications with their messages, one per destination. */
export interface HubReceipt {
  readonly published: readonly {
    readonly sequence: bigint;
    readonly referenceId: string;
    readonly value: bigint;
  }[];
  readonly packets: readonly LayerZeroPacket[];
}

/** Blocks in which a publication that nobody remembers is looked for; beyond, only the newest of a line is found. */
const SEARCHED_BLOCKS = 2_000n;

/** What the gateway asks and tells RiskHub; everything of ABI is in here. */
export class Hub {
  readonly chain: PublisherChain;
  readonly address: Address;
  readonly #oracle: Address;
  readonly abi: Abi;

  /** @throws InvalidInputError when the registry names no hub on the chain. */
  constructor(chain: PublisherChain) {
    const { risk, layerZero } = chain.definition;
    if (risk?.hub == null || layerZero === null) {
      throw new InvalidInputError(
        'publishing.hub',
        `chain '${chain.id}' has no RiskHub and LayerZero endpoint`,
      );
    }
    this.chain = chain;
    this.address = risk.hub;
    this.#oracle = risk.oracle;
    this.abi = [...riskHubAbi, ...errorsOf(riskOracleAbi), ...errorsOf(endpointAbi)];
  }

  line({ market, updateType }: HubLine): Promise<LineState> {
    return this.#read<LineState>('lineOf', [market, updateType]);
  }

  nonceOf({ market, updateType }: HubLine): Promise<bigint> {
    return this.#read<bigint>('nonceOf', [market, updateType]);
  }

  /** When a scheduled decision may take effect (unix seconds of the chain); 0 when it is not scheduled. */
  readyAt(decisionId: Hex): Promise<bigint> {
    return this.#read<bigint>('readyAt', [decisionId]);
  }

  async chainTimeSeconds(): Promise<bigint> {
    return (await this.chain.use((client) => client.getBlock())).timestamp;
  }

  /** Native fee of the messages of drafts that go in one transaction, in wei. */
  async quote(drafts: readonly Draft[]): Promise<bigint> {
    return (await this.#read<readonly [bigint, readonly bigint[]]>('quote', [drafts]))[0];
  }

  quoteResend({ market, updateType }: HubLine, eid: number): Promise<bigint> {
    return this.#read<bigint>('quoteResend', [market, updateType, eid]);
  }

  /**
   * Looks on chain for a publication by its reference: whoever forgot what he sent finds it here.
   * @returns its sequence, and the transaction where a log of late still tells it; null when there is none.
   */
  async find(line: HubLine, referenceId: string): Promise<{ sequence: bigint; hash: Hex | null } | null> {
    const { market, updateType } = line;
    const logs = await this.chain.use(async (client) => {
      const head = await client.getBlockNumber();
      return client.getLogs({
        address: this.address,
        event: getAbiItem({ abi: riskHubAbi, name: 'Published' }),
        args: { market, updateType },
        fromBlock: head > SEARCHED_BLOCKS ? head - SEARCHED_BLOCKS : 0n,
      });
    });
    const found = logs.findLast(({ args }) => args.referenceId === referenceId);
    if (found !== undefined) return { sequence: found.args.sequence!, hash: found.transactionHash };
    const latest = await this.latest(line);
    return latest?.referenceId === referenceId ? { sequence: latest.sequence, hash: null } : null;
  }

  /** The newest update of a line in the oracle of the hub's chain; null before the first. */
  latest(line: HubLine): Promise<OracleUpdate | null> {
    return latestUpdate(this.chain, this.#oracle, line);
  }

  /** @throws InvalidInputError when a message of the endpoint is not of version 1. */
  receipt(receipt: TransactionReceipt): HubReceipt {
    const own = receipt.logs.filter(({ address }) => same(address, this.address));
    const published = parseEventLogs({ abi: riskHubAbi, logs: own, eventName: 'Published' });
    const sent = parseEventLogs({ abi: riskHubAbi, logs: own, eventName: 'Sent' });
    const guids = new Set(sent.map(({ args }) => args.guid));
    const endpoint = this.chain.definition.layerZero!.endpoint;
    const packets = parseEventLogs({ abi: endpointAbi, logs: receipt.logs, eventName: 'PacketSent' })
      .filter(({ address }) => same(address, endpoint))
      .map((log) => decodePacketSent(log))
      .filter(({ guid }) => guids.has(guid));
    return { published: published.map(({ args }) => args), packets };
  }

  #read<T>(functionName: string, args: readonly unknown[]): Promise<T> {
    const { abi, address } = this;
    return this.chain.use((client) =>
      client.readContract({ address, abi, functionName, args }),
    ) as Promise<T>;
  }
}

export interface Draft extends HubLine {
  readonly value: bigint;
  readonly sequence: bigint;
  readonly referenceId: string;
  readonly extra: Hex;
}

export interface OracleUpdate {
  readonly referenceId: string;
  readonly sequence: bigint;
  /** Unix seconds of the hub's block. */
  readonly publishedAt: bigint;
  readonly newValue: Hex;
}

/** The newest update of a line in a chain's RiskOracle; null before the first. */
export async function latestUpdate(
  chain: PublisherChain,
  oracle: Address,
  { market, updateType }: HubLine,
): Promise<OracleUpdate | null> {
  try {
    const { referenceId, additionalData, newValue } = await chain.use((client) =>
      client.readContract({
        address: oracle,
        abi: riskOracleAbi,
        functionName: 'getLatestUpdateByParameterAndMarket',
        args: [updateType, market],
      }),
    );
    const { sequence, publishedAt } = decodePublicationData(additionalData);
    return { referenceId, sequence, publishedAt, newValue };
  } catch (error) {
    if (error instanceof ContractRefusedError && error.reason === 'NoUpdate') return null;
    throw error;
  }
}

/** Under what id the hub knows a decision: the EIP-712 hash of its struct. */
export function decisionId(
  ...[kind, decision]: ['Bounds', BoundsDecision] | ['Parameter', ParameterDecision]
): Hex {
  return hashStruct({ types: DECISION_TYPES, primaryType: kind, data: decision } as never);
}

/** The reference of a value that a forecast asks for: the hash of all it depends on. */
export function publicationId(
  input: HubLine & {
    readonly chainId: number;
    readonly hub: Address;
    readonly value: bigint;
    /** Id of the publication of the line before it; '' for the first. */
    readonly previous: string;
    readonly asOfMs: number;
  },
): Hex {
  const { chainId, hub, market, updateType, value, previous, asOfMs } = input;
  return keccak256(
    encodeAbiParameters(
      [
        { type: 'uint256' },
        { type: 'address' },
        { type: 'address' },
        { type: 'string' },
        { type: 'uint256' },
        { type: 'bytes32' },
        { type: 'uint256' },
      ],
      [BigInt(chainId), hub, market, updateType, value, keccak256(stringToHex(previous)), BigInt(asOfMs)],
    ),
  );
}

const errorsOf = (abi: Abi) => abi.filter(({ type }) => type === 'error');
const same = (left: string, right: string) => left.toLowerCase() === right.toLowerCase();
