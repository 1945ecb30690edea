import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/chaos/*.run.ts'],
    fileParallelism: false,
    // An hour may be asked for by `CHAOS_SECONDS`.
    testTimeout: 2 * 60 * 60_000,
    teardownTimeout: 20_000,
  },
});
