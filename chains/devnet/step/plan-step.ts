import { InvalidInputError } from '../../../risk/errors.ts';
import type { DevnetAccounts } from '../accounts.ts';
import type { Transaction } from '../block-builder.ts';
import type { ChainContracts } from '../deploy/deploy-chain.ts';
import { fixedPointPrice } from '../fixed-point.ts';
import type { Rpc } from '../rpc.ts';
import type { StepInput } from '../types.ts';
import { chainlinkRound } from './chainlink-round.ts';
import { poolSwaps } from './pool-swap.ts';
import { pythPushes } from './pyth-push.ts';
import { sequencerStatus } from './sequencer-status.ts';

/**
 * The transactions of a step.
 * @param nextRound gives the round id that an aggregator takes next.
 * @throws InvalidInputError naming the field.
 */
export async function planStep(
  input: StepInput,
  contracts: ChainContracts,
  accounts: DevnetAccounts,
  rpc: Rpc,
  nextRound: (asset: string) => number,
): Promise<Transaction[]> {
  const { chainlink = [], pyth = [], pools = [], sequencerUp } = input;
  const rounds = chainlink.flatMap(({ asset, price }, index) => {
    const feed = known(contracts.chainlink, asset, `chainlink[${index}].asset`);
    const answer = fixedPointPrice(price, `chainlink[${index}].price`);
    return chainlinkRound(asset, feed, nextRound(asset), answer, accounts);
  });
  for (const [index, push] of pyth.entries()) {
    known(contracts.pyth.priceIds, push.asset, `pyth[${index}].asset`);
  }
  refuseRepeats(chainlink, 'chainlink');
  refuseRepeats(pools, 'pools');
  const targets = pools.map(({ asset, targetPrice }, index) => ({
    asset,
    pool: known(contracts.pools, asset, `pools[${index}].asset`),
    targetPrice,
  }));
  if (sequencerUp !== undefined && contracts.sequencer === null) {
    throw new InvalidInputError('sequencerUp', 'this chain has no sequencer uptime feed');
  }
  return [
    ...rounds,
    ...(pyth.length === 0
      ? []
      : [pythPushes(contracts.pyth.contract, contracts.pyth.priceIds, pyth, accounts)]),
    ...(await poolSwaps(rpc, contracts.router, targets, accounts)),
    ...(sequencerUp === undefined || contracts.sequencer === null
      ? []
      : [sequencerStatus(contracts.sequencer.aggregator, sequencerUp, input.timestampSeconds, accounts)]),
  ];
}

function known<Value>(record: Readonly<Record<string, Value>>, asset: string, field: string): Value {
  const value = Object.hasOwn(record, asset) ? record[asset] : undefined;
  if (value === undefined) {
    throw new InvalidInputError(field, `no '${asset}' here; there are ${Object.keys(record).join(', ')}`);
  }
  return value;
}

function refuseRepeats(entries: readonly { readonly asset: string }[], field: string): void {
  const seen = new Set<string>();
  for (const [index, { asset }] of entries.entries()) {
    if (seen.has(asset))
      throw new InvalidInputError(`${field}[${index}].asset`, `'${asset}' stands here twice`);
    seen.add(asset);
  }
}
