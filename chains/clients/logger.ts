/** The part of a pino logger that chains/ uses. */
export interface ChainLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
