import { type Hex, IntegerOutOfRangeError } from 'viem';
import { encodeAttestationData } from '../../chains/contracts/attestation.ts';
import { nameToBytes32 } from '../../chains/contracts/market-address.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { MarginStatus } from '../../risk/modules/module.ts';
import { WAD, type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer } from '../app/ports.ts';
import type { ParametersView } from '../governance/port.ts';
import type { Figures } from './attest.ts';
import { AttestationRefusedError } from './errors.ts';

/** `status` of a margin attestation; docs of ATTESTATION_DATA. `warned` is healthy on chain: initial margin is covered. */
const STATUS: Readonly<Record<MarginStatus, number>> = {
  healthy: 0,
  warned: 0,
  'margin-call': 1,
  liquidatable: 2,
  insolvent: 3,
  unknown: 4,
};

function refuse(code: string, message: string): never {
  throw new AttestationRefusedError([{ code, message }]);
}

/** ABI-encodes figures, or refuses what the types of the contract cannot hold. */
function encoded(encode: () => Hex): Hex {
  try {
    return encode();
  } catch (error) {
    if (error instanceof IntegerOutOfRangeError) refuse('not-encodable', error.shortMessage);
    throw error;
  }
}

/** A SHA-256 in hex, with or without its prefix. */
function bytes32(hash: string): Hex | null {
  const found = /^(?:0x)?([0-9a-f]{64})$/i.exec(hash);
  return found === null ? null : `0x${found[1]!.toLowerCase()}`;
}

/** The margin of a stored account. Every figure is the one of the answer, exact to the last of 18 decimals. @throws AttestationRefusedError */
export function marginFigures(answer: MarginAnswer): Figures {
  const { accountId, sequence, result } = answer;
  if (accountId === null || sequence === null)
    return refuse('no-account', 'the answer is of no stored account');
  if (result.status === 'unknown' || result.failures.length > 0) {
    const names = result.failures.map(({ positionId, reason }) => `${positionId} (${reason.code})`);
    return refuse('margin-unknown', `the account cannot be valued: ${names.join(', ') || 'status unknown'}`);
  }
  const { initialRequirementWad, maintenanceRequirementWad } = result;
  if (initialRequirementWad < 0n || maintenanceRequirementWad < 0n) {
    return refuse('not-encodable', 'a requirement is negative');
  }
  const parametersHash = bytes32(answer.parametersHash);
  if (parametersHash === null) {
    return refuse('not-encodable', 'the hash of the parameters is not of 32 bytes');
  }
  return {
    kind: 'margin',
    account: nameToBytes32(accountId, 'id'),
    asOfMs: answer.asOfMs,
    validUntilMs: answer.validUntilMs,
    data: encoded(() =>
      encodeAttestationData.margin({
        equity: result.equityWad,
        initialMargin: initialRequirementWad,
        maintenanceMargin: maintenanceRequirementWad,
        netInitial: result.netInitialWad,
        netMaintenance: result.netMaintenanceWad,
        status: STATUS[result.status],
        sequence,
        parametersHash,
      }),
    ),
    values: {
      equity: wadToDecimal(result.equityWad),
      initialMargin: wadToDecimal(initialRequirementWad),
      maintenanceMargin: wadToDecimal(maintenanceRequirementWad),
      netInitial: wadToDecimal(result.netInitialWad),
      netMaintenance: wadToDecimal(result.netMaintenanceWad),
      status: result.status,
      sequence: sequence.toString(),
      parametersHash: answer.parametersHash,
    },
  };
}

/** A price that may be used for margin. The publish time is rounded down: never younger than it is. @throws AttestationRefusedError */
export function priceFigures(price: RobustPrice, validForMs: number): Figures {
  const { market, verdicts, feedId } = price;
  if (market === null || !verdicts.margin.usable) {
    const codes = verdicts.margin.reasons.map(({ code }) => code).join(', ');
    return refuse('price-refused', `${feedId} may not be used for margin${codes === '' ? '' : `: ${codes}`}`);
  }
  if (market.priceWad <= 0n) return refuse('not-encodable', `the price of ${feedId} is not positive`);
  const publishTime = BigInt(Math.floor(market.publishTimeMs / 1000));
  return {
    kind: 'price',
    account: null,
    asOfMs: price.asOfMs,
    validUntilMs: price.asOfMs + validForMs,
    data: encoded(() =>
      encodeAttestationData.price({
        feed: nameToBytes32(feedId, 'id'),
        price: market.priceWad,
        confidence: market.confidenceWad,
        publishTime,
      }),
    ),
    values: {
      feed: feedId,
      price: wadToDecimal(market.priceWad),
      confidence: wadToDecimal(market.confidenceWad),
      publishTime: publishTime.toString(),
    },
  };
}

export const ATTESTED_PARAMETERS = [
  'initialMarginRate',
  'maintenanceMarginRate',
  'collateralHaircut',
  'liquidationThreshold',
] as const;
export type AttestedParameter = (typeof ATTESTED_PARAMETERS)[number];

/**
 * A rate in force, buffer included. Requirements and haircuts were rounded up, the threshold of collateral is what is
 * left of 1 and so rounded down. @throws AttestationRefusedError
 */
export function parameterFigures(
  view: ParametersView,
  parameter: AttestedParameter,
  validForMs: number,
): Figures {
  const { market, rates, configuration } = view;
  if (rates === null) {
    return refuse('no-rates', `${market.id} has no price that may be used for margin, so no rates in force`);
  }
  const value = rateOf(market.kind, parameter, rates);
  if (value === null) return refuse('not-of-this-market', `${market.id} is ${market.kind}: no ${parameter}`);
  const effectiveFrom = BigInt(Math.ceil((configuration?.effectiveFromMs ?? 0) / 1000));
  return {
    kind: 'parameter',
    account: null,
    asOfMs: rates.asOfMs,
    validUntilMs: rates.asOfMs + validForMs,
    data: encoded(() =>
      encodeAttestationData.parameter({
        market: nameToBytes32(market.id, 'market'),
        parameter,
        value,
        effectiveFrom,
      }),
    ),
    values: {
      market: market.id,
      parameter,
      value: wadToDecimal(value),
      effectiveFrom: effectiveFrom.toString(),
    },
  };
}

function rateOf(
  kind: 'perp' | 'collateral',
  parameter: AttestedParameter,
  { initialWad, maintenanceWad }: { readonly initialWad: Wad; readonly maintenanceWad: Wad },
): Wad | null {
  const isCollateral = parameter === 'collateralHaircut' || parameter === 'liquidationThreshold';
  if (isCollateral !== (kind === 'collateral')) return null;
  if (parameter === 'initialMarginRate' || parameter === 'collateralHaircut') return initialWad;
  if (parameter === 'maintenanceMarginRate') return maintenanceWad;
  return maintenanceWad > WAD ? 0n : WAD - maintenanceWad;
}
