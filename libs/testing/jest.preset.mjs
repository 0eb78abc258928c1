import { fileURLToPath } from 'node:url';

/** Shared Jest settings: ES modules, compiled by swc, workspace libraries read from their source. */
export default {
  testEnvironment: 'node',
  // A test tells a hang, not a speed: other test files and their servers share the machine.
  testTimeout: 60_000,
  globalSetup: fileURLToPath(new URL('./jest.global-setup.mjs', import.meta.url)),
  globalTeardown: fileURLToPath(new URL('./jest.global-teardown.mjs', import.meta.url)),
  // Jest adds 'import' or 'require' itself; naming 'import' here would break CommonJS packages.
  testEnvironmentOptions: { customExportConditions: ['@millrace/source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          externalHelpers: true,
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};
