import type { ConsentDocument, FiledConsent } from '../../db/queries/consents.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { ConsentDomain } from './consent-types.ts';

/** What a protocol files: the document as the owner signed it, and how much it lets go at most (null: no cap). */
export interface ConsentAsk {
  readonly document: ConsentDocument;
  readonly signature: string;
  readonly maxReliefWad: Wad | null;
}

/** Consents as the caller's protocol knows them. All throw DatabaseUnavailableError. */
export interface ConsentsPort {
  /** What owners sign for; null where nothing is netted across protocols. */
  readonly domain: ConsentDomain | null;
  /** @throws ConsentsNotConfiguredError, ConsentRefusedError, ConsentConflictError, ConsentEndedError, UnknownAccountError, ModuleNotFoundError, ChainUnavailableError */
  file(protocol: string, ask: ConsentAsk, actor: string): Promise<FiledConsent>;
  /** @throws UnknownConsentError */
  get(protocol: string, id: string): Promise<FiledConsent>;
  list(
    protocol: string,
    page: {
      readonly before: { readonly filedAtMs: UnixMs; readonly id: string } | null;
      readonly limit: number;
    },
  ): Promise<readonly FiledConsent[]>;
  /** By the protocol itself. @throws UnknownConsentError */
  withdraw(protocol: string, id: string, actor: string): Promise<FiledConsent>;
  /** By the owner, whose signature the protocol brings. @throws UnknownConsentError, ConsentsNotConfiguredError, ConsentRefusedError, ChainUnavailableError */
  revoke(protocol: string, id: string, signature: string, actor: string): Promise<FiledConsent>;
}
