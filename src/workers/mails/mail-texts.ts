import type { LoginRiskSignal } from '../../domain/geo-check/events.ts';
import type { MailContent } from './content.ts';
import type { OperationTexts } from './operation-texts.ts';

/** Everything that is said in a language. A new language is a new file with one value of this type. */
export interface MailTexts extends OperationTexts, PasswordTexts, TeamTexts, AdministrationTexts {
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
  /** To an address that may be anybody's, so without a greeting by name. Names are `null` where they cannot be shown. */
  readonly invitation: (about: {
    readonly team: string | null;
    readonly role: string | null;
    readonly inviter: string | null;
    readonly expiresAt: Date;
    readonly link: string;
  }) => MailContent;
  /** To somebody whose name is not known any more. */
  readonly erased: (about: { readonly receiptId: string; readonly at: Date }) => MailContent;
  readonly alreadyRegistered: (about: Addressed & { readonly at: Date; readonly link: string }) => MailContent;
  readonly deviceCode: (
    about: Addressed & Happening & Remedy & { readonly code: string; readonly minutesValid: number },
  ) => MailContent;
  readonly newDevice: (about: Addressed & Happening & Remedy) => MailContent;
  readonly sessionSuperseded: (about: Addressed & Happening & Remedy) => MailContent;
  readonly refreshTokenReused: (about: Addressed & Happening & Remedy) => MailContent;
  readonly suspiciousLogin: (
    about: Addressed &
      Happening & {
        readonly signals: readonly LoginRiskSignal[];
        readonly approveLink: string;
        readonly denyLink: string;
        readonly hoursValid: number;
      },
  ) => MailContent;
  /** `onTrustedDevice`: the lock is for one device that the person trusts; else for all that they do not. */
  readonly accountLocked: (
    about: Addressed & Happening & { readonly until: Date; readonly onTrustedDevice: boolean },
  ) => MailContent;
}

/** What an administrator of the platform did with the account. */
export interface AdministrationTexts {
  readonly lockedByAdministrator: (about: Addressed & { readonly at: Date }) => MailContent;
  readonly accountDeactivated: (about: Addressed & { readonly at: Date }) => MailContent;
  readonly accountReactivated: (about: Addressed & { readonly at: Date; readonly link: string }) => MailContent;
}

export interface PasswordTexts {
  readonly passwordReset: (
    about: Addressed & Happening & { readonly link: string; readonly minutesValid: number },
  ) => MailContent;
  /** `sessionKept`: the one that the change came from went on. */
  readonly passwordChanged: (about: Addressed & Happening & Remedy & { readonly sessionKept: boolean }) => MailContent;
  readonly passwordChangeForced: (about: Addressed & Remedy & { readonly at: Date }) => MailContent;
}

/** About the teams of whoever gets the mail; `null` for what cannot be shown, or is not known. */
export interface TeamTexts {
  /** `by`: who did it. */
  readonly memberRemoved: (about: Addressed & TeamChange & { readonly by: string | null }) => MailContent;
  readonly teamClosed: (about: Addressed & TeamChange & { readonly by: string | null }) => MailContent;
  /** To both: `other` is the name of the one whom the mail does not go to, `roleAfter` what the former Owner has now. */
  readonly ownershipTransferred: (
    about: Addressed &
      TeamChange & { readonly isNewOwner: boolean; readonly other: string | null; readonly roleAfter: string | null },
  ) => MailContent;
  /** `isRetired`: nobody has the role any more. */
  readonly roleChanged: (
    about: Addressed &
      TeamChange & {
        readonly from: string | null;
        readonly to: string | null;
        readonly isRetired: boolean;
        readonly by: string | null;
      },
  ) => MailContent;
}

interface TeamChange {
  readonly team: string | null;
  readonly at: Date;
}

/** `forgotLink`: where a new password is asked for. */
export interface Remedy {
  readonly forgotLink: string;
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
