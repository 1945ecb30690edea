import type { MailContent } from './content.ts';

/** Everything that is said in a language. A new language is a new file with one value of this type. */
export interface MailTexts {
  /** BCP 47 tag. */
  readonly language: string;
  readonly product: string;
  /** A sentence made of a content's `reason`. */
  readonly because: (reason: string) => string;
  /** That nobody reads what is answered to a mail. */
  readonly automatic: string;
  readonly verification: (about: {
    readonly name: string | null;
    readonly team: string | null;
    readonly link: string;
    readonly hoursValid: number;
  }) => MailContent;
  readonly alreadyRegistered: (about: Addressed & { readonly at: Date; readonly link: string }) => MailContent;
  readonly deviceCode: (
    about: Addressed & Happening & { readonly code: string; readonly minutesValid: number },
  ) => MailContent;
  readonly newDevice: (about: Addressed & Happening) => MailContent;
  readonly sessionSuperseded: (about: Addressed & Happening) => MailContent;
  readonly refreshTokenReused: (about: Addressed & Happening) => MailContent;
  readonly accountLocked: (about: Addressed & Happening & { readonly until: Date }) => MailContent;
}

export interface Addressed {
  readonly name: string | null;
}

/** When and from where, as far as it is known. */
export interface Happening {
  readonly at: Date;
  readonly device: string | null;
  readonly place: string | null;
  readonly ip: string | null;
}
