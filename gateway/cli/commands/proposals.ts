import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isAddress, zeroAddress } from 'viem';
import { z } from 'zod';
import type { Database } from '../../../db/connection.ts';
import { vetoProposal } from '../../../db/queries/decide-proposal.ts';
import { type GovernancePolicy, getPolicy, putPolicy } from '../../../db/queries/governance.ts';
import { listApprovals, listProposals } from '../../../db/queries/proposals.ts';
import { InvalidInputError } from '../../../risk/errors.ts';
import { type Command, type CommandIo, durationMs, needed, subcommand, table } from '../command.ts';
import { withDatabase } from '../open-database.ts';

const USAGE = `usage: npm run proposals -- <command> --protocol ID
  policy                         shows who decides
  policy --signers 0x..,0x.. --threshold 2 [--time-lock 24h] [--notice 24h] [--approve-within 7d]
         [--chain-id 1] [--contract 0x..] [--bounds FILE]     sets who decides; FILE is JSON, see docs/governance.md
  list
  veto PROPOSAL_ID --reason TEXT
Works on DATABASE_URL, or on the embedded database in DATA_DIR.`;

type Print = CommandIo['print'];

const boundsSchema = z.record(
  z.string().min(1),
  z.strictObject({
    min: z.number().optional(),
    max: z.number().optional(),
    maxRelativeChange: z.number().positive().optional(),
  }),
);

/** @throws InvalidInputError */
function readBounds(file: string | undefined): GovernancePolicy['bounds'] {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InvalidInputError('--bounds', error instanceof Error ? error.message : String(error));
  }
  const parsed = boundsSchema.safeParse(content);
  if (parsed.success) return parsed.data as GovernancePolicy['bounds'];
  const [issue] = parsed.error.issues;
  throw new InvalidInputError(`--bounds ${issue?.path.join('.') ?? ''}`, issue?.message ?? 'is not valid');
}

function integer(text: string, option: string, minimum: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) < minimum) {
    throw new InvalidInputError(option, `must be an integer of at least ${minimum}`);
  }
  return Number(text);
}

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  protocol: TEXT,
  signers: TEXT,
  threshold: TEXT,
  'time-lock': TEXT,
  notice: TEXT,
  'approve-within': TEXT,
  'chain-id': TEXT,
  contract: TEXT,
  bounds: TEXT,
  reason: TEXT,
};
type Option = (name: keyof typeof OPTIONS) => string | undefined;

/** @throws InvalidInputError */
function policyFrom(option: Option): GovernancePolicy {
  const signers = needed(option('signers'), '--signers')
    .split(',')
    .map((signer) => signer.trim().toLowerCase());
  const wrong = signers.find((signer) => !isAddress(signer));
  if (wrong !== undefined) throw new InvalidInputError('--signers', `${wrong} is not an address`);
  if (new Set(signers).size !== signers.length) throw new InvalidInputError('--signers', 'name one twice');
  const threshold = integer(needed(option('threshold'), '--threshold'), '--threshold', 1);
  if (threshold > signers.length)
    throw new InvalidInputError('--threshold', 'is more than there are signers');
  const contract = option('contract') ?? zeroAddress;
  if (!isAddress(contract, { strict: false })) throw new InvalidInputError('--contract', 'is not an address');
  const seconds = (name: 'time-lock' | 'notice' | 'approve-within', fallback: string) =>
    durationMs(option(name) ?? fallback, `--${name}`) / 1000;
  return {
    signers,
    threshold,
    timeLockSeconds: seconds('time-lock', '24h'),
    noticeSeconds: seconds('notice', '24h'),
    approvalSeconds: seconds('approve-within', '7d'),
    chainId: integer(option('chain-id') ?? '1', '--chain-id', 1),
    verifyingContract: contract.toLowerCase(),
    bounds: readBounds(option('bounds')),
  };
}

async function policy(print: Print, database: Database, protocol: string, option: Option): Promise<void> {
  if (option('signers') !== undefined) await putPolicy(database, protocol, policyFrom(option), 'cli');
  const present = await getPolicy(database.orm, protocol);
  print(present === null ? `${protocol} has no policy` : JSON.stringify(present, null, 2));
}

async function list(print: Print, database: Database, protocol: string): Promise<void> {
  const found = await listProposals(database.orm, protocol, { before: null, limit: 1000 });
  const approvals = await listApprovals(
    database.orm,
    found.map(({ id }) => id),
  );
  const rows = found.map((proposal) => [
    proposal.id,
    proposal.state,
    `${approvals.get(proposal.id)?.length ?? 0}/${proposal.policy.threshold}`,
    `${proposal.moduleId}@${proposal.moduleVersion}`,
    proposal.executableAtMs === null ? '-' : new Date(proposal.executableAtMs).toISOString(),
    proposal.title,
  ]);
  print(table([['id', 'state', 'approvals', 'module', 'executable', 'title'], ...rows]));
}

/** `npm run proposals`. */
export const proposalsCommand: Command = {
  usage: USAGE,
  run: async ({ args, environment, print }) => {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
    const option: Option = (name) => values[name];
    const [command, id] = positionals;
    const runs: Readonly<Record<string, (database: Database, protocol: string) => Promise<void>>> = {
      policy: (database, protocol) => policy(print, database, protocol, option),
      list: (database, protocol) => list(print, database, protocol),
      veto: async (database, protocol) => {
        const reason = needed(option('reason'), '--reason');
        const ask = { protocol, id: needed(id, 'PROPOSAL_ID'), reason };
        const { state } = await vetoProposal(database, ask, 'cli');
        print(`${ask.id} is ${state}`);
      },
    };
    const run = subcommand(runs, command);
    if (run === undefined) return null;
    const protocol = needed(option('protocol'), '--protocol');
    await withDatabase(environment, (database) => run(database, protocol));
    return 0;
  },
};
