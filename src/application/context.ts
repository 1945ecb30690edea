import type { Context, PersonalData, Recorded } from './ports.ts';

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

/**
 * `context`, from where `proof` was given: whoever carries on what a person proved, that is where they did. It is asked for only
 * where the context does not say it.
 */
export async function fromWhere(
  { personalData }: { personalData: Pick<PersonalData, 'open'> },
  proof: () => Recorded | undefined | Promise<Recorded | undefined>,
  context: Context,
): Promise<Context> {
  if (context.client !== undefined) return context;
  const given = await proof();
  if (given === undefined) return context;
  const { client } = (await personalData.open(given)).context;
  return { ...context, ...(client !== undefined && { client }) };
}
