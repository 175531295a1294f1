import { runCommand } from './command.ts';
import { webhooksCommand } from './commands/webhooks.ts';

await runCommand(webhooksCommand);
