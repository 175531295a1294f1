import { runCommand } from './command.ts';
import { auditCommand } from './commands/audit.ts';

await runCommand(auditCommand);
