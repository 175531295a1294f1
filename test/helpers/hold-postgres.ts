import { startEmbeddedPostgres } from '../../db/embedded.ts';

/**
 * Program for tests that kill a parent: starts the embedded server on the directory of its first argument, prints
 * `{ url, pid }` and waits; on SIGINT it stops in order and prints `stopped`.
 */
const server = await startEmbeddedPostgres({ dataDir: process.argv[2]!, sync: false });
const keepAlive = setInterval(() => undefined, 60_000);
process.on('SIGINT', () => {
  // Late, as a gateway is that still drains: the server must be there until it is asked to stop.
  setTimeout(async () => {
    await server.stop();
    clearInterval(keepAlive);
    console.log('stopped');
  }, 500);
});
console.log(JSON.stringify({ url: server.url, pid: process.pid }));
