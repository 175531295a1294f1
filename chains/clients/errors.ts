import { BreakwaterError } from '../../risk/errors.ts';

export interface EndpointFailure {
  readonly endpoint: string;
  readonly reason: string;
}

/** No endpoint of a chain can be read from now; says why for each. Reading again later may succeed. */
export class ChainUnavailableError extends BreakwaterError {
  override readonly name = 'ChainUnavailableError';
  readonly chain: string;
  readonly failures: readonly EndpointFailure[];
  constructor(chain: string, failures: readonly EndpointFailure[]) {
    const list = failures.map(({ endpoint, reason }) => `${endpoint}: ${reason}`).join('; ');
    super(`chain ${chain} cannot be read: ${list}`, {
      type: 'chain-unavailable',
      kind: 'unavailable',
      retryable: true,
      details: { chain, endpoints: failures },
    });
    this.chain = chain;
    this.failures = failures;
  }
}
