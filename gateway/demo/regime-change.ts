import { setTimeout as delay } from 'node:timers/promises';
import { createPublicClient, http } from 'viem';
import type { z } from 'zod';
import { riskOracleAbi } from '../../chains/contracts/abi.ts';
import { decodeValue } from '../../chains/contracts/update-data.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { proposalSchema } from '../schemas/proposal.ts';
import type { publicationListSchema, publicationSchema } from '../schemas/publication.ts';
import { ask, SelfCheckError } from './ask.ts';
import type { Demo } from './start-demo.ts';

type Publication = z.infer<typeof publicationSchema>;

/** The parameter that the check follows. */
const MARKET = 'BTC-PERP';
const UPDATE_TYPE = 'initialMarginRate';

/** What RiskOracle of each chain answers, read by plain calls and not through the gateway. */
async function onEveryChain(demo: Demo, { marketAddress, updateType }: Publication) {
  const found: Record<string, string> = {};
  for (const { definition, risk } of demo.devnet.chains) {
    const client = createPublicClient({ transport: http(definition.rpcUrls[0]), cacheTime: 0 });
    const { newValue } = await client.readContract({
      address: risk!.oracle,
      abi: riskOracleAbi,
      functionName: 'getLatestUpdateByParameterAndMarket',
      args: [updateType, marketAddress as `0x${string}`],
    });
    found[definition.id] = wadToDecimal(decodeValue(newValue));
  }
  return found;
}

/** Waits until a value of the parameter that is accepted has arrived on every chain. */
async function untilArrived(
  demo: Demo,
  what: string,
  accepts: (value: number) => boolean,
  signal: AbortSignal,
  patienceMs: number,
): Promise<Publication> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { publications } = await ask<z.infer<typeof publicationListSchema>>(`${demo.url}/v1/publications`);
    const found = publications.find(
      ({ market, updateType, state, value }) =>
        market === MARKET && updateType === UPDATE_TYPE && state === 'arrived' && accepts(Number(value)),
    );
    if (found !== undefined) return found;
    if (performance.now() > deadline || demo.driver.stats().ended !== null) {
      throw new SelfCheckError(`${what} has not arrived on every chain`, {
        publications,
        ...demo.driver.stats(),
      });
    }
    await delay(250, undefined, { signal });
  }
}

/**
 * Waits for the parameter of the calm market, lets a storm break out, and waits until the forecast has raised the
 * parameter on every chain by a proposal of its own. null for a market that cannot be told what to do (a replay).
 * @throws SelfCheckError
 */
export async function checkRegimeChange(demo: Demo, signal: AbortSignal, patienceMs: number) {
  const before = await untilArrived(demo, 'the first value', () => true, signal, patienceMs);
  const first = await onEveryChain(demo, before);
  if (!demo.driver.startStorm()) return null;
  const calm = Number(before.value);
  const raised = await untilArrived(demo, 'a higher value', (value) => value > calm, signal, patienceMs);
  const oracles = await onEveryChain(demo, raised);
  const proposal = await ask<z.infer<typeof proposalSchema>>(`${demo.url}/v1/proposals/${raised.proposal}`);
  // A later step of the same storm may be there already: higher still, never lower.
  const behind = Object.entries(oracles).filter(([, value]) => Number(value) < Number(raised.value));
  const wrong = [
    ...behind.map(([chain, value]) => `RiskOracle on ${chain} answers ${value}, not ${raised.value}`),
    ...(proposal.autonomous && proposal.state === 'executed'
      ? []
      : [`the proposal is ${proposal.state}, autonomous ${proposal.autonomous}`]),
  ];
  if (wrong.length > 0) throw new SelfCheckError(wrong.join('; '), { raised, oracles, proposal });
  return {
    regime: demo.driver.stats().regime,
    parameter: `${UPDATE_TYPE} of ${MARKET}`,
    before: before.value,
    oraclesBefore: first,
    after: raised.value,
    oraclesAfter: oracles,
    proposal: proposal.title,
    transactionHash: raised.transactionHash,
  };
}
