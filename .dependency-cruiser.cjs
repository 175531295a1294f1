/**
 * Direction of knowledge (docs/architecture.md): risk <- {oracles, models, chains, db} <- jobs <- gateway.
 * The middle four do not know each other; entry points in gateway wire them.
 */
const layer = (name, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${name.split('-knows-')[0]}/` },
  to: { path: to },
});
module.exports = {
  forbidden: [
    layer('risk-knows-nothing', '^(oracles|models|chains|db|jobs|gateway)/', 'risk/ is pure and at the bottom'),
    layer('oracles-knows-risk', '^(models|chains|db|jobs|gateway)/', 'oracles/ may know risk/ only'),
    layer('models-knows-risk', '^(oracles|chains|db|jobs|gateway)/', 'models/ may know risk/ only'),
    layer('chains-knows-risk', '^(oracles|models|db|jobs|gateway)/', 'chains/ may know risk/ only'),
    layer('db-knows-risk', '^(oracles|models|chains|jobs|gateway)/', 'db/ may know risk/ only'),
    layer('jobs-knows-below', '^gateway/', 'jobs/ must not know gateway/'),
    {
      name: 'risk-does-no-io',
      comment: 'risk/ does no I/O, reads no clock and no random source, and knows no client',
      severity: 'error',
      from: { path: '^risk/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/zod/',
      },
    },
    {
      name: 'pure-maths-does-no-io',
      comment: 'guards, aggregation and quotes of oracles/ and the maths of models/ are pure',
      severity: 'error',
      from: { path: '^(oracles/(quotes|guards|aggregation)|models/(features|baselines|evaluation))/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(zod|viem|@noble)/',
      },
    },
    {
      name: 'tensorflow-in-models-only',
      severity: 'error',
      from: { pathNot: '^(models|test|bench)/' },
      to: { path: '^node_modules/@tensorflow/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'products-do-not-know-tests',
      severity: 'error',
      from: { path: '^(risk|oracles|models|chains|db|jobs|gateway)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'], conditionNames: ['import', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
};
