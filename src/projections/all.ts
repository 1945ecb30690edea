import { accessHistory } from './access-history.ts';
import { alerts } from './alerts.ts';
import { auditLog } from './audit-log.ts';
import { devices } from './devices.ts';
import { emailDeliveries } from './email-deliveries.ts';
import { invitations } from './invitations.ts';
import { loginActivity } from './login-activity.ts';
import type { Projection } from './projection.ts';
import { operationalMetrics } from './operational-metrics.ts';
import { sessions } from './sessions.ts';
import { teams } from './teams.ts';
import { users } from './users.ts';

export const projections: readonly Projection[] = [
  alerts,
  accessHistory,
  auditLog,
  devices,
  emailDeliveries,
  invitations,
  loginActivity,
  operationalMetrics,
  sessions,
  teams,
  users,
];
