/** The part of a pino logger that chains/ uses. */
export interface ChainLogger {
  /** Every request to an endpoint. */
  debug?(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
