import type { Database } from '../../db/connection.ts';
import { type Reservation, reservationsOf, reserveWithdrawal } from '../../db/queries/withdrawals.ts';
import type { UnixMs } from '../../risk/units/time.ts';

/** Withdrawals that were signed, at whichever gateway. */
export interface Reservations {
  /** Those that may still be used. @throws DatabaseUnavailableError */
  of(protocol: string, account: string, nowMs: UnixMs): Promise<readonly Reservation[]>;
  /** Reserves one unless there are others of the account than those seen. @returns whether it did. @throws DatabaseUnavailableError */
  reserve(reservation: Reservation, seen: readonly Reservation[], nowMs: UnixMs): Promise<boolean>;
}

/** How long ago an attestation may have expired that still counts: its chain may be out of reach since. */
const LOOK_BACK_MS = 86_400_000;

export function databaseReservations(database: Database): Reservations {
  return {
    of: (protocol, account, nowMs) => reservationsOf(database.orm, protocol, account, nowMs - LOOK_BACK_MS),
    reserve: (reservation, seen, nowMs) =>
      reserveWithdrawal(database, reservation, {
        seen: new Set(seen.map(({ digest }) => digest)),
        // A little later than they were read: what has aged out meanwhile must not look new.
        sinceMs: nowMs - LOOK_BACK_MS,
        nowMs,
      }),
  };
}
