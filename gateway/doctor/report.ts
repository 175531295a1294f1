import { withoutAddresses } from '../schemas/redact.ts';
import { AREAS, type Finding, worst } from './finding.ts';

/** Without what an error of a client may hold: URLs with keys and passwords. */
function safe(finding: Finding): Finding {
  return { ...finding, detail: withoutAddresses(finding.detail) };
}

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

/** For people: a heading per area, a line per finding, and under it what to do. */
export function textReport(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const area of AREAS) {
    const own = findings.filter((finding) => finding.area === area).map(safe);
    if (own.length === 0) continue;
    lines.push(area);
    for (const { verdict, subject, detail, action } of own) {
      lines.push(`  ${MARKS[verdict]}  ${subject}: ${detail}`);
      if (action !== null) lines.push(`           to do: ${action}`);
    }
  }
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
  const verdict = worst(findings);
  lines.push('', `${verdict}: ${count('ok')} ok, ${count('warning')} warnings, ${count('failed')} failed`);
  return lines.join('\n');
}

/** For programs: one JSON document. */
export function jsonReport(findings: readonly Finding[]): string {
  return JSON.stringify({ verdict: worst(findings), findings: findings.map(safe) }, null, 2);
}

/** 0 = ok, also with warnings; 1 = something failed. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return worst(findings) === 'failed' ? 1 : 0;
}
