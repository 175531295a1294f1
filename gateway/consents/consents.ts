import type { ChainReader } from '../../chains/clients/ports.ts';
import type { Database } from '../../db/connection.ts';
import { ConsentRefusedError } from '../../db/queries/consent-errors.ts';
import { type ConsentDocument, getConsent, listConsents } from '../../db/queries/consents.ts';
import { endConsent, fileConsent } from '../../db/queries/file-consent.ts';
import type { Clock } from '../../risk/units/time.ts';
import type { AccountsPort } from '../app/ports.ts';
import type { RiskConfiguration } from '../engine/risk-configuration.ts';
import { type ConsentDomain, consentId, consentTypedData, revocationTypedData } from './consent-types.ts';
import { ConsentsNotConfiguredError } from './errors.ts';
import type { ConsentsPort } from './port.ts';
import { verifyOwner } from './verify-owner.ts';

/** An owner's clock may be ahead of market time by so much. */
const CLOCK_AHEAD_SECONDS = 300;
const LONGEST_SECONDS = 366 * 86_400;

export interface ConsentsOptions {
  readonly database: Database;
  /** null: nothing is netted across protocols. */
  readonly domain: ConsentDomain | null;
  /** Reads the chain of the domain, for contract wallets; null: plain wallets only. */
  readonly reader: ChainReader | null;
  readonly accounts: Pick<AccountsPort, 'get'>;
  readonly configuration: Pick<RiskConfiguration, 'model'>;
  /** Market time. */
  readonly clock: Clock;
}

/** Consents over the database. */
export function databaseConsents(options: ConsentsOptions): ConsentsPort {
  const { database, domain, reader, accounts, configuration, clock } = options;
  const configured = (): ConsentDomain => {
    if (domain === null) throw new ConsentsNotConfiguredError();
    return domain;
  };
  const nowMs = () => clock.nowMs();
  return {
    domain,
    async file(protocol, { document, signature, maxReliefWad }, actor) {
      const of = configured();
      const { account } = sideOf(document, protocol);
      checkTimes(document, nowMs() / 1000);
      checkModule(document, configuration);
      await verifyOwner(consentTypedData(of, document), document.owner, signature, reader);
      await accounts.get(protocol, account);
      const id = consentId(of, document);
      const filing = { id, document, protocol, account, signature, maxReliefWad };
      return fileConsent(database, filing, actor, nowMs());
    },
    get: (protocol, id) => getConsent(database.orm, protocol, id),
    list: (protocol, page) => listConsents(database.orm, protocol, page),
    withdraw: (protocol, id, actor) => endConsent(database, { protocol, id, owner: null }, actor, nowMs()),
    async revoke(protocol, id, signature, actor) {
      const of = configured();
      const { consent } = await getConsent(database.orm, protocol, id);
      const { owner } = consent.document;
      await verifyOwner(revocationTypedData(of, id), owner, signature, reader);
      return endConsent(database, { protocol, id, owner }, actor, nowMs());
    },
  };
}

/** The caller's side. Only the document decides: whether the other side exists is not looked at. */
function sideOf({ sides }: ConsentDocument, protocol: string) {
  const [first, second] = sides;
  if (first.protocol === second.protocol) {
    throw new ConsentRefusedError('consent.sides', 'must name two protocols');
  }
  const own = sides.find((side) => side.protocol === protocol);
  if (own === undefined) throw new ConsentRefusedError('consent.sides', `do not name '${protocol}'`);
  return own;
}

function checkTimes({ issuedAt, validUntil }: ConsentDocument, now: number): void {
  const refuse = (field: string, why: string) => new ConsentRefusedError(`consent.${field}`, why);
  if (issuedAt > now + CLOCK_AHEAD_SECONDS) throw refuse('issuedAt', 'is in the future');
  if (validUntil <= now) throw refuse('validUntil', 'is past');
  if (validUntil - issuedAt > LONGEST_SECONDS) {
    throw refuse('validUntil', `is more than ${LONGEST_SECONDS / 86_400} days after issuedAt`);
  }
}

/** @throws ModuleNotFoundError, ConsentRefusedError */
function checkModule(document: ConsentDocument, configuration: ConsentsOptions['configuration']): void {
  const { moduleId: id, moduleVersion: version } = document;
  const { module, parameters, parametersHash } = configuration.model({ id, version });
  const nothing = { accountId: '', cashWad: 0n, positions: [] };
  if (module.requirements(nothing, new Map(), parameters).history !== undefined) {
    throw new ConsentRefusedError('consent.module', 'simulates from returns, which are not netted');
  }
  if (document.parametersHash !== hexHash(parametersHash)) {
    const message = `is not that of ${id}@${version} here, ${hexHash(parametersHash)}`;
    throw new ConsentRefusedError('consent.parametersHash', message);
  }
}

/** A parameters hash of an answer as bytes32. */
export const hexHash = (parametersHash: string): string => `0x${parametersHash.replace(/^0x/, '')}`;
