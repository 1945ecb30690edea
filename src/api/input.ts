import { z } from 'zod';

/** Control characters, halves of characters, line separators, and marks that turn the direction of what follows. */
const notForNames = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
const halfCharacter = /\p{Cs}/u;

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((text) => !notForNames.test(text), 'must not contain control characters')
  .transform((text) => text.normalize('NFC'));

/** A permission, `category.*` or `*`; whether there is one of this name is found out later. */
const grant = z
  .string()
  .max(100)
  .regex(/^(\*|[a-z_]+\.(\*|[a-z_]+))$/);

/** What several endpoints take. */
export const input = {
  email: z.email().max(254),
  /** The policy judges its length; this only bounds the work. */
  password: z
    .string()
    .min(1)
    .max(1024)
    .refine((text) => !halfCharacter.test(text), 'must be well-formed text'),
  personName: name,
  teamName: name,
  roleName: name.pipe(z.string().max(60)),
  grants: z.array(grant).max(100),
  /** A token as this service issues them, long before it is looked at. */
  token: z
    .string()
    .max(512)
    .regex(/^[\w.~-]+$/),
  deviceCode: z.string().regex(/^[0-9]{6}$/),
  id: z.uuid(),
  time: z.iso.datetime({ offset: true }),
  cursor: z
    .string()
    .max(300)
    .regex(/^[\w.~:=-]+$/),
  limit: z.coerce.number().int().min(1).max(200).default(50),
} as const;

export const nothing = z.strictObject({});
