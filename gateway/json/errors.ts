import { BreakwaterError } from '../../risk/errors.ts';

/** The text is not JSON, or JSON in a form that two readers could understand differently. */
export class MalformedJsonError extends BreakwaterError {
  override readonly name = 'MalformedJsonError';
  constructor(field: string, message: string) {
    super(`${field}: ${message}`, {
      type: 'malformed-json',
      kind: 'invalid-input',
      issues: [{ field, message }],
    });
  }
}
