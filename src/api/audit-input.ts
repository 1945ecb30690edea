import { z } from 'zod';
import { input } from './input.ts';

const types = z.string().regex(/^[A-Za-z0-9]{1,100}(,[A-Za-z0-9]{1,100}){0,49}$/);
const position = z
  .string()
  .regex(/^\d{1,18}$/)
  .describe('In the log, as `Event-Position` has it');
const correlation = z.string().regex(/^[\w.:-]{1,64}$/);

/** How the history is asked about. */
export const auditInput = {
  filters: {
    team: input.id.optional(),
    actor: input.id.optional(),
    subject: input.id.optional(),
    type: z
      .union([types, z.array(types).max(50)])
      .transform((given) => [given].flat().flatMap((names) => names.split(',')))
      .describe('One or several, separated by commas')
      .optional(),
    session: input.id.optional(),
    device: input.id.optional(),
    ip: z.union([z.ipv4(), z.ipv6()]).optional(),
    correlation: correlation.optional().describe('Everything that followed from one request'),
    causation: correlation.optional().describe('What directly followed from one request or event'),
    from: input.time.optional(),
    to: input.time.optional(),
  },
  streamName: z.string().regex(/^[a-z_]{1,60}(-[\w-]{1,140})?$/),
  position,
  /** By time, by position, or as it is now. */
  moment: { at: input.time.optional(), position: position.optional() },
} as const;

/** Of a moment: one of both at most. */
export const oneMoment = ({ at, position: there }: { at?: string | undefined; position?: string | undefined }) =>
  at === undefined || there === undefined;

export const notBoth = { path: ['position'], message: 'must not come with `at`' };

export const dateOf = (time: string | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));

export const momentOf = ({ at, position: there }: { at?: string | undefined; position?: string | undefined }) => ({
  at: dateOf(at),
  position: there === undefined ? undefined : BigInt(there),
});
