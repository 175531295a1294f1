import { z } from '@hono/zod-openapi';

export const healthSchema = z.object({ status: z.literal('ok'), network: z.string() }).openapi('Health');

export const readySchema = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .openapi('Readiness');
