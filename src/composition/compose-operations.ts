import type { Redis } from 'ioredis';
import { postgresVirtuozzoKeys } from '../adapters/postgres-virtuozzo-keys.ts';
import type { Vault } from '../adapters/postgres-vault.ts';
import type { LoginWatch } from '../adapters/redis-login-watch.ts';
import type { redisRefreshWatch } from '../adapters/redis-refresh-watch.ts';
import { virtuozzoPlatform } from '../adapters/virtuozzo-platform.ts';
import { alertMeasurements } from './alert-measurements.ts';
import { alertRulesOf } from './alert-rules.ts';
import { mailGate } from '../application/emails/mail-gate.ts';
import { operationUseCases, type OperationPorts } from '../application/operation-use-cases.ts';
import type { RetentionSettings } from '../application/retention.ts';
import type { Config, Connections } from '../config.ts';
import { auditIsWrong } from '../projections/proof/alarm.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { retentionTables } from '../projections/retention.ts';

type Ports = Omit<
  OperationPorts,
  | 'measure'
  | 'alertRules'
  | 'retentionSettings'
  | 'retentionTables'
  | 'virtuozzoKeys'
  | 'virtuozzoPlatform'
  | 'virtuozzoSettings'
> & { redis: Redis; loginWatch: LoginWatch; refreshWatch: ReturnType<typeof redisRefreshWatch> };

interface Opened {
  config: Config;
  connections: Connections;
  vault: Vault;
  readModels: ReadModels;
  longReads: ReadModels;
}

/** The part of the composition that operates: alerts, mail as a whole, the platform that teams are linked to. */
export function composeOperations(ports: Ports, { config, connections, vault, readModels, longReads }: Opened) {
  const platform = platformOf(config, connections);
  const gate = mailGate(ports);
  const useCases = operationUseCases({
    ...ports,
    alertRules: alertRulesOf(config),
    measure: alertMeasurements({
      readModels: longReads,
      clock: ports.clock,
      mostFailuresFromOneAddress: () => ports.loginWatch.mostFromOneAddress(),
      failedRefreshes: () => ports.refreshWatch.withinAnHour(),
      isMailPaused: () => gate.isPaused(),
      isAuditWrong: () => auditIsWrong(longReads),
    }),
    retentionSettings: retentionSettingsOf(config),
    retentionTables: retentionTables(readModels),
    virtuozzoKeys: postgresVirtuozzoKeys({
      database: readModels,
      serviceKeys: vault.serviceKeys,
      clock: ports.clock,
    }),
    virtuozzoPlatform: platform,
    virtuozzoSettings: { probeSeconds: config.VIRTUOZZO_PROBE_SECONDS, keySeconds: config.VIRTUOZZO_KEY_SECONDS },
  });
  return { virtuozzoPlatform: platform, useCases };
}

function platformOf({ VIRTUOZZO_SESSION_ENDED_CODES }: Config, { virtuozzoApiUrl }: Connections) {
  if (virtuozzoApiUrl === undefined) return null;
  const sessionEndedCodes = new Set(VIRTUOZZO_SESSION_ENDED_CODES.split(',').map(Number));
  return virtuozzoPlatform({ apiUrl: virtuozzoApiUrl, sessionEndedCodes });
}

const retentionSettingsOf = ({ RETENTION_EMAIL_DAYS, RETENTION_GEO_CHECK_DAYS }: Config): RetentionSettings => ({
  email: RETENTION_EMAIL_DAYS ?? null,
  geo_check: RETENTION_GEO_CHECK_DAYS ?? null,
});
