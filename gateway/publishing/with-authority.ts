import type { Logger } from 'pino';
import type { Address } from 'viem';
import type { HealthCheck, HealthPort } from '../app/ports.ts';
import type { AttestationsPort } from '../attestations/port.ts';
import type { NetworkConfig } from '../config/network.ts';
import { publisherAuthority } from './authority.ts';

/** Wall time between two questions to the hub. */
const RENEW_MS = 60_000;

/**
 * Readiness that also says whether the hub lets the gateway's key publish and verifiers accept its signatures. It is told
 * and does not decide: margins and prices are right without either. Asks at once, for the log.
 */
export function withAuthority(
  health: HealthPort,
  options: {
    readonly network: Pick<NetworkConfig, 'chains' | 'publishing'>;
    /** Of the key that publishes; null: there is none. */
    readonly publisher: Address | null;
    readonly attestations: AttestationsPort;
    readonly logger: Pick<Logger, 'warn'>;
  },
): HealthPort {
  const { network, publisher, attestations, logger } = options;
  let askedMs = Number.NEGATIVE_INFINITY;
  let checks: readonly HealthCheck[] = [];
  const publishing = async (): Promise<HealthCheck[]> => {
    const found = publisher === null ? null : await publisherAuthority(network, publisher);
    if (found === null) return [];
    if (found.authorised !== true)
      logger.warn({ chain: found.chain }, `nothing is published: ${found.detail}`);
    return [{ name: 'publisher', ok: true, detail: found.detail }];
  };
  const attesting = async (): Promise<HealthCheck[]> => {
    const { signer, registration, targets } = attestations;
    if (signer === null || registration === undefined || targets.size === 0) return [];
    const refusals = await Promise.all([...targets.keys()].map((chain) => registration.refusal(chain)));
    const wrong = refusals.filter((refusal) => refusal !== null);
    const detail = wrong.length === 0 ? `every verifier knows ${signer.address}` : wrong.join('; ');
    return [{ name: 'attestations', ok: true, detail }];
  };
  // Readiness never waits for a chain: it tells what was found last.
  const renew = async () => {
    if (Date.now() - askedMs < RENEW_MS) return;
    askedMs = Date.now();
    checks = (await Promise.all([publishing(), attesting()])).flat();
  };
  void renew();
  return {
    async ready() {
      void renew();
      return [...(await health.ready()), ...checks];
    },
  };
}
