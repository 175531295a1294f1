import { runCommand } from './command.ts';
import { proposalsCommand } from './commands/proposals.ts';

await runCommand(proposalsCommand);
