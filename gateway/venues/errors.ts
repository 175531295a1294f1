import { BreakwaterError } from '../../risk/errors.ts';

/** What the account had at a venue on chain at a past moment is not kept, and the question needs all of it. */
export class PastVenueUnknownError extends BreakwaterError {
  override readonly name = 'PastVenueUnknownError';
  constructor(accountId: string, chains: readonly string[]) {
    super(`what '${accountId}' had on ${chains.join(', ')} at a past moment is not kept`, {
      type: 'past-venue-unknown',
      kind: 'conflict',
      details: { accountId, chains },
    });
  }
}
