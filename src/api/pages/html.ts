/** Markup that is safe to send: only `html` makes it. */
export interface Html {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

/** Values are escaped for text and for quoted attributes; markup goes in as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const texts = values.map((value) => (typeof value === 'string' ? escaped(value) : markupOf(value)));
  return { markup: String.raw({ raw: parts }, ...texts) };
}

const markupOf = (value: Html | readonly Html[]): string =>
  'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
