import type { Context, Recorded } from './ports.ts';

/** What the service does of its own accord because of `recorded`. */
export const contextFrom = (recorded: Recorded): Context => ({
  actor: { kind: 'system' },
  correlationId: recorded.context.correlationId,
  causationId: recorded.id,
});

/** What a person does who has proven to be `userId`, in the course of a request that began anonymously. */
export const actingAs = (userId: string, context: Context): Context => ({
  ...context,
  actor: { kind: 'user', userId },
});
