import { configDefaults, defineConfig } from 'vitest/config';

const KINDS = ['unit', 'prop', 'vector', 'chain', 'http', 'browser', 'fault'];
// Opt-in: needs a tfjs-node whose addon loads, which cannot be installed everywhere.
if (process.env.TFJS_NODE_DIR !== undefined) KINDS.push('native');

/** Files that start nothing and change nothing outside themselves share their modules: importing them anew costs more than the tests. */
const TOGETHER = [
  'test/{risk,oracles,models}/**/*.{unit,prop,vector}.ts',
  'test/gateway/{routes,schemas,csv,config,client}/**/*.{unit,prop,http}.ts',
];

/**
 * The suffix of a test file says its kind (.unit .prop .vector .chain .http .browser .fault, and .native on request).
 * Three workers for two cores: files that start processes mostly wait for them.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: [`test/**/*.{${KINDS.join()}}.ts`],
          exclude: [...configDefaults.exclude, ...TOGETHER],
          globalSetup: ['test/helpers/announce-skips.ts'],
        },
      },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
    ],
  },
});
