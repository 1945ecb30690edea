import type { z } from 'zod';
import { nothing } from './input.ts';
import { RequestProblem, type FieldError } from './problems.ts';

const maxErrors = 20;
const maxKeyLength = 100;

/** Only the caller's input may become a 400: a damaged event or row does not parse either, and is our fault. */
export function parse<T>(schema: z.ZodType<T>, input: unknown, under = ''): T {
  if (isNothing(schema, input)) return input as T;
  const result = schema.safeParse(input, { error: inWords });
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrors(issue, under)).slice(0, maxErrors);
  throw new RequestProblem('invalid-request', { errors });
}

/** Most requests have nothing in most places, which needs no parser to be seen. */
export function isNothing(schema: z.ZodType, input: unknown): boolean {
  if ((schema as unknown) !== nothing || typeof input !== 'object' || input === null || Array.isArray(input))
    return false;
  for (const _key in input) return false;
  return true;
}

function fieldErrors(issue: z.core.$ZodIssue, under: string): FieldError[] {
  const pointer = under + issue.path.map(pointerStep).join('');
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: pointer + pointerStep(key), detail: 'is not known here' }));
}

/** RFC 6901 §3. */
const pointerStep = (step: PropertyKey): string =>
  `/${String(step).slice(0, maxKeyLength).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const formatNames: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  uuid: 'a UUID',
  datetime: 'a time in ISO 8601 with its offset',
};

type Words = {
  [Code in z.core.$ZodRawIssue['code']]?: (issue: Extract<z.core.$ZodRawIssue, { code: Code }>) => string;
};

const words: Words = {
  invalid_type: ({ input, expected }) =>
    input === undefined ? 'is required' : `must be ${typeNames[expected] ?? expected}`,
  invalid_format: ({ format }) => `must be ${formatNames[format] ?? 'in the documented format'}`,
  invalid_value: ({ values }) => `must be one of: ${values.map(String).join(', ')}`,
  too_small: ({ minimum, origin }) =>
    origin === 'string'
      ? minimum === 1
        ? 'must not be empty'
        : `must have at least ${String(minimum)} characters`
      : `must be at least ${String(minimum)}`,
  too_big: ({ maximum, origin }) =>
    origin === 'string' ? `must have at most ${String(maximum)} characters` : `must be at most ${String(maximum)}`,
};

/** Our own words: the parser's are not shown. */
const inWords = (issue: z.core.$ZodRawIssue): string =>
  (words[issue.code] as ((of: z.core.$ZodRawIssue) => string) | undefined)?.(issue) ?? 'is not valid';
