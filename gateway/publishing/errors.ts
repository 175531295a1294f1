import { BreakwaterError } from '../../risk/errors.ts';

/** The deployment publishes no such parameter of this protocol. */
export class UnknownParameterLineError extends BreakwaterError {
  override readonly name = 'UnknownParameterLineError';
  constructor(market: string, updateType: string) {
    super(`'${updateType}' of market '${market}' is not published for this protocol`, {
      type: 'unknown-parameter-line',
      kind: 'not-found',
    });
  }
}
