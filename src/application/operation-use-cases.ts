import { evaluateAlerts, type AlertRules, type Measure } from './alerts/evaluate-alerts.ts';
import type { CommandHandling } from './command-handler.ts';
import { mailGate, resumeMail } from './emails/mail-gate.ts';
import { recordEmailReport } from './emails/record-email-report.ts';
import { retryEmail } from './emails/retry-email.ts';
import { keepRetention } from './maintenance/keep-retention.ts';
import type { Clock, Mailer, Pause, Tokens } from './ports.ts';
import type { RetentionSettings, RetentionTables, StreamAges } from './retention.ts';
import { requirePermission } from './teams/require-permission.ts';
import { requirePlatformPermission } from './users/require-platform-permission.ts';
import type { VirtuozzoKeys, VirtuozzoPlatform } from './virtuozzo.ts';
import { forgetVirtuozzoKey } from './virtuozzo/forget-virtuozzo-key.ts';
import { linkVirtuozzo } from './virtuozzo/link-virtuozzo.ts';
import { refreshVirtuozzo } from './virtuozzo/refresh-virtuozzo.ts';
import { showVirtuozzo, virtuozzoSession } from './virtuozzo/show-virtuozzo.ts';
import { unlinkClosedTeam, unlinkVirtuozzo } from './virtuozzo/unlink-virtuozzo.ts';

export interface OperationPorts extends CommandHandling {
  clock: Clock;
  pause: Pause;
  tokens: Pick<Tokens, 'derivedId'>;
  mailer: Mailer;
  measure: Measure;
  alertRules: AlertRules;
  retentionSettings: RetentionSettings;
  retentionTables: RetentionTables;
  streamAges: StreamAges;
  virtuozzoKeys: VirtuozzoKeys;
  virtuozzoPlatform: VirtuozzoPlatform | null;
  virtuozzoSettings: { readonly probeSeconds: number; readonly keySeconds: number };
}

/** What keeps the service and what it is linked to running. */
export function operationUseCases(ports: OperationPorts) {
  const deps = {
    ...ports,
    requirePermission: requirePermission(ports),
    requirePlatformPermission: requirePlatformPermission(ports),
    forgetVirtuozzoKey: forgetVirtuozzoKey(ports),
  };
  return {
    evaluateAlerts: evaluateAlerts(deps),
    mailGate: mailGate(deps),
    resumeMail: resumeMail(deps),
    keepRetention: keepRetention(deps),
    retryEmail: retryEmail(deps),
    recordEmailReport: recordEmailReport(deps),
    linkVirtuozzo: linkVirtuozzo(deps),
    unlinkVirtuozzo: unlinkVirtuozzo(deps),
    unlinkClosedTeam: unlinkClosedTeam(deps),
    showVirtuozzo: showVirtuozzo(deps),
    virtuozzoSession: virtuozzoSession(deps),
    refreshVirtuozzo: refreshVirtuozzo(deps),
    forgetVirtuozzoKey: deps.forgetVirtuozzoKey,
  };
}
