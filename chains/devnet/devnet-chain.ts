import { type Address, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { InvalidInputError } from '../../risk/errors.ts';
import type { ChainDefinition } from '../registry/chain.ts';
import type { DevnetAccounts } from './accounts.ts';
import { builtArtifact } from './artifacts.ts';
import { BlockBuilder, type Transaction } from './block-builder.ts';
import { planAggregator } from './deploy/chainlink.ts';
import type { ChainContracts } from './deploy/deploy-chain.ts';
import { DeploymentPlan } from './deploy/plan.ts';
import { DevnetNodeError } from './errors.ts';
import { fixedPointPrice } from './fixed-point.ts';
import type { DevnetNode } from './node.ts';
import { chainlinkRound } from './step/chainlink-round.ts';
import { planStep } from './step/plan-step.ts';
import type {
  DevnetChain,
  DevnetChainlinkFeed,
  DevnetLayerZero,
  DevnetRisk,
  DevnetTransaction,
  StepInput,
} from './types.ts';

/** One local chain whose contracts are deployed. */
export class LocalChain implements DevnetChain {
  readonly definition: ChainDefinition;
  readonly assets: readonly string[];
  #contracts: ChainContracts;
  readonly #accounts: DevnetAccounts;
  readonly #startAgain: (port: number) => Promise<DevnetNode>;
  #node: DevnetNode | null;
  #builder: BlockBuilder;
  #lastTimestamp: number;
  #state: Hex | null = null;
  #stopped = false;
  readonly #rounds = new Map<string, number>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: {
    readonly definition: ChainDefinition;
    readonly contracts: ChainContracts;
    readonly accounts: DevnetAccounts;
    readonly node: DevnetNode;
    readonly lastTimestamp: number;
    readonly startAgain: (port: number) => Promise<DevnetNode>;
  }) {
    this.definition = options.definition;
    this.assets = Object.keys(options.contracts.chainlink);
    this.#contracts = options.contracts;
    this.#accounts = options.accounts;
    this.#startAgain = options.startAgain;
    this.#lastTimestamp = options.lastTimestamp;
    this.#node = options.node;
    this.#builder = new BlockBuilder(options.definition.id, options.node.rpc);
    this.#watch(options.node);
  }

  get chainlink(): Readonly<Record<string, DevnetChainlinkFeed>> {
    return this.#contracts.chainlink;
  }

  get pyth(): DevnetChain['pyth'] {
    return this.#contracts.pyth;
  }

  get pools(): DevnetChain['pools'] {
    return this.#contracts.pools;
  }

  get sequencerAggregator(): Address | null {
    return this.#contracts.sequencer?.aggregator ?? null;
  }

  get layerZero(): DevnetLayerZero | null {
    return this.#contracts.layerZero;
  }

  get risk(): DevnetRisk | null {
    return this.#contracts.risk;
  }

  get pid(): number | null {
    return this.#node?.process.pid ?? null;
  }

  step(input: StepInput): Promise<{ blockNumber: bigint }> {
    return this.#inTurn(async () => {
      const { rpc } = this.#running();
      this.#checkTime(input.timestampSeconds);
      await this.#loadRounds((input.chainlink ?? []).map(({ asset }) => asset));
      const nextRound = (asset: string) => (this.#rounds.get(asset) ?? 0) + 1;
      const transactions = await planStep(input, this.#contracts, this.#accounts, rpc, nextRound);
      const blockNumber = await this.#mine(transactions, input.timestampSeconds);
      for (const { asset } of input.chainlink ?? []) this.#rounds.set(asset, nextRound(asset));
      return { blockNumber };
    });
  }

  startChainlinkPhase(input: { asset: string; price: number; timestampSeconds: number }): Promise<Address> {
    return this.#inTurn(async () => {
      const { rpc } = this.#running();
      const { asset, timestampSeconds } = input;
      const { chainlink } = this.#contracts;
      const feed = Object.hasOwn(chainlink, asset) ? chainlink[asset] : undefined;
      if (!feed) throw new InvalidInputError('asset', `no Chainlink feed of '${asset}' here`);
      this.#checkTime(timestampSeconds);
      const answer = fixedPointPrice(input.price, 'price');
      if (answer < feed.minSubmissionValue || answer > feed.maxSubmissionValue) {
        throw new InvalidInputError('price', 'is outside the bounds of the feed');
      }
      const { owner } = this.#accounts;
      const nonce = Number(await rpc.call('eth_getTransactionCount', owner, 'latest'));
      const plan = new DeploymentPlan(owner, nonce);
      const aggregator = planAggregator(plan, asset, feed, this.#accounts);
      await this.#mine(plan.transactions, timestampSeconds);
      // The new aggregator answers before the proxy turns to it, as Chainlink does it.
      const turn = new DeploymentPlan(owner, nonce + plan.transactions.length);
      const { abi } = builtArtifact('EACAggregatorProxy');
      turn.call(`EACAggregatorProxy(${asset})`, feed.proxy, abi, 'proposeAggregator', [aggregator]);
      turn.call(`EACAggregatorProxy(${asset})`, feed.proxy, abi, 'confirmAggregator', [aggregator]);
      const round = chainlinkRound(asset, { ...feed, aggregator }, 1, answer, this.#accounts);
      await this.#mine([...round, ...turn.transactions], timestampSeconds + 1);
      this.#contracts = { ...this.#contracts, chainlink: { ...chainlink, [asset]: { ...feed, aggregator } } };
      this.#rounds.set(asset, 1);
      return aggregator;
    });
  }

  transact(transactions: readonly DevnetTransaction[] = []): Promise<{ blockNumber: bigint }> {
    return this.#inTurn(async () => {
      this.#running();
      return { blockNumber: await this.#mine(transactions, this.#lastTimestamp) };
    });
  }

  rollBack(blocks: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#running().rpc.call('anvil_rollback', blocks);
      this.#builder.reset();
      await this.#resync();
    });
  }

  /** Copies the state that `restart` starts from. */
  async saveState(): Promise<void> {
    this.#state = (await this.#running().rpc.call('anvil_dumpState')) as Hex;
  }

  kill(): Promise<void> {
    return this.#inTurn(async () => {
      const node = this.#running();
      await this.saveState();
      await node.process.kill();
    });
  }

  restart(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#node !== null) throw new DevnetNodeError(this.definition.id, 'the node is running');
      if (this.#stopped) throw new DevnetNodeError(this.definition.id, 'the local chains were stopped');
      const port = Number(new URL(this.definition.rpcUrls[0]!).port);
      const node = await this.#startAgain(port);
      await node.rpc.call('anvil_loadState', this.#state);
      const head = (await node.rpc.call('eth_getBlockByNumber', 'latest', false)) as {
        readonly timestamp: Hex;
      };
      this.#lastTimestamp = Number(head.timestamp);
      this.#node = node;
      this.#watch(node);
      this.#builder = new BlockBuilder(this.definition.id, node.rpc);
      this.#rounds.clear();
    });
  }

  /** Ends the node, whatever else is going on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#node?.process.kill();
    // A restart may have been under way.
    await this.#inTurn(async () => this.#node?.process.kill());
  }

  #watch(node: DevnetNode): void {
    void node.process.exited.then(() => {
      if (this.#node === node) this.#node = null;
    });
  }

  #running(): DevnetNode {
    if (this.#node === null) throw new DevnetNodeError(this.definition.id, 'the node is down');
    return this.#node;
  }

  #checkTime(timestampSeconds: number): void {
    if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds <= this.#lastTimestamp) {
      throw new InvalidInputError(
        'timestampSeconds',
        `must be whole seconds after the last block (${this.#lastTimestamp})`,
        { got: String(timestampSeconds) },
      );
    }
  }

  async #mine(transactions: readonly Transaction[], timestampSeconds: number): Promise<bigint> {
    try {
      const blockNumber = await this.#builder.mine(transactions, timestampSeconds);
      this.#lastTimestamp = timestampSeconds;
      return blockNumber;
    } catch (error) {
      await this.#resync();
      throw error;
    }
  }

  /** After a failure the chain, not memory, says what the last block and rounds are. */
  async #resync(): Promise<void> {
    this.#rounds.clear();
    if (this.#node === null) return;
    const [reply] = await this.#node.rpc
      .batch([{ method: 'eth_getBlockByNumber', params: ['latest', false] }])
      .catch(() => []);
    if (reply?.ok) this.#lastTimestamp = Number((reply.result as { readonly timestamp: Hex }).timestamp);
  }

  async #loadRounds(assets: readonly string[]): Promise<void> {
    const { chainlink } = this.#contracts;
    const { abi } = builtArtifact('FluxAggregator');
    const call = encodeFunctionData({ abi, functionName: 'latestRound' });
    const unknown = assets.filter((asset) => !this.#rounds.has(asset) && Object.hasOwn(chainlink, asset));
    const replies = await this.#running().rpc.batch(
      unknown.map((asset) => ({
        method: 'eth_call',
        params: [{ to: chainlink[asset]!.aggregator, data: call }, 'latest'],
      })),
    );
    for (const [index, asset] of unknown.entries()) {
      const reply = replies[index]!;
      if (!reply.ok) throw new DevnetNodeError(this.definition.id, `latestRound of ${asset}: ${reply.error}`);
      const data = reply.result as Hex;
      this.#rounds.set(asset, Number(decodeFunctionResult({ abi, functionName: 'latestRound', data })));
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
