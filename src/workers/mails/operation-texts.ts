import type { AlertLevel, AlertName } from '../../domain/alert/events.ts';
import type { MailContent } from './content.ts';

interface AboutTeam {
  /** Of whoever gets the mail; `null` for what cannot be shown. */
  readonly name: string | null;
  readonly team: string | null;
  readonly at: Date;
}

/** To those who keep something running: an installation, a team's account on the platform, an invitation. */
export interface OperationTexts {
  readonly invitationUndeliverable: (about: AboutTeam) => MailContent;
  readonly virtuozzoOutage: (about: AboutTeam) => MailContent;
  readonly virtuozzoSignInNeeded: (about: AboutTeam) => MailContent;
  readonly alertRaised: (about: {
    readonly alert: AlertName;
    readonly level: AlertLevel;
    readonly value: number;
    readonly threshold: number;
    readonly at: Date;
  }) => MailContent;
  readonly alertCleared: (about: {
    readonly alert: AlertName;
    readonly value: number;
    readonly raisedAt: Date;
    readonly at: Date;
  }) => MailContent;
}

/** Alerts without a threshold: something is so, or it is not. */
export const isYesOrNo = (alert: AlertName): boolean => alert === 'mail-sending-paused' || alert === 'audit-mismatch';
