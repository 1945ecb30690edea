import { defineConfig } from 'vitest/config';

const globalSetup = 'test/support/global-servers.ts';

/** One group after the other. As a plugin, since `--sequence.shuffle.files` replaces the `sequence` of a project. */
const runsAs = (groupOrder: number) => ({
  name: 'group-order',
  configureVitest({ project }: { project: { config: { sequence: { groupOrder: number } } } }): void {
    project.config.sequence.groupOrder = groupOrder;
  },
});

/** They ask for answers within a time, so nothing runs beside them. */
const timed = ['hash-flood', 'outage', 'outage-hung', 'outage-wires', 'rolling-restart'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

// The folder says the cost. Files must pass in any order: `npm test -- --sequence.shuffle.files`.
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [runsAs(0)],
        test: {
          name: 'unit',
          include: [
            'test/*.test.ts',
            'test/{domain,application,api,chaos,client,composition,golden,support}/**/*.test.ts',
          ],
          testTimeout: 15_000,
        },
      },
      {
        plugins: [runsAs(1)],
        test: {
          name: 'integration',
          // They wait more than they work.
          maxWorkers: 3,
          include: ['test/{adapters,projections,workers,embedded,contract,cli}/**/*.test.ts'],
          globalSetup,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: [runsAs(2)],
        test: {
          name: 'e2e',
          maxWorkers: 2,
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...timed],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [runsAs(3)],
        test: {
          name: 'timed',
          include: [...timed],
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
