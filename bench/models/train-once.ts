/** One training epoch on one backend, in a process of its own so that its peak memory is its own: prints JSON. */
import { readFileSync } from 'node:fs';
import { harxContext } from '../../models/features/asset-context.ts';
import { buildRows } from '../../models/network/dataset.ts';
import { type Backend, loadTensorFlow } from '../../models/network/loader.ts';
import { DEFAULT_TRAINING } from '../../models/network/options.ts';
import { trainNetwork } from '../../models/network/train-network.ts';
import { benchBars } from './data.ts';

/** Peak resident memory of this program in MB; the figure of getrusage would be its parent's, which survives fork and exec. */
function peakMegabytes(): number {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  if (match === null) throw new Error('peak memory is read from /proc, on Linux only');
  return Number(match[1]) / 1024;
}

const [backend, hours] = [process.argv[2] as Backend, Number(process.argv[3])];
try {
  const { tf, library } = await loadTensorFlow([backend], process.env.TFJS_NODE_DIR);
  const bars = benchBars(hours, 1);
  const rows = buildRows('XYZ', bars, harxContext('XYZ', new Map([['XYZ', { bars, funding: null }]])));
  const before = peakMegabytes();
  const started = performance.now();
  await trainNetwork(tf, [rows], bars.at(-1)!.tsMs, { ...DEFAULT_TRAINING, epochs: 1 }, 1);
  const seconds = (performance.now() - started) / 1000;
  const peak = peakMegabytes();
  process.stdout.write(
    JSON.stringify({
      library,
      rows: rows.rows,
      seconds,
      peakMegabytes: peak,
      beforeMegabytes: before,
    }),
  );
} catch (error) {
  process.stdout.write(JSON.stringify({ absent: error instanceof Error ? error.message : String(error) }));
}
process.exit(0);
