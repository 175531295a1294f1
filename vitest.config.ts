import { defineConfig } from 'vitest/config';

/**
 * The suffix of a test file says its kind (.unit .prop .vector .chain .http .browser .fault).
 * Two workers: the suite is sized for two cores, and several kinds start processes of their own.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.{unit,prop,vector,chain,http,browser,fault}.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
