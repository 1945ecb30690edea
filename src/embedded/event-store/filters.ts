import { setFlagsFromString } from 'node:v8';
import { invalidArgument } from './errors.ts';

/** What a reader of `$all` wants to see: names that match one expression or start with one of the prefixes. */
export type EventFilter = { readonly on: 'stream' | 'type' } & (
  { readonly prefixes: readonly string[] } | { readonly expression: RegExp }
);

export interface Filterable {
  readonly stream: string;
  readonly type: string;
}

const maxExpressionLength = 2000;

// The `l` flag asks V8 for its engine that runs in time linear to the text, so no expression can hold up the server.
setFlagsFromString('--enable-experimental-regexp-engine');

const linear: string = 'l';

/** Compiles a filter expression; back-references, look-around and large repetition counts are refused. */
export function linearExpression(source: string): RegExp {
  if (source.length > maxExpressionLength) throw invalidArgument('The filter expression is too long.');
  try {
    return new RegExp(source, linear);
  } catch {
    throw invalidArgument(
      'The filter expression is malformed or cannot be evaluated in linear time; a prefix may do instead.',
    );
  }
}

export function matches(filter: EventFilter, event: Filterable): boolean {
  const name = event[filter.on];
  if ('expression' in filter) return filter.expression.test(name);
  return filter.prefixes.some((prefix) => name.startsWith(prefix));
}
