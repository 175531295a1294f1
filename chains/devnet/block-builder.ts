import { type Abi, type Address, decodeErrorResult, type Hex, numberToHex } from 'viem';
import { DevnetTransactionError, type FailedTransaction } from './errors.ts';
import type { Rpc } from './rpc.ts';
import type { DevnetTransaction } from './types.ts';

export type Transaction = DevnetTransaction;

interface Receipt {
  readonly transactionHash: Hex;
  readonly status: Hex;
}

/** Generous: the largest deployments and the growth of a pool's observations stay below it. */
const GAS = numberToHex(30_000_000);

/**
 * Mines blocks that hold exactly the transactions given. Nonces are kept here, so that all transactions of a
 * block travel in one request and none waits for another's receipt.
 */
export class BlockBuilder {
  readonly #chain: string;
  readonly #rpc: Rpc;
  readonly #nonces = new Map<Address, number>();

  constructor(chain: string, rpc: Rpc) {
    this.#chain = chain;
    this.#rpc = rpc;
  }

  /** Forgets the nonces: the node may have another state than the last block built here. */
  reset(): void {
    this.#nonces.clear();
  }

  /**
   * Sends the transactions, mines one block at `timestampSeconds`, and checks every receipt.
   * Transactions of one sender keep their order; those of different senders have none.
   * @returns the number of the block.
   * @throws DevnetTransactionError when one was refused or reverted. DevnetNodeError when the node is gone.
   */
  async mine(transactions: readonly Transaction[], timestampSeconds: number): Promise<bigint> {
    try {
      return await this.#mine(transactions, timestampSeconds);
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  async #mine(transactions: readonly Transaction[], timestampSeconds: number): Promise<bigint> {
    await this.#loadNonces(transactions);
    const sent = await this.#rpc.batch(
      transactions.map((transaction) => ({
        method: 'eth_sendTransaction',
        params: [
          {
            from: transaction.from,
            ...(transaction.to === null ? {} : { to: transaction.to }),
            data: transaction.data,
            ...(transaction.value === undefined ? {} : { value: numberToHex(transaction.value) }),
            gas: GAS,
            gasPrice: '0x0',
            nonce: numberToHex(this.#takeNonce(transaction.from)),
          },
        ],
      })),
    );
    const refused = sent.flatMap((reply, index): FailedTransaction[] =>
      reply.ok ? [] : [{ label: transactions[index]!.label, reason: reply.error }],
    );
    if (refused.length > 0) {
      await this.#rpc.call('anvil_dropAllTransactions');
      throw new DevnetTransactionError(this.#chain, null, refused);
    }
    await this.#rpc.call('evm_mine', { timestamp: timestampSeconds });
    const [head, block] = await this.#rpc.batch([
      { method: 'eth_blockNumber' },
      { method: 'eth_getBlockReceipts', params: ['latest'] },
    ]);
    const blockNumber = BigInt(head?.ok ? (head.result as Hex) : 0);
    const receipts = new Map(
      (block?.ok ? (block.result as readonly Receipt[]) : []).map((receipt) => [
        receipt.transactionHash,
        receipt,
      ]),
    );
    const failures: FailedTransaction[] = [];
    for (const [index, transaction] of transactions.entries()) {
      const reply = sent[index]!;
      const hash = (reply.ok ? reply.result : '0x') as Hex;
      const receipt = receipts.get(hash);
      if (receipt?.status === '0x1') continue;
      const reason =
        receipt === undefined ? 'not in the block' : await this.#revertReason(hash, transaction.abi);
      failures.push({ label: transaction.label, reason });
    }
    if (failures.length > 0) throw new DevnetTransactionError(this.#chain, blockNumber, failures);
    return blockNumber;
  }

  async #loadNonces(transactions: readonly Transaction[]): Promise<void> {
    const unknown = [...new Set(transactions.map((transaction) => transaction.from))].filter(
      (sender) => !this.#nonces.has(sender),
    );
    const replies = await this.#rpc.batch(
      unknown.map((sender) => ({ method: 'eth_getTransactionCount', params: [sender, 'latest'] })),
    );
    for (const [index, sender] of unknown.entries()) {
      const reply = replies[index]!;
      if (!reply.ok)
        throw new DevnetTransactionError(this.#chain, null, [{ label: 'nonce', reason: reply.error }]);
      this.#nonces.set(sender, Number(reply.result));
    }
  }

  #takeNonce(sender: Address): number {
    const nonce = this.#nonces.get(sender)!;
    this.#nonces.set(sender, nonce + 1);
    return nonce;
  }

  async #revertReason(hash: Hex, abi: Abi = []): Promise<string> {
    const trace = (await this.#rpc.call('debug_traceTransaction', hash)) as { readonly returnValue?: string };
    const data = trace.returnValue ?? '';
    if (data === '' || data === '0x') return 'reverted without a reason';
    const revert: Hex = data.startsWith('0x') ? (data as Hex) : `0x${data}`;
    try {
      const { errorName, args } = decodeErrorResult({ abi, data: revert });
      return errorName === 'Error' ? String(args?.[0]) : `${errorName}(${(args ?? []).join(', ')})`;
    } catch {
      return `reverted with ${revert}`;
    }
  }
}
