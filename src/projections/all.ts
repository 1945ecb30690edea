import { auditLog } from './audit-log.ts';
import { devices } from './devices.ts';
import { emailDeliveries } from './email-deliveries.ts';
import { invitations } from './invitations.ts';
import { loginActivity } from './login-activity.ts';
import type { Projection } from './projection.ts';
import { sessions } from './sessions.ts';
import { teams } from './teams.ts';
import { users } from './users.ts';

export const projections: readonly Projection[] = [
  auditLog,
  devices,
  emailDeliveries,
  invitations,
  loginActivity,
  sessions,
  teams,
  users,
];
