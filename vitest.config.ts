import { defineConfig } from 'vitest/config';

const globalSetup = 'test/support/global-servers.ts';

// The folder says the cost. Files must pass in any order: `npx vitest run --sequence.shuffle.files`.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/*.test.ts', 'test/{domain,application,api,golden,support}/**/*.test.ts'],
          testTimeout: 15_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{adapters,projections,workers,embedded,contract,cli}/**/*.test.ts'],
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    teardownTimeout: 20_000,
  },
});
