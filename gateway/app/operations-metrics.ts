import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../risk/units/time.ts';
import type { OperationsFigures, OperationsPort } from './operations-port.ts';

type Set = (value: number, labels?: Record<string, string>) => void;

/**
 * Backlogs as gauges. All processes of a deployment tell the same, since it is read from the database and the queues:
 * take the maximum over them, not the sum. A part that cannot be read is absent, and its `_up` is 0.
 */
export function operationsGauges(
  registry: Registry,
  { operations, clock }: { readonly operations: OperationsPort; readonly clock: Clock },
): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    observe: (figures: OperationsFigures, set: Set) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        const figures = await operations.figures();
        this.reset();
        // A reset leaves a series without labels at 0, which would be a statement.
        if (labelNames.length === 0) this.remove();
        observe(figures, (value, labels = {}) => this.set(labels, value));
      },
    });
  const sinceSeconds = (thenMs: number | null, nowMs: number) =>
    thenMs === null ? 0 : Math.max(0, (nowMs - thenMs) / 1000);

  gauge('breakwater_database_up', '1 while the database answers', [], ({ backlog }, set) =>
    set(backlog === null ? 0 : 1),
  );
  gauge('breakwater_queue_up', '1 while the job queues answer', [], ({ queues }, set) =>
    set(queues === null ? 0 : 1),
  );
  gauge(
    'breakwater_queue_jobs',
    'Jobs by task and state: waiting, active, delayed (planned or to be tried again)',
    ['task', 'state'],
    ({ queues }, set) => {
      for (const { task, waiting, active, delayed } of queues ?? []) {
        set(waiting, { task, state: 'waiting' });
        set(active, { task, state: 'active' });
        set(delayed, { task, state: 'delayed' });
      }
    },
  );
  gauge('breakwater_dead_letters', 'Jobs that failed for good and are kept', ['task'], ({ queues }, set) => {
    for (const { task, failed } of queues ?? []) set(failed, { task });
  });
  gauge('breakwater_outbox_pending', 'Entries of the outbox not yet dispatched', [], ({ backlog }, set) => {
    if (backlog !== null) set(backlog.outbox.pending);
  });
  gauge(
    'breakwater_outbox_lag_seconds',
    'Wall time since the oldest pending entry of the outbox was written, 0 without one',
    [],
    ({ backlog }, set) => {
      if (backlog !== null) set(sinceSeconds(backlog.outbox.oldestMs, Date.now()));
    },
  );
  gauge(
    'breakwater_sweep_lag_seconds',
    'Market time since the oldest stored margin status, 0 without accounts',
    [],
    ({ backlog }, set) => {
      if (backlog !== null) set(sinceSeconds(backlog.sweep.oldestAsOfMs, clock.nowMs()));
    },
  );
  gauge('breakwater_accounts', 'Accounts by whether a sweep has seen them', ['swept'], ({ backlog }, set) => {
    if (backlog === null) return;
    const { accounts, unswept } = backlog.sweep;
    set(accounts - unswept, { swept: 'true' });
    set(unswept, { swept: 'false' });
  });
  gauge(
    'breakwater_webhook_deliveries',
    'Webhook messages that have not arrived: pending, retrying (part of pending), dead (given up)',
    ['state'],
    ({ backlog }, set) => {
      if (backlog === null) return;
      const { pending, retrying, dead } = backlog.webhooks;
      set(pending, { state: 'pending' });
      set(retrying, { state: 'retrying' });
      set(dead, { state: 'dead' });
    },
  );
  gauge(
    'breakwater_webhook_lag_seconds',
    'Wall time since the oldest pending webhook message was made, 0 without one',
    [],
    ({ backlog }, set) => {
      if (backlog !== null) set(sinceSeconds(backlog.webhooks.oldestPendingMs, Date.now()));
    },
  );
  gauge(
    'breakwater_publications_open',
    'Parameters that wait to be mined on a hub',
    ['hub'],
    ({ backlog }, set) => {
      for (const { hub, count } of backlog?.publications.open ?? []) set(count, { hub });
    },
  );
  gauge(
    'breakwater_publish_lag_seconds',
    'Wall time since the oldest parameter that waits to be mined was made; absent without one',
    ['hub'],
    ({ backlog }, set) => {
      for (const { hub, oldestMs } of backlog?.publications.open ?? [])
        set(sinceSeconds(oldestMs, Date.now()), { hub });
    },
  );
  gauge(
    'breakwater_publications_stuck',
    'Messages to other chains that are longer under way than they should be',
    [],
    ({ backlog }, set) => {
      if (backlog !== null) set(backlog.publications.stuckArrivals);
    },
  );
  new Gauge({
    name: 'breakwater_chain_failed_rounds',
    help: 'Rounds of reads of a chain that failed in a row in this process',
    labelNames: ['chain'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { chain, failuresInRow } of operations.chains()) this.set({ chain }, failuresInRow);
    },
  });
}
