import { type Abi, type Address, encodeDeployData, encodeFunctionData, getContractAddress } from 'viem';
import type { Deployable } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';

/**
 * Transactions of one sender, in order. Contract addresses follow from the sender and its nonce, so that later
 * transactions name contracts that do not exist yet and the whole deployment fits into one block.
 */
export class DeploymentPlan {
  readonly sender: Address;
  readonly #transactions: Transaction[] = [];
  readonly #firstNonce: number;

  constructor(sender: Address, firstNonce = 0) {
    this.sender = sender;
    this.#firstNonce = firstNonce;
  }

  get transactions(): readonly Transaction[] {
    return this.#transactions;
  }

  create(label: string, contract: Deployable, args: readonly unknown[] = []): Address {
    const nonce = BigInt(this.#firstNonce + this.#transactions.length);
    const data = encodeDeployData({ abi: contract.abi, bytecode: contract.bytecode, args });
    this.#transactions.push({
      label: `create ${label}`,
      from: this.sender,
      to: null,
      data,
      abi: contract.abi,
    });
    return getContractAddress({ from: this.sender, nonce });
  }

  call(label: string, to: Address, abi: Abi, functionName: string, args: readonly unknown[] = []): void {
    const data = encodeFunctionData({ abi, functionName, args });
    this.#transactions.push({ label: `${label}.${functionName}`, from: this.sender, to, data, abi });
  }
}
