// Who may import whom. test/architecture.test.ts proves that every rule here bites on a fixture that breaks it.
const events = 'domain/(|.+/)events\\.ts$';
/** How what is stored is proven: formats without rules of the service. */
const proof = 'domain/audit-proof/';
const ports =
  'application/(geo-ip|idempotency|limits|ports|retention|session-cache|tracing|verdicts|virtuozzo|sign-note)\\.ts$';

/** Each layer, and what it may import of src besides itself. */
const layers = {
  domain: [],
  application: ['domain/'],
  projections: [events, 'domain/(expiry|permissions|merkle|merkle-verification|compact-range)\\.ts$', proof, ports],
  api: ['application/', 'projections/', 'domain/errors\\.ts$', events],
  workers: ['application/', 'domain/errors\\.ts$', events],
  adapters: [ports, events, proof],
  embedded: ['config\\.ts$'],
  // It runs in other people's services.
  client: [],
};

/** Where what comes from outside is checked. */
const borders = [
  'api/',
  'adapters/',
  'workers/',
  'embedded/',
  'cli/',
  'config\\.ts$',
  'composition/permission-seed\\.ts$',
];

const packages = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'unknown'];
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });
const inSrc = (...paths) => paths.map((path) => `^src/${path}`);

const layerRules = Object.entries(layers).map(([layer, allowed]) =>
  forbid(
    `${layer}-imports-only-its-own`,
    { path: `^src/${layer}/` },
    { path: '^src/', pathNot: inSrc(`${layer}/`, ...allowed) },
  ),
);

module.exports = {
  forbidden: [
    ...layerRules,
    forbid('config-imports-only-packages', { path: '^src/config\\.ts$' }, { path: '^src/' }),
    forbid(
      'adapters-only-from-the-composition-root',
      { path: '^src/', pathNot: inSrc('adapters/', 'composition/', 'compose\\.ts$', 'main\\.ts$', 'cli/') },
      { path: '^src/adapters/' },
    ),
    forbid(
      'tracing-is-loaded-on-demand',
      { path: '^src/' },
      {
        path: '^src/adapters/(opentelemetry-tracing|otlp-exporter)\\.ts$',
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    ),
    forbid(
      'opentelemetry-only-behind-its-adapters',
      { path: '^src/', pathNot: inSrc('adapters/(opentelemetry-tracing|otlp-exporter|traceparent)\\.ts$') },
      { path: 'node_modules/@opentelemetry/' },
    ),
    forbid(
      'embedded-only-from-main',
      { path: '^src/', pathNot: inSrc('embedded/', 'main\\.ts$', 'cli/') },
      { path: '^src/embedded/' },
    ),
    forbid(
      'api-takes-only-types-of-events',
      { path: '^src/api/' },
      { path: events, dependencyTypesNot: ['type-only'] },
    ),

    forbid('domain-has-no-packages', { path: '^src/domain/' }, { dependencyTypes: [...packages, 'core'] }),
    forbid('application-has-no-packages', { path: '^src/application/' }, { dependencyTypes: [...packages, 'core'] }),
    forbid(
      'projections-know-no-package-but-pg',
      { path: '^src/projections/' },
      { dependencyTypes: packages, pathNot: 'node_modules/(@types/)?pg/' },
    ),
    forbid(
      'projections-take-only-types-of-pg',
      { path: '^src/projections/' },
      { path: 'node_modules/(@types/)?pg/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'client-knows-no-package-but-jose',
      { path: '^src/client/' },
      { dependencyTypes: packages, pathNot: 'node_modules/jose/' },
    ),
    forbid('zod-only-at-the-borders', { path: '^src/', pathNot: inSrc(...borders) }, { path: 'node_modules/zod/' }),
    forbid(
      'only-declared-packages',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'], pathNot: 'node_modules/@types/' },
    ),

    forbid('src-imports-no-tests', { path: '^src/' }, { path: '^(test|bench)/' }),
    forbid('no-cycles', { path: '^src/' }, { circular: true }),
    forbid('no-orphans', { path: '^src/', orphan: true }, {}),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
