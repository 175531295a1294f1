import { getAddress, type Hex, recoverTypedDataAddress } from 'viem';
import { decisionTypedData, orderApprovals } from '../../chains/contracts/decisions.ts';
import { marketAddress } from '../../chains/contracts/market-address.ts';
import { decisionId } from '../../chains/publisher/hub.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { Database } from '../../db/connection.ts';
import { ApprovalRefusedError } from '../../db/queries/proposal-errors.ts';
import { createPublication, listPublications, publicationOf } from '../../db/queries/publications.ts';
import type { SignedDecision } from '../../jobs/publishing/advance.ts';
import type { NetworkConfig } from '../config/network.ts';
import { UnknownParameterLineError } from './errors.ts';
import type { GivenDecision, PublicationsPort } from './port.ts';

/** Publications over the database; without a `publishing` section there are none. */
export function databasePublications(
  database: Database,
  network: Pick<NetworkConfig, 'chains' | 'publishing'>,
): PublicationsPort {
  const { publishing } = network;
  const hubChain = network.chains.find(({ id }) => id === publishing?.hub);
  return {
    list: (protocol, page) => listPublications(database.orm, protocol, page),
    async decide(protocol, given, actor) {
      const { market, updateType } = given;
      const line = publishing?.lines.find(
        (one) => one.protocol === protocol && one.market === market && one.updateType === updateType,
      );
      if (line === undefined || hubChain?.risk?.hub == null) {
        throw new UnknownParameterLineError(market, updateType);
      }
      const address = getAddress(line.address ?? marketAddress(market));
      const signed = await signedDecision(given, address, hubChain, hubChain.risk.hub);
      const id =
        signed.kind === 'bounds'
          ? decisionId('Bounds', signed.decision)
          : decisionId('Parameter', signed.decision);
      const value = signed.kind === 'bounds' ? null : signed.decision.value;
      const made = { id, protocol, source: 'governance', kind: signed.kind, hub: hubChain.id } as const;
      const where = { market, marketAddress: address, updateType };
      await createPublication(
        database,
        { ...made, ...where, value, computedValue: null, decision: signed, proposal: null },
        actor,
      );
      return (await publicationOf(database.orm, id))!;
    },
  };
}

/** Puts the signatures into the order that the hub takes. Whether their signers may approve, the hub alone decides. */
async function signedDecision(
  given: GivenDecision,
  market: Hex,
  { chainId }: ChainDefinition,
  hub: Hex,
): Promise<SignedDecision> {
  const { updateType, nonce, validUntil, decision: what } = given;
  const common = { market, updateType, nonce, validUntil };
  const bounds = what.kind === 'bounds' ? { ...common, minValue: what.minWad, maxValue: what.maxWad } : null;
  const parameter =
    what.kind === 'parameter' ? { ...common, value: what.valueWad, referenceId: what.referenceId } : null;
  const typedData =
    bounds === null
      ? decisionTypedData(chainId, hub, 'Parameter', parameter!)
      : decisionTypedData(chainId, hub, 'Bounds', bounds);
  const approvals = await Promise.all(
    given.signatures.map(async (signature) => {
      const signer = await recoverTypedDataAddress({ ...typedData, signature }).catch(() => null);
      if (signer === null) throw new ApprovalRefusedError('a signature cannot be recovered');
      return { signer, signature };
    }),
  );
  const signatures = orderApprovals(approvals);
  return bounds === null
    ? { kind: 'parameter', decision: parameter!, signatures }
    : { kind: 'bounds', decision: bounds, signatures };
}
