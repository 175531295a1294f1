import { runCommand } from './command.ts';
import { keysCommand } from './commands/keys.ts';

await runCommand(keysCommand);
