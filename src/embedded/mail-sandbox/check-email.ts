import { emailRequest, parseAddresses, recipientsOf } from './message.ts';
import type { EmailRequest } from './message.ts';

/** An answer of Postmark's that refuses; the codes are from its list of API error codes. */
export interface Refusal {
  status: number;
  ErrorCode: number;
  Message: string;
}

export const errorCodes = {
  badToken: 10,
  invalidEmail: 300,
  invalidJson: 402,
  inactive: 406,
  tooManyInBatch: 410,
} as const;

const mostRecipients = 50;
const mostMetadata = 10;

const invalid = (Message: string): Refusal => ({ status: 422, ErrorCode: errorCodes.invalidEmail, Message });

/** As strict as Postmark, so that a message the sandbox takes is one the real service takes. */
export function checkEmail(body: unknown, suppressed: ReadonlySet<string>): EmailRequest | Refusal {
  const parsed = emailRequest.safeParse(body);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return invalid(`Invalid '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'not valid'}.`);
  }
  const request = parsed.data;
  return checkAddresses(request) ?? checkContent(request) ?? checkSuppressed(request, suppressed) ?? request;
}

export const isRefusal = (outcome: EmailRequest | Refusal): outcome is Refusal => 'ErrorCode' in outcome;

function checkAddresses(request: EmailRequest): Refusal | undefined {
  for (const field of ['From', 'To', 'Cc', 'Bcc', 'ReplyTo'] as const) {
    if (parseAddresses(request[field]).includes(undefined)) {
      return invalid(`Error parsing '${field}': Illegal email address '${request[field]}'.`);
    }
  }
  if (parseAddresses(request.From).length !== 1) return invalid(`Invalid 'From' address: '${request.From}'.`);
  const count = recipientsOf(request).length;
  if (count === 0) return invalid('Zero recipients specified.');
  return count > mostRecipients
    ? invalid(`Too many recipients. Maximum ${mostRecipients} recipients are allowed.`)
    : undefined;
}

function checkContent({ HtmlBody, TextBody, Metadata }: EmailRequest): Refusal | undefined {
  if (HtmlBody === '' && TextBody === '') return invalid('Provide either email TextBody or HtmlBody or both.');
  const fields = Object.entries(Metadata);
  if (fields.length > mostMetadata) return invalid(`Metadata may hold ${mostMetadata} fields at most.`);
  const long = fields.find(([name, value]) => name.length > 20 || value.length > 80);
  return long && invalid(`Metadata field '${long[0]}' is too long: 20 characters for a name, 80 for a value.`);
}

/** With other recipients left, Postmark sends to those; only when nobody is left does it refuse. */
function checkSuppressed(request: EmailRequest, suppressed: ReadonlySet<string>): Refusal | undefined {
  const all = recipientsOf(request);
  const inactive = all.filter((address) => suppressed.has(address));
  if (inactive.length < all.length) return undefined;
  return {
    status: 422,
    ErrorCode: errorCodes.inactive,
    Message: `You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: ${inactive.join(', ')}. Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression.`,
  };
}
