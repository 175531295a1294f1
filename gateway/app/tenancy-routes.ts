import type { Clock } from '../../risk/units/time.ts';
import { listAudit } from '../routes/audit/list.ts';
import { fileConsent } from '../routes/consents/create.ts';
import { getConsent } from '../routes/consents/get.ts';
import { listConsents } from '../routes/consents/list.ts';
import { revokeConsent } from '../routes/consents/revoke.ts';
import { withdrawConsent } from '../routes/consents/withdraw.ts';
import { createKey } from '../routes/keys/create.ts';
import { listKeys } from '../routes/keys/list.ts';
import { revokeKey } from '../routes/keys/revoke.ts';
import { rotateKey } from '../routes/keys/rotate.ts';
import { shadowModule } from '../routes/modules/shadow.ts';
import { approveProposal } from '../routes/proposals/approve.ts';
import { createProposal } from '../routes/proposals/create.ts';
import { getProposal } from '../routes/proposals/get.ts';
import { getProposalImpact } from '../routes/proposals/impact.ts';
import { listProposals } from '../routes/proposals/list.ts';
import { vetoProposal } from '../routes/proposals/veto.ts';
import { listParameters } from '../routes/protocols/all-parameters.ts';
import { freezeMarket, unfreezeMarket } from '../routes/protocols/freeze.ts';
import { listMarkets } from '../routes/protocols/markets.ts';
import { getParameters } from '../routes/protocols/parameters.ts';
import { createPublication } from '../routes/publications/create.ts';
import { listPublications } from '../routes/publications/list.ts';
import { createWebhook } from '../routes/webhooks/create.ts';
import { deleteWebhook } from '../routes/webhooks/delete.ts';
import { listWebhookDeliveries } from '../routes/webhooks/deliveries.ts';
import { listWebhooks } from '../routes/webhooks/list.ts';
import { replayWebhookDelivery } from '../routes/webhooks/replay.ts';
import type { GatewayApp } from './context.ts';
import type { TenancyPorts } from './tenancy-ports.ts';

/** Resources for running a protocol on the gateway: keys, parameters and their governance, audit, webhooks. */
export function tenancyRoutes(
  app: GatewayApp,
  { keys, audit, governance, webhooks, publications, consents }: TenancyPorts,
  { clock, maxBodyBytes }: { readonly clock: Clock; readonly maxBodyBytes: number },
): void {
  listMarkets(app, governance, clock);
  listParameters(app, governance, clock);
  getParameters(app, governance, clock);
  freezeMarket(app, governance, maxBodyBytes);
  unfreezeMarket(app, governance);
  createProposal(app, governance, maxBodyBytes);
  listProposals(app, governance);
  getProposal(app, governance);
  getProposalImpact(app, governance);
  approveProposal(app, governance, maxBodyBytes);
  vetoProposal(app, governance, maxBodyBytes);
  shadowModule(app, governance, maxBodyBytes);
  listAudit(app, audit);
  listKeys(app, keys);
  createKey(app, keys, maxBodyBytes);
  rotateKey(app, keys, maxBodyBytes);
  revokeKey(app, keys);
  createWebhook(app, webhooks, maxBodyBytes);
  listWebhooks(app, webhooks);
  deleteWebhook(app, webhooks);
  listWebhookDeliveries(app, webhooks);
  replayWebhookDelivery(app, webhooks);
  listPublications(app, publications);
  createPublication(app, publications, maxBodyBytes);
  fileConsent(app, consents, { clock, maxBodyBytes });
  listConsents(app, consents, { clock });
  getConsent(app, consents, { clock });
  withdrawConsent(app, consents, { clock });
  revokeConsent(app, consents, { clock, maxBodyBytes });
}
