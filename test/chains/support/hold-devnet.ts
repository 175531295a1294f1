import { startTestDevnet } from './local-chains.ts';

/** Starts the local chains, prints the process ids of their nodes, and stays until it is killed. */
const { chains } = await startTestDevnet();
process.stdout.write(`${JSON.stringify(chains.map((chain) => chain.pid))}\n`);
setInterval(() => undefined, 60_000);
