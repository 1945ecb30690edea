import { z } from 'zod';

const text = z.string();
const namedAddress = /^(?:"([^"]*)"|([^"<>]*))\s*<([^<>]+)>$/;
const bareAddress = /^[^\s@<>()",;:\\[\]]+@[^\s@<>()",;:\\[\]]+$/;

/** Postmark takes a missing field and a null alike. */
const optional = (longest = Infinity) =>
  z
    .string()
    .max(longest)
    .nullish()
    .transform((value) => value ?? '');

/** What Postmark's `POST /email` takes. Names are Postmark's own. */
export const emailRequest = z.object({
  From: text,
  To: optional(),
  Cc: optional(),
  Bcc: optional(),
  ReplyTo: optional(),
  Subject: optional(2_000),
  HtmlBody: optional(),
  TextBody: optional(),
  Tag: optional(1_000),
  Metadata: z.record(z.string(), z.coerce.string()).default({}),
  Headers: z.array(z.object({ Name: text, Value: text })).default([]),
  Attachments: z.array(z.looseObject({ Name: text })).default([]),
  MessageStream: text.default('outbound'),
});

export type EmailRequest = z.infer<typeof emailRequest>;

/** A message as it was received, in Postmark's field names. */
export const receivedMessage = z.object({
  MessageID: text,
  /** ISO 8601. */
  ReceivedAt: text,
  From: text,
  To: text,
  Cc: text,
  Bcc: text,
  ReplyTo: text,
  Subject: text,
  HtmlBody: text,
  TextBody: text,
  Tag: text,
  Metadata: z.record(z.string(), text),
  Headers: z.array(z.object({ Name: text, Value: text })),
  Attachments: z.array(text),
  MessageStream: text,
});

export type ReceivedMessage = z.infer<typeof receivedMessage>;

export interface Address {
  Name: string;
  Email: string;
}

/** The addresses of a header line such as `"Doe, Jo" <jo@example.com>, ann@example.com`; undefined for one that is not valid. */
export function parseAddresses(line: string): (Address | undefined)[] {
  const parts = line.match(/(?:"[^"]*"|[^,"])+/g) ?? [];
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseAddress);
}

function parseAddress(part: string): Address | undefined {
  const [, quoted, plain, angled] = namedAddress.exec(part) ?? [];
  const email = (angled ?? part).trim();
  return bareAddress.test(email) ? { Name: (quoted ?? plain ?? '').trim(), Email: email } : undefined;
}

export const validAddresses = (line: string): Address[] =>
  parseAddresses(line).filter((address) => address !== undefined);

/** Every recipient's bare address, in lower case. */
export function recipientsOf({ To, Cc, Bcc }: Pick<ReceivedMessage, 'To' | 'Cc' | 'Bcc'>): string[] {
  return [To, Cc, Bcc].flatMap(validAddresses).map(({ Email }) => Email.toLowerCase());
}

export function received(request: EmailRequest, id: string, now: Date): ReceivedMessage {
  const Attachments = request.Attachments.map(({ Name }) => Name);
  return { ...request, MessageID: id, ReceivedAt: now.toISOString(), Attachments };
}
