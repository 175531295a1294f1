import { parseArgs } from 'node:util';
import { verifyAudit } from '../../../db/queries/verify-audit.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { Command } from '../command.ts';
import { withDatabase } from '../open-database.ts';

const USAGE = `usage: npm run audit -- verify [--expect PROTOCOL:SEQUENCE:HASH ...]
Recomputes the audit log and names every entry that was changed, removed or moved; exit code 1 when there is one.
Prints the head of each chain: kept elsewhere and given with --expect, it also finds a chain that was rewritten whole.`;

/** @throws InvalidInputError */
function expectation(text: string) {
  const match = /^(_?[a-z0-9][a-z0-9-]{0,62}):(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  if (!match) throw new InvalidInputError('--expect', 'must be PROTOCOL:SEQUENCE:HASH as verify prints it');
  return { protocol: match[1]!, sequence: Number(match[2]), hash: match[3]! };
}

/** `npm run audit`. */
export const auditCommand: Command = {
  usage: USAGE,
  run: async ({ args, environment, print }) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { expect: { type: 'string', multiple: true } },
    });
    if (positionals[0] !== 'verify' || positionals.length !== 1) return null;
    const expected = (values.expect ?? []).map(expectation);
    return withDatabase(environment, async (database) => {
      const { chains, entries, faults } = await verifyAudit(database, expected);
      for (const { protocol, sequence, hash } of chains) {
        print(`head ${protocol}:${sequence}:${hash}`);
      }
      for (const { protocol, sequence, what, message } of faults) {
        print(`${what} ${protocol} entry ${sequence}: ${message}`);
      }
      const verdict = faults.length === 0 ? 'intact' : `${faults.length} faults`;
      print(`${entries} entries in ${chains.length} chains: ${verdict}`);
      return faults.length === 0 ? 0 : 1;
    });
  },
};
