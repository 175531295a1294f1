import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { childrenOf } from './memory.ts';

/** Ticks of /proc per second: USER_HZ, 100 on every Linux. */
const TICKS = 100;

/** Processor time of a process and of all that are or were below it, in seconds; 0 when it has ended. Linux. */
export function processorSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name in brackets: utime, stime, cutime and cstime are fields 14 to 17 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const own = fields.slice(11, 15).reduce((sum, one) => sum + Number(one), 0) / TICKS;
    return childrenOf(pid).reduce((sum, child) => sum + processorSeconds(child), own);
  } catch {
    return 0;
  }
}

/** Seconds for which the cores of the machine were busy since it started, all programs together. */
export function machineSeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, niced = 0, system = 0, , , interrupt = 0, soft = 0] = line;
  return (user + niced + system + interrupt + soft) / TICKS;
}

export const cores = (): number => cpus().length;
