import type { Logger } from 'pino';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import { attesterAuthority } from '../publishing/authority.ts';
import type { AttestationsPort, Registration } from './port.ts';

/** How long an answer of a verifier counts, wall time: a signer that is removed there is noticed after it. */
const KNOWN_MS = 60_000;
const UNKNOWN_MS = 2_000;

/**
 * Asks each verifier about the signer, now for the log, and again when an attestation is asked for and the last answer is
 * old. What cannot be asked is not signed for: an answer that a contract refuses is worth nothing to who waits for it.
 */
export function signerRegistration(options: {
  readonly chains: readonly ChainDefinition[];
  readonly port: AttestationsPort;
  readonly logger: Pick<Logger, 'warn'>;
}): Registration {
  const { chains, port, logger } = options;
  const known = new Map<string, { readonly untilMs: number; readonly refusal: Promise<string | null> }>();
  const look = async (id: string): Promise<string | null> => {
    const definition = chains.find((chain) => chain.id === id);
    const target = port.targets.get(id);
    if (definition === undefined || target === undefined || port.signer === null) return null;
    const { authorised, detail } = await attesterAuthority(definition, target.verifier, port.signer.address);
    known.set(id, {
      untilMs: Date.now() + (authorised === null ? UNKNOWN_MS : KNOWN_MS),
      refusal: Promise.resolve(authorised === true ? null : detail),
    });
    if (authorised !== true) logger.warn({ chain: id }, `nothing is attested: ${detail}`);
    return authorised === true ? null : detail;
  };
  const refusal = (id: string): Promise<string | null> => {
    const found = known.get(id);
    if (found !== undefined && Date.now() < found.untilMs) return found.refusal;
    const asked = look(id);
    known.set(id, { untilMs: Number.POSITIVE_INFINITY, refusal: asked });
    return asked;
  };
  if (port.signer !== null) for (const id of port.targets.keys()) void refusal(id);
  return { refusal };
}
