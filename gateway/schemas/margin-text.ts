import type { ContributionLine, PositionSensitivity } from '../../risk/modules/module.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer } from '../app/ports.ts';
import { finite, reasonDto } from './common.ts';
import { envelopeDto } from './envelope.ts';
import { bufferDto, chainSums, exposuresOf, greeksDto, marginDto } from './margin.ts';

/** Text that JSON writes as it stands. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string | null): string {
  if (text === null) return 'null';
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** `JSON.stringify(marginDto(...))`, to which a test holds it, without the objects between: long lists are written as they are read. */
export function marginText(answer: MarginAnswer, nowMs: number, priceValidForMs: number): string {
  if (answer.across !== undefined || answer.netting !== undefined)
    return JSON.stringify(marginDto(answer, nowMs, priceValidForMs));
  const { result } = answer;
  const head = {
    accountId: answer.accountId,
    sequence: answer.sequence === null ? null : Number(answer.sequence),
    status: result.status,
    equity: wadToDecimal(result.equityWad),
  };
  const tail = {
    exposures: exposuresOf(result.sensitivities),
    worstScenarios: (result.worstScenarios ?? []).map(({ asset, scenario, lossWad }) => ({
      asset,
      scenario,
      loss: wadToDecimal(lossWad),
    })),
    failures: result.failures.map(({ positionId, reason }) => ({ positionId, reason: reasonDto(reason) })),
    ...envelopeDto(answer, nowMs, priceValidForMs, result.reasons),
  };
  return (
    `${JSON.stringify(head).slice(0, -1)},"requirement":${pairText(result.initialRequirementWad, result.maintenanceRequirementWad)}` +
    `,"net":${pairText(result.netInitialWad, result.netMaintenanceWad)},"lines":[${linesText(result.lines)}]` +
    `,"chains":${JSON.stringify(chainSums(result.lines))},"venueChains":[],"moves":[]` +
    `,"buffers":${JSON.stringify(result.buffers.map(bufferDto))},"sensitivities":[${sensitivitiesText(result.sensitivities)}]` +
    `,${JSON.stringify(tail).slice(1)}`
  );
}

const pairText = (initial: bigint, maintenance: bigint) =>
  `{"initial":"${wadToDecimal(initial)}","maintenance":"${wadToDecimal(maintenance)}"}`;

function linesText(lines: readonly ContributionLine[]): string {
  let text = '';
  for (const { positionId, chain, term, equityWad, initialWad, maintenanceWad } of lines) {
    if (text !== '') text += ',';
    text += `{"positionId":${quoted(positionId)},"chain":${quoted(chain)},"term":${quoted(term)}`;
    text += `,"equity":"${wadToDecimal(equityWad)}","initial":"${wadToDecimal(initialWad)}"`;
    text += `,"maintenance":"${wadToDecimal(maintenanceWad)}"}`;
  }
  return text;
}

function sensitivitiesText(sensitivities: readonly PositionSensitivity[]): string {
  let text = '';
  for (const { positionId, asset, delta, initialSlope, maintenanceSlope, greeks } of sensitivities) {
    if (text !== '') text += ',';
    text += `{"positionId":${quoted(positionId)},"asset":${quoted(asset)},"delta":${finite(delta, 'delta')}`;
    text += `,"initialSlope":${finite(initialSlope, 'initialSlope')}`;
    text += `,"maintenanceSlope":${finite(maintenanceSlope, 'maintenanceSlope')}`;
    text += `,"greeks":${greeks === undefined ? 'null' : JSON.stringify(greeksDto(greeks))}}`;
  }
  return text;
}
