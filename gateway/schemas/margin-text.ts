import type { BufferView, ContributionLine, PositionSensitivity } from '../../risk/modules/module.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { MarginAnswer } from '../app/ports.ts';
import { finite, reasonDto } from './common.ts';
import { originDto, validityDto } from './envelope.ts';
import { bufferDto, chainSums, exposuresOf, greeksDto, marginDto } from './margin.ts';
import { usedPriceText } from './price-text.ts';

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
  const tail = {
    worstScenarios: (result.worstScenarios ?? []).map(({ asset, scenario, lossWad }) => ({
      asset,
      scenario,
      loss: wadToDecimal(lossWad),
    })),
    failures: result.failures.map(({ positionId, reason }) => ({ positionId, reason: reasonDto(reason) })),
    ...validityDto(answer, nowMs, priceValidForMs, result.reasons),
  };
  const prices = answer.prices.map((price) => usedPriceText(price, nowMs)).join();
  return (
    `{"accountId":${quoted(answer.accountId)},"sequence":${answer.sequence === null ? null : Number(answer.sequence)}` +
    `,"status":"${result.status}","equity":"${wadToDecimal(result.equityWad)}"` +
    `,"requirement":${pairText(result.initialRequirementWad, result.maintenanceRequirementWad)}` +
    `,"net":${pairText(result.netInitialWad, result.netMaintenanceWad)},"lines":[${linesText(result.lines)}]` +
    `,"chains":[${chainSums(result.lines).map(chainText).join()}],"venueChains":[],"moves":[]` +
    `,"buffers":[${result.buffers.map(bufferText).join()}],"sensitivities":[${sensitivitiesText(result.sensitivities)}]` +
    `,"exposures":[${exposuresOf(result.sensitivities).map(exposureText).join()}]` +
    `,${JSON.stringify(tail).slice(1, -1)},"prices":[${prices}],${JSON.stringify(originDto(answer, nowMs)).slice(1)}`
  );
}

/** Buffers are never changed in place, and many margins of one moment have the same. */
const buffers = new WeakMap<BufferView, string>();

function bufferText(buffer: BufferView): string {
  let text = buffers.get(buffer);
  if (text === undefined) {
    text = JSON.stringify(bufferDto(buffer));
    buffers.set(buffer, text);
  }
  return text;
}

const pairText = (initial: bigint, maintenance: bigint) =>
  `{"initial":"${wadToDecimal(initial)}","maintenance":"${wadToDecimal(maintenance)}"}`;

/** Decimals need no quoting. */
function chainText({ chain, equity, initial, maintenance }: ReturnType<typeof chainSums>[number]): string {
  return `{"chain":${quoted(chain)},"equity":"${equity}","initial":"${initial}","maintenance":"${maintenance}"}`;
}

/** Their numbers are finite: JSON writes those as they are converted. */
function exposureText(sum: ReturnType<typeof exposuresOf>[number]): string {
  const { asset, delta, gamma, vega, theta, rho, initialSlope, maintenanceSlope } = sum;
  return (
    `{"asset":${quoted(asset)},"delta":${delta},"gamma":${gamma},"vega":${vega},"theta":${theta},"rho":${rho}` +
    `,"initialSlope":${initialSlope},"maintenanceSlope":${maintenanceSlope}}`
  );
}

function linesText(lines: readonly ContributionLine[]): string {
  let text = '';
  // Neighbours mostly say the same of chain and term.
  let chainText = 'null';
  let termText = '""';
  let last: ContributionLine | null = null;
  for (const line of lines) {
    const { positionId, chain, term, equityWad, initialWad, maintenanceWad } = line;
    if (chain !== (last?.chain ?? null)) chainText = quoted(chain);
    if (term !== (last?.term ?? '')) termText = quoted(term);
    if (last !== null) text += ',';
    last = line;
    text += `{"positionId":${quoted(positionId)},"chain":${chainText},"term":${termText}`;
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
