import { runProgram, untilAborted } from './runtime/run-program.ts';
import { startLive } from './runtime/start-live.ts';

await runProgram('breakwater worker', async (context) => {
  const { engine, metricsUrl } = await startLive(context, { http: false, jobs: true });
  process.stdout.write(
    `breakwater worker: network ${engine.network.name}${metricsUrl === null ? '' : `, ${metricsUrl}/metrics`}\n`,
  );
  await untilAborted(context.signal);
  return 0;
});
