import type { Table } from '../csv/respond.ts';
import type { MarginDto } from './margin.ts';

const COLUMNS = [
  'accountId',
  'asOf',
  'validUntil',
  'stale',
  'status',
  'positionId',
  'chain',
  'term',
  'equity',
  'initial',
  'maintenance',
  'failure',
];

/** The lines of a margin, then what could not be valued, each with what the answer says of itself. */
export function marginTable(margin: MarginDto): Table {
  const { accountId, asOf, validUntil, stale, status } = margin;
  const answer = [accountId, asOf, validUntil, stale, status];
  const rows = [
    ...margin.lines.map(({ positionId, chain, term, equity, initial, maintenance }) => [
      ...answer,
      positionId,
      chain,
      term,
      equity,
      initial,
      maintenance,
      null,
    ]),
    ...margin.failures.map(({ positionId, reason }) => [
      ...answer,
      positionId,
      null,
      null,
      null,
      null,
      null,
      reason.code,
    ]),
  ];
  return { name: 'margin', columns: COLUMNS, rows };
}
