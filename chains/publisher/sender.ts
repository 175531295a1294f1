import {
  type Abi,
  type Address,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import type { ChainLogger } from '../clients/logger.ts';
import { FeeAboveBoundError } from './errors.ts';
import type { PublisherChain } from './publisher-chain.ts';
import type { RecordedTransaction, TransactionStore } from './transaction-store.ts';

export interface SenderOptions {
  readonly chain: PublisherChain;
  readonly account: LocalAccount;
  readonly store: TransactionStore;
  /** Nothing is signed above it. */
  readonly maxGasPriceWei: bigint;
  /** A transaction that is not mined for so long is signed again with a higher fee. Default 60 s of wall time. */
  readonly replaceAfterMs?: number;
  readonly logger?: ChainLogger;
}

export interface ContractCall {
  readonly publication: string;
  /** What the transaction is for, e.g. `publish`. */
  readonly step: string;
  readonly to: Address;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly value: bigint;
}

/** What has become of a transaction. `reverted` and `lost` are told only when the chain can no longer take it back. */
export interface Outcome {
  readonly transaction: RecordedTransaction;
  readonly state: RecordedTransaction['state'];
  /** Of the version that was mined, reverted or not. */
  readonly receipt: TransactionReceipt | null;
}

/** Estimates of gas are for the state of now; the block that takes the call may have another. */
const GAS_MARGIN = 130n;
/** Nodes take a replacement only with fees a tenth higher. */
const RAISE = 1125n;

/**
 * Sends transactions of one key on one chain so that none is forgotten and none goes out twice: each is recorded with
 * its nonce and its raw form before it is sent, and the same raw transaction is sent again until a block holds it,
 * after a restart and after a reorganisation alike. One process at a time may use a key: hold a lock around it.
 */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  get #key() {
    return { chain: this.#options.chain.id, sender: this.#options.account.address.toLowerCase() };
  }

  /**
   * Looks after every transaction whose fate is open: tells what has changed, sends again what no block holds. `apply`
   * must be idempotent: it is called again when the process dies before the change is kept.
   */
  async settle(apply: (outcome: Outcome) => Promise<void>): Promise<void> {
    const { chain, store } = this.#options;
    const watched = await store.watched(this.#key);
    if (watched.length === 0) return;
    const head = await chain.use((client) => client.getBlockNumber());
    for (const transaction of watched) {
      const receipt = await this.#receiptOf(transaction);
      const deep = receipt !== null && head - receipt.blockNumber + 1n >= chain.confirmations;
      const state = await this.#stateOf(transaction, receipt, deep, head);
      const blockNumber = receipt?.blockNumber ?? null;
      const minedHash = receipt?.transactionHash ?? null;
      if (
        state !== transaction.state ||
        blockNumber !== transaction.blockNumber ||
        minedHash !== transaction.minedHash
      ) {
        await apply({ transaction, state, receipt });
        await store.change(transaction, { state, blockNumber, minedHash });
      }
      if (state === 'open' && receipt === null) await this.#sendAgain(transaction);
    }
  }

  /**
   * Simulates, prices and signs a call, keeps it with `persist` and sends it. A failure to send is no failure: the
   * recorded transaction is sent again by `settle`.
   * @throws ContractRefusedError when it would revert, FeeAboveBoundError, ChainUnavailableError; nothing is kept then.
   */
  async send(call: ContractCall, persist: (made: RecordedTransaction) => Promise<void>): Promise<Hex> {
    const { chain, account, store } = this.#options;
    const { to, abi, functionName, args, value } = call;
    const [{ gas, fees }, mined, highest] = await Promise.all([
      chain.use(async (client) => {
        const ask = { account: account.address, address: to, abi, functionName, args, value };
        await client.simulateContract(ask);
        const estimated = await client.estimateContractGas(ask);
        return { gas: (estimated * GAS_MARGIN) / 100n, fees: await client.estimateFeesPerGas() };
      }),
      chain.use((client) => client.getTransactionCount({ address: account.address })),
      store.highestNonce(this.#key),
    ]);
    this.#checkGasPrice(fees.maxFeePerGas);
    // After a reorganisation the chain counts fewer than are signed; those are still ours.
    const nonce = Math.max(mined, (highest ?? -1) + 1);
    const data = encodeFunctionData({ abi, functionName, args });
    const request = { to, data, value, gas };
    const version = await this.#sign(nonce, request, fees.maxFeePerGas, fees.maxPriorityFeePerGas);
    const { publication, step } = call;
    await persist({
      ...this.#key,
      nonce,
      publication,
      step,
      request,
      versions: [version],
      state: 'open',
      minedHash: null,
      blockNumber: null,
    });
    await this.#broadcast(version.raw);
    return version.hash;
  }

  #checkGasPrice(maxFeePerGas: bigint): void {
    const { maxGasPriceWei } = this.#options;
    if (maxFeePerGas > maxGasPriceWei)
      throw new FeeAboveBoundError('gas price', maxFeePerGas, maxGasPriceWei);
  }

  async #stateOf(
    { nonce }: RecordedTransaction,
    receipt: TransactionReceipt | null,
    deep: boolean,
    head: bigint,
  ): Promise<RecordedTransaction['state']> {
    const { chain, account } = this.#options;
    if (receipt !== null) {
      if (receipt.status === 'success') return deep ? 'final' : 'mined';
      return deep ? 'reverted' : 'open';
    }
    // The nonce is gone for good only when a block that can no longer be replaced has used it up.
    const blockNumber = head - chain.confirmations + 1n;
    if (blockNumber < 0n) return 'open';
    const used = await chain
      .use((client) => client.getTransactionCount({ address: account.address, blockNumber }))
      // A node that does not keep the state of that block cannot tell; then it is not known to be lost.
      .catch(() => 0);
    return used > nonce ? 'lost' : 'open';
  }

  async #receiptOf({ versions }: RecordedTransaction): Promise<TransactionReceipt | null> {
    for (const { hash } of versions.toReversed()) {
      const found = await this.#options.chain.use((client) =>
        client.getTransactionReceipt({ hash }).catch((error: unknown) => {
          if (error instanceof TransactionReceiptNotFoundError) return null;
          throw error;
        }),
      );
      if (found !== null) return found;
    }
    return null;
  }

  async #sendAgain(transaction: RecordedTransaction): Promise<void> {
    const { chain, store, replaceAfterMs = 60_000 } = this.#options;
    const { nonce, request, versions } = transaction;
    const last = versions.at(-1)!;
    await this.#broadcast(last.raw);
    if (Date.now() - last.signedAtMs < replaceAfterMs) return;
    const market = await chain.use((client) => client.estimateFeesPerGas());
    const raised = (fee: bigint) => (fee * RAISE) / 1000n + 1n;
    const most = (left: bigint, right: bigint) => (left > right ? left : right);
    const maxFee = most(market.maxFeePerGas, raised(last.maxFeePerGas));
    const tip = most(market.maxPriorityFeePerGas, raised(last.maxPriorityFeePerGas));
    // The version that is out may still be taken; above the bound nothing new is signed.
    if (maxFee > this.#options.maxGasPriceWei) return;
    const version = await this.#sign(nonce, request, maxFee, tip);
    await store.change(transaction, { versions: [...versions, version] });
    await this.#broadcast(version.raw);
  }

  async #sign(nonce: number, request: RecordedTransaction['request'], maxFeePerGas: bigint, tip: bigint) {
    const { chain, account } = this.#options;
    const maxPriorityFeePerGas = tip < maxFeePerGas ? tip : maxFeePerGas;
    const raw = await account.signTransaction({
      type: 'eip1559',
      chainId: chain.definition.chainId,
      nonce,
      ...request,
      maxFeePerGas,
      maxPriorityFeePerGas,
    });
    return { hash: keccak256(raw), raw, maxFeePerGas, maxPriorityFeePerGas, signedAtMs: Date.now() };
  }

  /** Nodes refuse what they have already; whether it arrives is told by its receipt, not by this answer. */
  async #broadcast(serializedTransaction: Hex): Promise<void> {
    const { chain, logger } = this.#options;
    await chain
      .use((client) => client.sendRawTransaction({ serializedTransaction }))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        logger?.info(
          { chain: chain.id, hash: keccak256(serializedTransaction), reason },
          'transaction not taken',
        );
      });
  }
}
