import type { Database } from '../../db/connection.ts';
import { listKeys, type StoredKey } from '../../db/queries/api-keys.ts';
import { isScope } from '../auth/scopes.ts';
import type { GatewayConfig } from '../config/env.ts';
import { isLoopback } from '../config/loopback.ts';
import { type Finding, findingsOf, inWords } from './finding.ts';

const { ok, warning, failed } = findingsOf('keys');
const SOON_MS = 14 * 86_400_000;
const OLD_MS = 365 * 86_400_000;

type KeyConfig = Pick<GatewayConfig, 'apiKeys' | 'requireKeys' | 'host' | 'metricsKeyHash'>;

function judge(key: StoredKey, nowMs: number): Finding {
  const { id, protocol, scopes, expiresAtMs, createdAtMs } = key;
  const subject = `${id} of ${protocol}`;
  const unknown = scopes.filter((scope) => !isScope(scope));
  const granted = scopes.join(', ') || 'none';
  const rotate = `npm run keys -- rotate ${id}`;
  if (unknown.length > 0) {
    return failed(subject, `has scopes that this version does not know: ${unknown.join(', ')}`, rotate);
  }
  if (scopes.length === 0)
    return warning(subject, 'has no scope: it opens nothing', `npm run keys -- revoke ${id}`);
  if (expiresAtMs === null) {
    const detail = `scopes ${granted}, ${inWords(nowMs - createdAtMs)} old, never expires`;
    return nowMs - createdAtMs > OLD_MS
      ? warning(subject, detail, `${rotate} --expires 90d`)
      : ok(subject, detail);
  }
  const leftMs = expiresAtMs - nowMs;
  const detail = `scopes ${granted}, expires in ${inWords(leftMs)}`;
  return leftMs < SOON_MS ? warning(subject, detail, rotate) : ok(subject, detail);
}

/** Keys by their visible prefix: present, scopes, expiry. Secrets are not stored, hashes are not shown. */
export async function checkKeys(
  config: KeyConfig,
  database: Database | null,
  nowMs: number,
): Promise<readonly Finding[]> {
  const stored = database === null ? [] : await listKeys(database.orm, null);
  const active = stored.filter(
    ({ revokedAtMs, expiresAtMs }) => revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs),
  );
  const findings: Finding[] = [];
  const count = active.length + config.apiKeys.length;
  const required = config.requireKeys || config.apiKeys.length > 0 || stored.length > 0;
  const create = 'npm run keys -- create --protocol ID --scopes read,write';
  if (count > 0) {
    findings.push(ok('API keys', `${active.length} in the database, ${config.apiKeys.length} in API_KEYS`));
  } else if (required) {
    findings.push(failed('API keys', 'keys are asked for and none is active: nobody is let in', create));
  } else if (isLoopback(config.host)) {
    findings.push(ok('API keys', `none: one protocol, only this machine may call (HOST ${config.host})`));
  } else {
    findings.push(failed('API keys', `none, and HOST ${config.host} can be reached by others`, create));
  }
  findings.push(...active.map((key) => judge(key, nowMs)));
  if (required && config.metricsKeyHash === null) {
    const action = 'set METRICS_KEY_SHA256 and give Prometheus the key';
    findings.push(warning('metrics key', 'none: /metrics is closed while API keys are asked for', action));
  }
  return findings;
}
