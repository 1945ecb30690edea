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
} as const;

/** What kind of stream it is, without the ids in its name. */
export const categoryOf = (stream: string): string => stream.replace(/-.*$/, '');
