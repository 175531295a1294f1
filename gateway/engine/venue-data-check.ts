import { BreakwaterError, type FieldIssue, InvalidInputError } from '../../risk/errors.ts';
import { type SurfaceSlice, surfaceFaults } from '../../risk/pricing/surface-faults.ts';
import { checkSvi } from '../../risk/pricing/svi.ts';
import { SECONDS_PER_YEAR, type UnixMs } from '../../risk/units/time.ts';
import { wadToFloat } from '../../risk/units/wad.ts';
import { sviOf, type VenueData, type VenueExpiry } from './venue-data.ts';

/** A surface at which somebody could earn without risk; nothing of the update is stored. */
export class SurfaceArbitrageError extends BreakwaterError {
  override readonly name = 'SurfaceArbitrageError';
  constructor(issues: readonly FieldIssue[]) {
    super(`the surface is not free of arbitrage: ${issues[0]!.field}: ${issues[0]!.message}`, {
      type: 'surface-arbitrage',
      kind: 'unprocessable',
      issues,
    });
  }
}

/** What is wrong with the expiries one by one; paths as in the request. */
export function expiryIssues(data: VenueData, asOfMs: UnixMs): FieldIssue[] {
  return (data.expiries ?? []).flatMap(({ smile, expiryMs }, index) => {
    if (expiryMs <= asOfMs) return [{ field: `expiries[${index}].expiry`, message: 'is not after asOf' }];
    if (smile.kind !== 'svi') return [];
    try {
      checkSvi(sviOf(smile, expiryMs, asOfMs));
      return [];
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      return error.issues.map(({ field, message }) => ({
        field: `expiries[${index}].smile.${field}`,
        message,
      }));
    }
  });
}

/** Longest time over which funding accrues unpaid; beyond it a time is a mistake. */
const LONGEST_FUNDING_MS = 31 * 24 * 3600 * 1000;

/** What is wrong with the times of funding and settlements; paths as in the request. */
export function timeIssues(data: VenueData, asOfMs: UnixMs): FieldIssue[] {
  const { fundingSettledAtMs: settledAt, nextFundingAtMs: next, settlements = [] } = data;
  const issues: FieldIssue[] = [];
  if (settledAt !== undefined && settledAt > asOfMs)
    issues.push({ field: 'fundingSettledAt', message: 'is after asOf' });
  if (settledAt !== undefined && asOfMs - settledAt > LONGEST_FUNDING_MS)
    issues.push({ field: 'fundingSettledAt', message: 'is more than 31 days before asOf' });
  if (next !== undefined && next <= (settledAt ?? asOfMs))
    issues.push({
      field: 'nextFundingAt',
      message: `is not after ${settledAt === undefined ? 'asOf' : 'fundingSettledAt'}`,
    });
  if (next !== undefined && next - asOfMs > LONGEST_FUNDING_MS)
    issues.push({ field: 'nextFundingAt', message: 'is more than 31 days after asOf' });
  settlements.forEach(({ expiryMs }, index) => {
    if (expiryMs <= asOfMs) return;
    issues.push({ field: `settlements[${index}].expiry`, message: 'is after asOf' });
  });
  return issues;
}

/** @throws SurfaceArbitrageError naming every smile at fault. */
export function requireNoArbitrage(data: VenueData, asOfMs: UnixMs): void {
  const expiries = data.expiries ?? [];
  const faults = surfaceFaults(expiries.map((expiry) => sliceOf(expiry, asOfMs)));
  if (faults.length === 0) return;
  throw new SurfaceArbitrageError(
    faults.map(({ index, point, message }) => ({
      field: `expiries[${index}].smile${point === null ? '' : `.points[${point}].volatility`}`,
      message,
    })),
  );
}

function sliceOf({ smile, forwardWad, expiryMs }: VenueExpiry, asOfMs: UnixMs): SurfaceSlice {
  const tau = (expiryMs - asOfMs) / 1000 / SECONDS_PER_YEAR;
  const forward = wadToFloat(forwardWad);
  if (smile.kind === 'svi') return { tau, forward, smile: sviOf(smile, expiryMs, asOfMs) };
  const points = smile.points.map(({ strikeWad, volatility }) => ({
    strike: wadToFloat(strikeWad),
    volatility,
  }));
  return { tau, forward, smile: points };
}
