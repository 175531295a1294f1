import { BreakwaterError, type FieldIssue } from '../../risk/errors.ts';

/** The configuration cannot be used; every wrong variable or path is named in one error. */
export class ConfigurationError extends BreakwaterError {
  override readonly name = 'ConfigurationError';
  constructor(what: string, issues: readonly FieldIssue[]) {
    super(`${what}:\n${issues.map(({ field, message }) => `  ${field}: ${message}`).join('\n')}`, {
      type: 'configuration',
      kind: 'internal',
      issues,
    });
  }
}
