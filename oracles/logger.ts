/** The part of a pino logger that oracles/ uses. Nothing secret is ever passed to it. */
export interface OracleLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLogger: OracleLogger = { debug: () => {}, info: () => {}, warn: () => {} };
