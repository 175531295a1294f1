import { type Address, encodeAbiParameters, encodeFunctionData, type Hex } from 'viem';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { DevnetAccounts } from '../accounts.ts';
import { mockPythArtifact } from '../artifacts.ts';
import { PRICE_DECIMALS } from '../assets.ts';
import type { Transaction } from '../block-builder.ts';
import { fixedPointPrice } from '../fixed-point.ts';
import type { PythPush } from '../types.ts';

const PRICE = {
  type: 'tuple',
  components: [
    { name: 'price', type: 'int64' },
    { name: 'conf', type: 'uint64' },
    { name: 'expo', type: 'int32' },
    { name: 'publishTime', type: 'uint256' },
  ],
} as const;
/** What MockPyth decodes from one update: PythStructs.PriceFeed and the previous publish time. */
const UPDATE = [
  {
    type: 'tuple',
    components: [
      { name: 'id', type: 'bytes32' },
      { ...PRICE, name: 'price' },
      { ...PRICE, name: 'emaPrice' },
    ],
  },
  { type: 'uint64' },
] as const;

/** One transaction with all pushes. The EMA, which nothing here computes, repeats the price. */
export function pythPushes(
  contract: Address,
  priceIds: Readonly<Record<string, Hex>>,
  pushes: readonly PythPush[],
  accounts: DevnetAccounts,
): Transaction {
  const { abi } = mockPythArtifact();
  const updates = pushes.map((push, index) => {
    const field = `pyth[${index}]`;
    if (!Number.isFinite(push.confidence) || push.confidence < 0) {
      throw new InvalidInputError(`${field}.confidence`, 'must be a number of at least 0');
    }
    if (!Number.isSafeInteger(push.publishTimeSeconds) || push.publishTimeSeconds <= 0) {
      throw new InvalidInputError(`${field}.publishTimeSeconds`, 'must be whole seconds since 1970');
    }
    const price = {
      price: fixedPointPrice(push.price, `${field}.price`),
      conf: BigInt(Math.round(push.confidence * 10 ** PRICE_DECIMALS)),
      expo: -PRICE_DECIMALS,
      publishTime: BigInt(push.publishTimeSeconds),
    };
    return encodeAbiParameters(UPDATE, [{ id: priceIds[push.asset]!, price, emaPrice: price }, 0n]);
  });
  return {
    label: `Pyth ${pushes.map((push) => push.asset).join(', ')}`,
    from: accounts.pythPusher,
    to: contract,
    data: encodeFunctionData({ abi, functionName: 'updatePriceFeeds', args: [updates] }),
    abi,
  };
}
