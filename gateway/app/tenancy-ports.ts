import type { StoredKey } from '../../db/queries/api-keys.ts';
import type { AuditEntry } from '../../db/queries/audit.ts';
import type { AuditTail } from '../../db/queries/audit-tail.ts';
import type { Scope } from '../auth/scopes.ts';
import type { ConsentsPort } from '../consents/port.ts';
import type { GovernancePort } from '../governance/port.ts';
import type { PublicationsPort } from '../publishing/port.ts';
import type { WebhooksPort } from '../webhooks/port.ts';

/** A key with the secret that is shown once. */
export interface IssuedKey {
  readonly key: StoredKey;
  readonly secret: string;
}

/** API keys of one protocol. All throw DatabaseUnavailableError. */
export interface KeysPort {
  list(protocol: string): Promise<readonly StoredKey[]>;
  create(
    ask: {
      readonly protocol: string;
      readonly name: string;
      readonly scopes: readonly Scope[];
      /** Wall time. */
      readonly expiresAtMs: number | null;
    },
    actor: string,
  ): Promise<IssuedKey>;
  /** @throws UnknownKeyError, KeyNotActiveError */
  rotate(
    ask: {
      readonly protocol: string;
      readonly id: string;
      readonly overlapMs: number;
      readonly expiresAtMs: number | null;
      /** Scopes of the caller: nobody passes on what he does not have. */
      readonly grantable: ReadonlySet<Scope>;
    },
    actor: string,
  ): Promise<IssuedKey>;
  /** @throws UnknownKeyError */
  revoke(protocol: string, id: string, actor: string): Promise<StoredKey>;
}

/** The audit log of one protocol. */
export interface AuditPort {
  /** Oldest first, those after a sequence number. @throws DatabaseUnavailableError */
  list(
    protocol: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** Newest first, those before a sequence number, recomputed. @throws DatabaseUnavailableError */
  tail(
    protocol: string,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<AuditTail>;
}

/** What belongs to running a protocol on this gateway, apart from its risk. */
export interface TenancyPorts {
  readonly keys: KeysPort;
  readonly audit: AuditPort;
  readonly governance: GovernancePort;
  readonly webhooks: WebhooksPort;
  readonly publications: PublicationsPort;
  readonly consents: ConsentsPort;
}
