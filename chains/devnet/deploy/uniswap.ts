import { type Address, encodeAbiParameters, getContractAddress, keccak256, maxUint256 } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact, uniswapArtifact } from '../artifacts.ts';
import { QUOTE_ASSET, tokenOf } from '../assets.ts';
import { sqrtPriceX96 } from '../pool-price.ts';
import type { DevnetPool } from '../types.ts';
import type { DeploymentPlan } from './plan.ts';

export interface UniswapDeployment {
  readonly router: Address;
  readonly pools: Readonly<Record<string, DevnetPool>>;
}

/** Value of each side of each pool at its first price, in USDC. */
export const DEPTH_QUOTE = 20_000_000;
/** Whole tokens of every kind, half of them with the arbitrageur. */
const SUPPLY = 10n ** 15n;
/**
 * Observations that a pool keeps. One is written per block with a swap, so that 30 minutes need 150 of them at
 * blocks of 12 s and 900 at blocks of 2 s.
 */
const OBSERVATIONS = 1000;
const TICK_SPACING: Readonly<Record<number, number>> = { 100: 1, 500: 10, 3000: 60, 10000: 200 };
const MAX_TICK = 887_272;

/** Tokens, factory, position manager, router, and one pool against USDC per asset, liquid over the full range. */
export function planUniswap(
  plan: DeploymentPlan,
  pricesInQuote: Readonly<Record<string, number>>,
  accounts: DevnetAccounts,
): UniswapDeployment {
  const factory = plan.create('UniswapV3Factory', uniswapArtifact('v3-core', 'UniswapV3Factory'));
  const quoteToken = planToken(plan, QUOTE_ASSET, accounts);
  // Neither contract is asked for wrapped ether here, so that any token can take its place.
  const manager = plan.create(
    'NonfungiblePositionManager',
    uniswapArtifact('v3-periphery', 'NonfungiblePositionManager'),
    [factory, quoteToken, quoteToken],
  );
  const router = plan.create('SwapRouter', uniswapArtifact('v3-periphery', 'SwapRouter'), [
    factory,
    quoteToken,
  ]);
  planApproval(plan, quoteToken, manager);
  const pools: Record<string, DevnetPool> = {};
  for (const [asset, price] of Object.entries(pricesInQuote)) {
    const baseToken = planToken(plan, asset, accounts);
    planApproval(plan, baseToken, manager);
    pools[asset] = planPool(plan, { asset, price, baseToken, quoteToken, factory, manager });
  }
  return { router, pools };
}

function planToken(plan: DeploymentPlan, asset: string, accounts: DevnetAccounts): Address {
  const artifact = builtArtifact('DevnetToken');
  const { symbol, decimals } = tokenOf(asset);
  const supply = SUPPLY * 10n ** BigInt(decimals);
  const token = plan.create(symbol, artifact, [symbol, symbol, decimals, supply]);
  plan.call(symbol, token, artifact.abi, 'transfer', [accounts.arbitrageur, supply / 2n]);
  return token;
}

function planApproval(plan: DeploymentPlan, token: Address, spender: Address): void {
  plan.call('token', token, builtArtifact('DevnetToken').abi, 'approve', [spender, maxUint256]);
}

interface PoolPlan {
  readonly asset: string;
  readonly price: number;
  readonly baseToken: Address;
  readonly quoteToken: Address;
  readonly factory: Address;
  readonly manager: Address;
}

function planPool(plan: DeploymentPlan, input: PoolPlan): DevnetPool {
  const { asset, price, baseToken, quoteToken, factory, manager } = input;
  const { decimals: baseDecimals, fee } = tokenOf(asset);
  const quoteDecimals = tokenOf(QUOTE_ASSET).decimals;
  const baseIsToken0 = BigInt(baseToken) < BigInt(quoteToken);
  const [token0, token1] = baseIsToken0 ? [baseToken, quoteToken] : [quoteToken, baseToken];
  const baseAmount = BigInt(Math.floor((DEPTH_QUOTE / price) * 10 ** baseDecimals));
  const quoteAmount = BigInt(DEPTH_QUOTE * 10 ** quoteDecimals);
  const { abi: managerAbi } = uniswapArtifact('v3-periphery', 'NonfungiblePositionManager');
  const { abi: poolAbi, bytecode: poolCode } = uniswapArtifact('v3-core', 'UniswapV3Pool');
  const spot = sqrtPriceX96(price, { baseIsToken0, baseDecimals, quoteDecimals }, `prices.${asset}`);
  plan.call(`${asset} pool`, manager, managerAbi, 'createAndInitializePoolIfNecessary', [
    token0,
    token1,
    fee,
    spot,
  ]);
  const spacing = TICK_SPACING[fee]!;
  const edge = Math.floor(MAX_TICK / spacing) * spacing;
  const [amount0Desired, amount1Desired] = baseIsToken0
    ? [baseAmount, quoteAmount]
    : [quoteAmount, baseAmount];
  const position = {
    token0,
    token1,
    fee,
    tickLower: -edge,
    tickUpper: edge,
    amount0Desired,
    amount1Desired,
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: plan.sender,
    deadline: maxUint256,
  };
  plan.call(`${asset} pool`, manager, managerAbi, 'mint', [position]);
  const pool = getContractAddress({
    opcode: 'CREATE2',
    from: factory,
    salt: keccak256(
      encodeAbiParameters(
        [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }],
        [token0, token1, fee],
      ),
    ),
    bytecodeHash: keccak256(poolCode),
  });
  plan.call(`${asset} pool`, pool, poolAbi, 'increaseObservationCardinalityNext', [OBSERVATIONS]);
  return { pool, baseToken, baseDecimals, quoteToken, quoteDecimals, fee };
}
