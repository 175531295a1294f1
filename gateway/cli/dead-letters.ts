import { runCommand } from './command.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';

await runCommand(deadLettersCommand);
