import type { z } from '@hono/zod-openapi';
import type { auditListSchema } from '../schemas/audit.ts';
import type {
  consentListSchema,
  consentSchema,
  fileConsentBody,
  revokeConsentBody,
} from '../schemas/consent.ts';
import type {
  freezeResultSchema,
  marketListSchema,
  parametersListSchema,
  parametersSchema,
} from '../schemas/governance.ts';
import type {
  createKeyBody,
  issuedKeySchema,
  keyListSchema,
  keySchema,
  rotateKeyBody,
} from '../schemas/key.ts';
import type {
  impactListSchema,
  proposalListSchema,
  proposalSchema,
  proposeBody,
} from '../schemas/proposal.ts';
import type { decideBody, publicationListSchema, publicationSchema } from '../schemas/publication.ts';
import type { shadowSchema } from '../schemas/shadow.ts';
import type {
  createdWebhookSchema,
  createWebhookBody,
  deletedWebhookSchema,
  deliveryListSchema,
  deliverySchema,
  webhookListSchema,
} from '../schemas/webhook.ts';
import { type ClientOptions, Transport } from './transport.ts';
import type { Attestation, AttestationQuery } from './types.ts';

export type ApiKeyAnswer = z.infer<typeof keySchema>;
export type IssuedKeyAnswer = z.infer<typeof issuedKeySchema>;
export type ProposalAnswer = z.infer<typeof proposalSchema>;
export type MarketParameters = z.infer<typeof parametersSchema>;

const segment = encodeURIComponent;
interface Page {
  readonly limit?: number;
  readonly cursor?: string;
}

/**
 * Typed client of what belongs to running a protocol: keys, parameters and their governance, the audit log, webhooks.
 * Throws like BreakwaterClient. What makes something new is sent once only: a repeat would make a second one.
 */
export class BreakwaterAdminClient {
  readonly #transport: Transport;
  readonly #once: Transport;

  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.#once = new Transport({ ...options, attempts: 1 });
  }

  keys(): Promise<z.infer<typeof keyListSchema>> {
    return this.#transport.json('/v1/keys');
  }
  /** The secret is in this answer only. */
  createKey(body: z.input<typeof createKeyBody>): Promise<IssuedKeyAnswer> {
    return this.#once.json('/v1/keys', { method: 'POST', body });
  }
  rotateKey(id: string, body: z.input<typeof rotateKeyBody> = {}): Promise<IssuedKeyAnswer> {
    return this.#once.json(`/v1/keys/${segment(id)}/rotate`, { method: 'POST', body });
  }
  revokeKey(id: string): Promise<ApiKeyAnswer> {
    return this.#transport.json(`/v1/keys/${segment(id)}`, { method: 'DELETE' });
  }

  /** `order: 'newest'` gives the last entries first, recomputed: `chain` says whether they hold together. */
  audit(
    page: Page & { readonly order?: 'oldest' | 'newest' } = {},
  ): Promise<z.infer<typeof auditListSchema>> {
    return this.#transport.json('/v1/audit', { query: { ...page } });
  }

  /** All of it as CSV. */
  exportAudit(): Promise<ReadableStream<Uint8Array>> {
    return this.#transport.csv('/v1/audit');
  }

  markets(protocol: string): Promise<z.infer<typeof marketListSchema>> {
    return this.#transport.json(`/v1/protocols/${segment(protocol)}/markets`);
  }
  /** Of every market, now. */
  allParameters(): Promise<z.infer<typeof parametersListSchema>> {
    return this.#transport.json('/v1/parameters');
  }
  /** `at` is market time, ISO 8601. */
  parameters(market: string, at?: string): Promise<MarketParameters> {
    return this.#transport.json(`/v1/parameters/${segment(market)}`, { query: { at } });
  }
  /** A rate in force: `initialMarginRate`, `maintenanceMarginRate`, `collateralHaircut` or `liquidationThreshold`. */
  attestParameter(market: string, parameter: string, ask: AttestationQuery): Promise<Attestation> {
    const path = `/v1/attestations/parameter/${segment(market)}/${segment(parameter)}`;
    return this.#transport.json(path, { query: { ...ask } });
  }
  freeze(market: string, reason: string): Promise<z.infer<typeof freezeResultSchema>> {
    return this.#once.json(`/v1/markets/${segment(market)}/freeze`, { method: 'POST', body: { reason } });
  }
  unfreeze(market: string): Promise<z.infer<typeof freezeResultSchema>> {
    return this.#once.json(`/v1/markets/${segment(market)}/freeze`, { method: 'DELETE' });
  }

  /** A module version and parameters on the live book, beside those in force; nothing is stored. */
  shadow(
    module: { readonly id: string; readonly version: string },
    parameters: Readonly<Record<string, unknown>> = {},
    ask: Page & { readonly show?: 'all' | 'changed' | 'called' | 'liquidated' } = {},
  ): Promise<z.infer<typeof shadowSchema>> {
    const path = `/v1/modules/${segment(module.id)}/${segment(module.version)}/shadow`;
    return this.#transport.json(path, { method: 'POST', body: { parameters }, query: { ...ask } });
  }
  propose(body: z.input<typeof proposeBody>): Promise<ProposalAnswer> {
    return this.#once.json('/v1/proposals', { method: 'POST', body });
  }
  proposals(page: Page = {}): Promise<z.infer<typeof proposalListSchema>> {
    return this.#transport.json('/v1/proposals', { query: { ...page } });
  }
  /** `typedData` of the answer is what a signer signs. */
  proposal(id: string): Promise<ProposalAnswer> {
    return this.#transport.json(`/v1/proposals/${segment(id)}`);
  }
  proposalImpact(id: string, page: Page = {}): Promise<z.infer<typeof impactListSchema>> {
    return this.#transport.json(`/v1/proposals/${segment(id)}/impact`, { query: { ...page } });
  }
  approve(id: string, signature: string): Promise<ProposalAnswer> {
    return this.#once.json(`/v1/proposals/${segment(id)}/approvals`, { method: 'POST', body: { signature } });
  }
  veto(id: string, reason: string): Promise<ProposalAnswer> {
    return this.#once.json(`/v1/proposals/${segment(id)}/veto`, { method: 'POST', body: { reason } });
  }

  publications(page: Page = {}): Promise<z.infer<typeof publicationListSchema>> {
    return this.#transport.json('/v1/publications', { query: { ...page } });
  }
  /** The same decision again is the same publication, so that it may be repeated. */
  publishDecision(body: z.input<typeof decideBody>): Promise<z.infer<typeof publicationSchema>> {
    return this.#transport.json('/v1/publications', { method: 'POST', body });
  }

  /** Of what the caller filed; `domain` is what owners sign in. */
  consents(page: Page = {}): Promise<z.infer<typeof consentListSchema>> {
    return this.#transport.json('/v1/consents', { query: { ...page } });
  }
  consent(id: string): Promise<z.infer<typeof consentSchema>> {
    return this.#transport.json(`/v1/consents/${segment(id)}`);
  }
  /** The same document again changes nothing, so that it may be repeated; as may what ends it. */
  fileConsent(body: z.input<typeof fileConsentBody>): Promise<z.infer<typeof consentSchema>> {
    return this.#transport.json('/v1/consents', { method: 'POST', body });
  }
  withdrawConsent(id: string): Promise<z.infer<typeof consentSchema>> {
    return this.#transport.json(`/v1/consents/${segment(id)}`, { method: 'DELETE' });
  }
  /** By the owner, who signs `revocation` of the consent. */
  revokeConsent(id: string, body: z.input<typeof revokeConsentBody>): Promise<z.infer<typeof consentSchema>> {
    return this.#transport.json(`/v1/consents/${segment(id)}/revocation`, { method: 'POST', body });
  }

  /** The signing secret is in this answer only. */
  createWebhook(body: z.input<typeof createWebhookBody>): Promise<z.infer<typeof createdWebhookSchema>> {
    return this.#once.json('/v1/webhooks', { method: 'POST', body });
  }
  webhooks(): Promise<z.infer<typeof webhookListSchema>> {
    return this.#transport.json('/v1/webhooks');
  }
  deleteWebhook(id: string): Promise<z.infer<typeof deletedWebhookSchema>> {
    return this.#once.json(`/v1/webhooks/${segment(id)}`, { method: 'DELETE' });
  }
  deliveries(webhook: string, page: Page = {}): Promise<z.infer<typeof deliveryListSchema>> {
    return this.#transport.json(`/v1/webhooks/${segment(webhook)}/deliveries`, { query: { ...page } });
  }
  replay(webhook: string, delivery: string): Promise<z.infer<typeof deliverySchema>> {
    const path = `/v1/webhooks/${segment(webhook)}/deliveries/${segment(delivery)}/replay`;
    return this.#transport.json(path, { method: 'POST' });
  }
}
