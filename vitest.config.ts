import { defineConfig } from 'vitest/config';

const globalSetup = 'test/support/global-servers.ts';

// The folder says the cost. Files must pass in any order: `npx vitest run --sequence.shuffle.files`.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/*.test.ts', 'test/{domain,application,api,golden,support}/**/*.test.ts'],
          testTimeout: 15_000,
        },
      },
      {
        test: {
          name: 'integration',
          // They wait more than they work.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          include: ['test/{adapters,projections,workers,embedded,contract,cli}/**/*.test.ts'],
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
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
