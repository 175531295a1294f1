import { type Address, maxUint256 } from 'viem';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { clientOf, owned, type RiskChain, WAD } from '../../chains/support/messaging.ts';

export const venueAbi = riskArtifact('ExampleVenue').abi;
const tokenAbi = builtArtifact('DevnetToken').abi;

type Venue = Pick<RiskChain, 'chain' | 'risk'>;

/** Opens an account at the example venue of a chain. */
export const openAccount = ({ chain, risk }: Venue, account: string) =>
  owned(chain, risk.owner, risk.venue, venueAbi, 'open', [nameToBytes32(account), risk.owner]);

/** Puts whole USDC into an account, from one that has plenty. */
export async function deposit({ chain, risk }: Venue, account: string, amount: bigint): Promise<void> {
  const rich = ((await clientOf(chain).request({ method: 'eth_accounts' } as never)) as Address[])[5]!;
  await owned(chain, rich, chain.pools.BTC!.quoteToken, tokenAbi, 'approve', [risk.venue, maxUint256]);
  const args = [nameToBytes32(account), nameToBytes32('USDC'), amount * 10n ** 6n];
  await owned(chain, rich, risk.venue, venueAbi, 'deposit', args);
}

/** Fills a perpetual order of an account; `entry` in whole USD. */
export const fill = ({ chain, risk }: Venue, account: string, sizeWad: bigint, entry: bigint) =>
  owned(chain, risk.owner, risk.venue, venueAbi, 'fill', [
    nameToBytes32(account),
    nameToBytes32('BTC-PERP'),
    sizeWad,
    entry * WAD,
  ]);
