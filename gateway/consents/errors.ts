import { BreakwaterError } from '../../risk/errors.ts';

/** The deployment does not say for what name and chain owners sign: nothing is netted across protocols. */
export class ConsentsNotConfiguredError extends BreakwaterError {
  override readonly name = 'ConsentsNotConfiguredError';
  constructor() {
    super('this deployment nets nothing across protocols', {
      type: 'consents-not-configured',
      kind: 'conflict',
    });
  }
}
