import { parseArgs } from 'node:util';
import { startCluster } from './cluster.ts';

/** `node --import tsx ops/cluster/main.ts [--gateways 2] [--workers 2] [--protocols 2]`: a cluster until Ctrl-C. */
const { values } = parseArgs({
  options: {
    gateways: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    protocols: { type: 'string', default: '2' },
  },
});
const ended = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
});
const cluster = await startCluster({
  gateways: Number(values.gateways),
  workers: Number(values.workers),
  protocols: Number(values.protocols),
  report: (line) => process.stdout.write(`${line}\n`),
});
for (const { name, url, program } of [...cluster.gateways, ...cluster.workers]) {
  process.stdout.write(`${name} ${url ?? ''} ${program.logFile}\n`);
}
for (const { id, key } of cluster.protocols) process.stdout.write(`protocol ${id} key ${key}\n`);
await ended;
await cluster.stop();
