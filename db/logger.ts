type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** What storage and jobs ask of a logger; a pino logger fits as it is. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

const nothing: Log = () => undefined;
/** Used where the caller gave no logger. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
