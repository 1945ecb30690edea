import type { TechnicalCategory } from '../domain/retention/events.ts';

/** Every stream of the service on one page; the installation's prefix is added by the event store adapter. */
export const streams = {
  emailAddress: (emailHash: string) => `email_address-${emailHash}`,
  user: (userId: string) => `user-${userId}`,
  devices: (userId: string) => `devices-${userId}`,
  login: (loginId: string) => `login-${loginId}`,
  geoCheck: (loginId: string) => `geo_check-${loginId}`,
  places: (userId: string) => `places-${userId}`,
  sessions: (userId: string) => `sessions-${userId}`,
  invitation: (invitationId: string) => `invitation-${invitationId}`,
  team: (teamId: string) => `team-${teamId}`,
  permissionCatalogue: () => 'permission_catalogue',
  email: (messageId: string) => `email-${messageId}`,
  auditRead: (date: string) => `audit_read-${date}`,
  auditCheckpoint: () => 'audit_checkpoint',
  auditMismatch: () => 'audit_mismatch',
  mailSending: () => 'mail_sending',
  alert: (name: string) => `alert-${name}`,
  virtuozzo: (teamId: string) => `virtuozzo-${teamId}`,
  failedLogin: (date: string) => `failed_login-${date}`,
  retention: (category: TechnicalCategory) => `retention-${category}`,
} as const;

/** Whether a kind of stream is part of the audit, which is kept for ever, or may expire where a policy says so. */
export const keeping: Readonly<Record<keyof typeof streams, 'audit' | 'technical'>> = {
  emailAddress: 'audit',
  user: 'audit',
  devices: 'audit',
  login: 'audit',
  // What was found out about a place; what it meant for the login stands in `login-` with all that it rests on.
  geoCheck: 'technical',
  // Decisions on later logins rest on it.
  places: 'audit',
  sessions: 'audit',
  invitation: 'audit',
  team: 'audit',
  permissionCatalogue: 'audit',
  // How a mail left; why it had to stands in the stream of its cause.
  email: 'technical',
  auditRead: 'audit',
  auditCheckpoint: 'audit',
  auditMismatch: 'audit',
  mailSending: 'audit',
  alert: 'audit',
  virtuozzo: 'audit',
  failedLogin: 'audit',
  retention: 'audit',
};

/** What kind of stream it is, without the ids in its name. */
export const categoryOf = (stream: string): string => stream.replace(/-.*$/, '');
