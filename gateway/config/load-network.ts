import { readFileSync } from 'node:fs';
import type { FieldIssue } from '../../risk/errors.ts';
import { checkJson } from '../json/check.ts';
import { MalformedJsonError } from '../json/errors.ts';
import { fieldPath } from '../json/path.ts';
import { ConfigurationError } from './config-error.ts';
import { interpolateEnvironment } from './interpolate.ts';
import { type NetworkConfig, networkSchema } from './network.ts';
import { withSecretFiles } from './secret-files.ts';

/**
 * Reads a network file: JSON with `${NAME}` references to the environment (or to the file of `NAME_FILE`), checked against networkSchema.
 * @throws ConfigurationError naming every problem by its path in the file.
 */
export function loadNetworkFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): NetworkConfig {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigurationError(`the network file ${path} cannot be read`, [
      { field: 'NETWORK_FILE', message: code === 'ENOENT' ? 'no such file' : code },
    ]);
  }
  return parseNetwork(text, path, environment);
}

/** The same for a text that was read already; `name` says in errors where it came from. */
export function parseNetwork(
  text: string,
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): NetworkConfig {
  const names = [...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)\}/g)].map(([, variable]) => variable!);
  const complete = withSecretFiles(environment, names);
  const { value, missing } = interpolateEnvironment(parseJson(text, name), complete);
  const unset: FieldIssue[] = missing.map(({ path, name: variable }) => ({
    field: fileField(path),
    message: `needs the environment variable ${variable}`,
  }));
  const parsed = networkSchema.safeParse(value);
  if (parsed.success && unset.length === 0) return parsed.data;
  const withVariable = new Set(unset.map(({ field }) => field));
  const invalid = (parsed.success ? [] : parsed.error.issues).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: fileField([...issue.path, key]), message: 'is not a known field' }))
      : [{ field: fileField(issue.path), message: issue.message }],
  );
  // A reference that is not set is the cause; what the unreplaced text then violates is not worth saying.
  throw new ConfigurationError(`the network file ${name} is not valid`, [
    ...unset,
    ...invalid.filter(({ field }) => !withVariable.has(field)),
  ]);
}

function parseJson(text: string, name: string): unknown {
  try {
    checkJson(text, { maxDepth: 32, maxItems: 10_000 });
  } catch (error) {
    if (!(error instanceof MalformedJsonError)) throw error;
    throw new ConfigurationError(`the network file ${name} is not valid JSON`, error.issues);
  }
  return JSON.parse(text);
}

function fileField(path: readonly PropertyKey[]): string {
  return fieldPath(path) || 'file';
}
