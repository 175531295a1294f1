import { BreakwaterError } from '../../risk/errors.ts';

/** A part of a local cluster cannot be had, does not start or does not become ready. */
export class ClusterError extends BreakwaterError {
  override readonly name = 'ClusterError';
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message, { type: 'cluster-failed', kind: 'unavailable', retryable: false, details });
  }
}
