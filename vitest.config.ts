import { defineConfig } from 'vitest/config';

const globalSetup = 'test/support/global-servers.ts';

/** One group after the other. As a plugin, since `--sequence.shuffle.files` replaces the `sequence` of a project. */
const runsAs = (groupOrder: number) => ({
  name: 'group-order',
  configureVitest({ project }: { project: { config: { sequence: { groupOrder: number } } } }): void {
    project.config.sequence.groupOrder = groupOrder;
  },
});

const endToEnd = (names: readonly string[]) => names.map((name) => `test/e2e/${name}.test.ts`);

/** They need the whole machine, and ask for answers within a time: nothing runs beside them. */
const alone = endToEnd(['hash-flood', 'rolling-restart']);

/** They ask for answers within a time too, but mostly wait: they run beside each other. */
const outages = endToEnd(['outage-providers', 'outage-virtuozzo', 'outage-wires', 'outage-hung', 'outage']);

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
          maxWorkers: 2,
          // Nothing is left behind that another file could see, and to load everything anew takes longer than to test it.
          isolate: false,
        },
      },
      {
        plugins: [runsAs(1)],
        test: {
          name: 'integration',
          // They wait more than they work.
          maxWorkers: 3,
          isolate: false,
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
          exclude: [...alone, ...outages],
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [runsAs(3)],
        test: {
          name: 'outages',
          maxWorkers: 4,
          include: outages,
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [runsAs(4)],
        test: {
          name: 'alone',
          include: alone,
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
