import { getTableName } from 'drizzle-orm';
import { accounts, idempotencyKeys, positionHistory } from '../schema/accounts.ts';
import { auditHeads, auditLog } from '../schema/audit.ts';
import { consentFilings, nettingConsents } from '../schema/consents.ts';
import { factorReturns } from '../schema/factor-returns.ts';
import { bufferScheduleHistory, bufferSchedules, forecasts } from '../schema/forecasts.ts';
import {
  governancePolicies,
  marketFreezes,
  proposalApprovals,
  proposalImpacts,
  proposals,
  riskConfigurations,
} from '../schema/governance.ts';
import { marginStatuses } from '../schema/margin.ts';
import { candles, fundingPayments, priceHours, priceSnapshots, settledMoments } from '../schema/market.ts';
import { modelDecisions } from '../schema/models.ts';
import { outbox } from '../schema/outbox.ts';
import { chainTransactions, publicationArrivals, publications } from '../schema/publications.ts';
import { apiKeys, protocols } from '../schema/tenants.ts';
import { chainCuts, venueBookHistory, venueBooks } from '../schema/venue-books.ts';
import { venueData, venueDataHistory } from '../schema/venue-data.ts';
import { watchedStates, webhookDeliveries, webhooks } from '../schema/webhooks.ts';
import { withdrawalReservations } from '../schema/withdrawals.ts';

/** Every table of ours, by name; a test checks it against the schema. */
export function backupTables(): readonly string[] {
  const tables = [
    accounts,
    positionHistory,
    idempotencyKeys,
    outbox,
    marginStatuses,
    bufferSchedules,
    bufferScheduleHistory,
    forecasts,
    candles,
    priceHours,
    priceSnapshots,
    settledMoments,
    protocols,
    apiKeys,
    auditLog,
    auditHeads,
    governancePolicies,
    riskConfigurations,
    proposals,
    proposalApprovals,
    proposalImpacts,
    marketFreezes,
    nettingConsents,
    consentFilings,
    webhooks,
    webhookDeliveries,
    watchedStates,
    venueData,
    venueDataHistory,
    venueBooks,
    venueBookHistory,
    chainCuts,
    withdrawalReservations,
    factorReturns,
    fundingPayments,
    modelDecisions,
    publications,
    publicationArrivals,
    chainTransactions,
  ];
  return tables.map((table) => getTableName(table));
}
