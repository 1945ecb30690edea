/** What a mail says, before it is text or HTML: both are made from this, so they carry the same. */
export interface MailContent {
  readonly subject: string;
  /** What inboxes show beside the subject, locked screens too: never a code or a link. */
  readonly preview: string;
  readonly blocks: readonly Block[];
  /** Why this person gets this mail. */
  readonly reason: string;
}

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'button'; readonly label: string; readonly url: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [label: string, value: string])[] };

export const heading = (text: string): Block => ({ kind: 'heading', text });
export const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
export const button = (label: string, url: string): Block => ({ kind: 'button', label, url });
export const code = (digits: string): Block => ({ kind: 'code', code: digits });
export const facts = (...entries: readonly (readonly [string, string | null])[]): Block => ({
  kind: 'facts',
  facts: entries.filter((entry): entry is readonly [string, string] => entry[1] !== null),
});
