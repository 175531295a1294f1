import { readFileSync } from 'node:fs';
import { ConfigurationError } from './config-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Largest file that is read as a value. */
const MOST_CHARACTERS = 65_536;

/** These name a file of another kind, or are read where they are used. */
const NOT_VALUES: ReadonlySet<string> = new Set(['NETWORK', 'CHAIN_KEY']);

const present = (value: string | undefined) => value !== undefined && value.trim() !== '';

/**
 * The environment with each of the variables that is not set, but whose `NAME_FILE` is, read from that file (a secret
 * of Docker or a credential of systemd), without the line break at its end. Other files are not looked at.
 * @throws ConfigurationError naming every variable that is given twice or whose file cannot be read
 */
export function withSecretFiles(environment: Environment, names: Iterable<string>): Environment {
  const read: Record<string, string> = {};
  const issues: { field: string; message: string }[] = [];
  for (const name of new Set(names)) {
    const field = `${name}_FILE`;
    const file = environment[field]?.trim();
    if (NOT_VALUES.has(name) || file === undefined || file === '') continue;
    if (present(environment[name])) {
      issues.push({ field, message: `is given beside ${name}` });
      continue;
    }
    try {
      const value = readFileSync(file, 'utf8').trim();
      if (value === '' || value.length > MOST_CHARACTERS) {
        issues.push({ field, message: 'names a file that is empty or too long' });
      } else read[name] = value;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      issues.push({ field, message: code === 'ENOENT' ? 'no such file' : `cannot be read: ${code}` });
    }
  }
  if (issues.length > 0) throw new ConfigurationError('the environment is not valid', issues);
  return { ...environment, ...read };
}
