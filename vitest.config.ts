import { defineConfig } from 'vitest/config';

const KINDS = ['unit', 'prop', 'vector', 'chain', 'http', 'browser', 'fault'];
// Opt-in: needs a tfjs-node whose addon loads, which cannot be installed everywhere.
if (process.env.TFJS_NODE_DIR !== undefined) KINDS.push('native');

/**
 * The suffix of a test file says its kind (.unit .prop .vector .chain .http .browser .fault, and .native on request).
 * Two workers: the suite is sized for two cores, and several kinds start processes of their own.
 */
export default defineConfig({
  test: {
    include: [`test/**/*.{${KINDS.join()}}.ts`],
    globalSetup: ['test/helpers/announce-skips.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
