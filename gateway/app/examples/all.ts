import { ACCOUNT_EXAMPLES } from './accounts.ts';
import { ATTESTATION_EXAMPLES } from './attestations.ts';
import { CONSENT_EXAMPLES } from './consents.ts';
import { GOVERNANCE_EXAMPLES } from './governance.ts';
import { KEY_EXAMPLES } from './keys.ts';
import { MARGIN_EXAMPLES } from './margin.ts';
import { MARKET_EXAMPLES } from './markets.ts';
import { MODULE_EXAMPLES } from './modules.ts';
import { OPERATION_EXAMPLES } from './operations.ts';
import { PRICE_EXAMPLES } from './prices.ts';
import { PUBLICATION_EXAMPLES } from './publications.ts';
import type { Examples } from './types.ts';
import { WEBHOOK_EXAMPLES } from './webhooks.ts';

/** Of every operation, in an order in which they can be sent to one gateway. */
export const EXAMPLES: Examples = {
  ...OPERATION_EXAMPLES,
  ...KEY_EXAMPLES,
  ...WEBHOOK_EXAMPLES,
  ...PRICE_EXAMPLES,
  ...MARKET_EXAMPLES,
  ...ACCOUNT_EXAMPLES,
  ...MARGIN_EXAMPLES,
  ...ATTESTATION_EXAMPLES,
  ...MODULE_EXAMPLES,
  ...GOVERNANCE_EXAMPLES,
  ...PUBLICATION_EXAMPLES,
  ...CONSENT_EXAMPLES,
};
