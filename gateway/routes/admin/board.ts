import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { ALL_TASKS } from '../../../jobs/all-tasks.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';

export const BOARD_PATH = '/admin/queues';

/** bull-board over the queues of all tasks, read only: what changes a queue goes through the audited command line. */
export async function createBoard(backend: QueueBackend): Promise<Hono> {
  const queues = await Promise.all(
    ALL_TASKS.map(async ({ name }) => {
      const queue = await backend.queue(name);
      return new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false });
    }),
  );
  const serverAdapter = new HonoAdapter(serveStatic);
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Breakwater', hideRedisDetails: true } },
  });
  return new Hono().route(BOARD_PATH, serverAdapter.registerPlugin());
}
