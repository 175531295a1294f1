import { runProgram, untilAborted } from './runtime/run-program.ts';
import { startLive } from './runtime/start-live.ts';

await runProgram('breakwater gateway', async (context) => {
  const { engine, url } = await startLive(context, { http: true, jobs: false });
  process.stdout.write(
    `breakwater gateway: network ${engine.network.name}${url === null ? '' : `, ${url}`}\n`,
  );
  await untilAborted(context.signal);
  return 0;
});
