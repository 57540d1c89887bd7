import { defineConfig } from 'oxlint';

/* The levels of src, lowest first. A file imports from its own level or from below, never from above. */

const entries = ['**/cli.ts', '**/serve.ts', '**/start-faults.ts', '**/commands/**'];
const assembly = [
  '**/app.ts',
  '**/job-list.ts',
  '../openapi.ts',
  '../../openapi.ts',
  '../../../openapi.ts',
  '**/plugins/**',
];
// What the platform stands on: files of src that import nothing but each other.
const floor = ['env-file', 'errors', 'limits', 'setting-names', 'spelling', 'topics', 'version'];
const settings = ['**/config.ts', '**/setting-values.ts'];
const contextFile = '**/context.ts';
// Lowest first: each may import those before it.
const platform = ['async', 'trace', 'db', 'metrics', 'jobs', 'storage', 'http', 'log', 'installation', 'idempotency'];
// Highest first: each may import those that follow it.
const features = [
  'erasure',
  'inbox',
  'generations',
  'packs',
  'images',
  'loras',
  'trainings',
  'models',
  'photos',
  'avatars',
  'users',
];
const sideFeatures = ['webhooks', 'events', 'keys'];

const inFolder = (folder: string) => `**/${folder}/**`;

function upwards(allFiles: string[], reason: string) {
  return {
    group: allFiles,
    message: `${reason} Imports point downward: entries, assembly, features, trainers, fal-jobs, context, fal, settings, platform, floor.`,
  };
}

const mayBeClient = (files: string[]) => files.includes('src/commands/**');

const scratchFile = 'src/platform/storage/scratch.ts';
/** Folders of other names outlive a process that is killed, with the photos of faces in them. */
const scratch = ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'].map((name) => ({
  name,
  importNames: ['mkdtemp', 'mkdtempSync', 'mkdtempDisposable', 'mkdtempDisposableSync'],
  message: 'withScratch of src/platform/storage/scratch.ts makes temporary folders that are removed whatever happens.',
}));

/** The rule for one folder of src: what it may not import, besides what nobody may. */
function level(files: string[], forbidden: string[], reason: string) {
  const fal = files.includes('src/fal/**') ? [] : [{ name: '@fal-ai/client', message: 'Only src/fal speaks to fal.' }];
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [...fal, ...(files.includes(scratchFile) ? [] : scratch)],
          patterns: [
            {
              group: ['**/fal-sandbox/**', '**/test/**', '**/lab/**'],
              message: 'The service knows neither the sandbox nor the tests.',
            },
            ...(mayBeClient(files)
              ? []
              : [{ group: ['**/packages/client/**'], message: 'Only the demo is a client.' }]),
            ...(forbidden.length > 0 ? [upwards(forbidden, reason)] : []),
          ],
        },
      ],
    },
  } as const;
}

type Patterns = ({ group: string[]; message: string } | { regex: string; message: string })[];

const aboveFalJobs = [...entries, ...assembly, '**/features/**', '**/adoption/**', '**/database.ts'];
const aboveFal = [...aboveFalJobs, inFolder('fal-jobs'), contextFile];
const abovePlatform = [...aboveFal, inFolder('fal'), ...settings];

/** The folders of platform in their order, and the files of src that are no entry and no assembly in theirs. */
const ordered = [
  level(
    floor.map((name) => `src/${name}.ts`),
    [...abovePlatform, '**/platform/**'],
    'The floor stands on nothing.',
  ),
  level(['src/config.ts', 'src/setting-values.ts'], [...aboveFal, inFolder('fal')], 'Settings know the platform.'),
  level(['src/context.ts'], [...aboveFalJobs, inFolder('fal-jobs')], 'The context carries platform and fal.'),
  level(
    ['src/database.ts'],
    [...entries, ...assembly, '**/features/**', contextFile],
    'It tells schema-tools of ours.',
  ),
  ...platform.map((folder, index) =>
    level(
      [`src/platform/${folder}/**`],
      [...abovePlatform, ...platform.slice(index + 1).map(inFolder)],
      `The platform knows no avatar; its folders from below: ${platform.join(', ')}.`,
    ),
  ),
  level(['src/platform/*.ts'], [...abovePlatform, ...platform.map(inFolder)], 'All folders of platform stand on it.'),
];

function inPackage(name: string, patterns: Patterns) {
  return { files: [`packages/${name}/**`], rules: { 'no-restricted-imports': ['error', { patterns }] } } as const;
}

const knowNoTest = { group: ['**/test/**', '**/lab/**'], message: 'Packages know no test.' };
/** What a package that stands by itself may not know. */
const standsAlone: Patterns = [
  knowNoTest,
  {
    regex: '^(\\.\\./){3,}src/|^@likeness/',
    message: 'It shares no code with the service, and needs no other package.',
  },
];

/** The layers of schema-tools, lowest first: each may import those before it. */
const schemaLayers = ['text', 'history', 'catalog', 'diff', 'fix', 'report', 'acts', 'answers'];

const inSchemaTools = schemaLayers.map((layer, index) =>
  inPackage(`schema-tools/src/${layer}`, [
    { group: ['**/src/**', '**/test/**', '**/lab/**'], message: 'Schema-tools know no service and no test.' },
    {
      group: [...schemaLayers.slice(index + 1), 'adoption'].map(inFolder),
      message: `Imports of schema-tools point downward: ${schemaLayers.toReversed().join(', ')}.`,
    },
  ]),
);

/** A laboratory, or the ground of all: tests stand on it, and not the other way round. */
function laboratory(files: string, others: string[]) {
  const patterns = [
    { group: ['**/test/**'], message: 'Tests stand on lab/ground, which holds what both need.' },
    ...(others.length > 0
      ? [{ group: others.map(inFolder), message: 'What two laboratories need is in lab/ground.' }]
      : []),
  ];
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] } } as const;
}

const allFeatures = [...features, ...sideFeatures];

// Webhooks are how events are sent.
function knows(feature: string, other: string): boolean {
  return feature === other || (feature === 'webhooks' && other === 'events');
}

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error' },
  options: { typeAware: true, denyWarnings: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['migrations', 'coverage', '.tap', '.likeness', 'node_modules', 'packages/client/dist'],
  rules: {
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'typescript/no-floating-promises': [
      'error',
      {
        checkThenables: true,
        // What Fastify gives back for chaining can be awaited and need not be; tap awaits its subtests itself.
        allowForKnownSafePromises: [
          { from: 'package', name: ['FastifyInstance', 'FastifyReply'], package: 'fastify' },
          { from: 'package', name: ['PromiseWithSubtest'], package: '@tapjs/core' },
        ],
      },
    ],
    'typescript/no-misused-promises': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/only-throw-error': 'error',
    'typescript/return-await': ['error', 'in-try-catch'],
    'unicorn/filename-case': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    // Suspicions that our habits answer otherwise: closures in place of classes, pg's and typebox's default exports,
    // Fastify's async handlers, tap's inner `t`, and casts at the border, which reviews look at.
    'no-shadow': 'off',
    'typescript/unbound-method': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'import/no-named-as-default': 'off',
    'import/no-named-as-default-member': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    'promise/always-return': 'off',
    // The compiler sees these better, or they see a copy that is our own.
    'typescript/consistent-return': 'off',
    'typescript/no-unsafe-enum-comparison': 'off',
    'no-unmodified-loop-condition': 'off',
    'unicorn/no-array-sort': 'off',
  },
  overrides: [
    level(['src/*.ts'], [], ''),
    level(['src/commands/**'], [], ''),
    level(['src/plugins/**', 'src/app.ts', 'src/job-list.ts', 'src/openapi.ts'], entries, 'Assembly knows no entry.'),
    ...features.map((feature, index) =>
      level(
        [`src/features/${feature}/**`],
        [
          ...entries,
          ...assembly,
          ...features.slice(0, index).map(inFolder),
          ...sideFeatures.map(inFolder),
          '!**/events/publish.ts',
          // Each feature says itself what of a person it keeps.
          ...(feature === 'erasure' ? ['!**/events/erase.ts', '!**/webhooks/erase.ts'] : []),
        ],
        `${feature} is below that.`,
      ),
    ),
    ...sideFeatures.map((feature) =>
      level(
        [`src/features/${feature}/**`],
        [...entries, ...assembly, ...allFeatures.filter((other) => !knows(feature, other)).map(inFolder)],
        `${feature} knows no other feature.`,
      ),
    ),
    level(
      ['src/adoption/**'],
      [...entries, ...assembly, ...allFeatures.map(inFolder), inFolder('trainers')],
      'Adoption is told of trainers.',
    ),
    level(
      ['src/features/trainers/**'],
      [...entries, ...assembly, ...allFeatures.map(inFolder)],
      'Trainers know no feature.',
    ),
    level(
      ['src/fal-jobs/**'],
      aboveFalJobs,
      'The machine of paid jobs is told by a kind what it makes: only features are above it.',
    ),
    level(['src/fal/**'], [...aboveFal, ...settings], 'Only fal-jobs and features are above fal.'),
    ...ordered,
    level(
      [scratchFile],
      [...abovePlatform, ...platform.slice(platform.indexOf('storage') + 1).map(inFolder)],
      'The platform knows no avatar.',
    ),
    ...['embedded-postgres', 'fal-sandbox'].map((name) => inPackage(name, standsAlone)),
    inPackage('schema-tools', [knowNoTest]),
    ...inSchemaTools,
    inPackage('client', [
      { group: ['node:*'], message: 'Browsers have none of it.' },
      { group: ['**/src/**', '**/test/**'], message: 'The client shares no code with the service.' },
    ]),
    laboratory('lab/*.ts', []),
    laboratory('lab/ground/**', ['chaos', 'bench', 'proofs']),
    ...['chaos', 'bench', 'proofs'].map((name, _, all) =>
      laboratory(
        `lab/${name}/**`,
        all.filter((other) => other !== name),
      ),
    ),
    { files: ['packages/client/generate.ts'], rules: { 'no-restricted-imports': 'off' } },
    {
      files: ['test/**'],
      rules: { 'typescript/no-non-null-assertion': 'off', 'unicorn/no-useless-spread': 'off' },
    },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
  ],
});
