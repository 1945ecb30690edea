import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/million/*.run.ts'],
    // One after the other: each goes on with what the one before has left.
    bail: 1,
    testTimeout: 15 * 60_000,
    // To make the log takes longest; it is kept for the next run.
    hookTimeout: 40 * 60_000,
  },
});
