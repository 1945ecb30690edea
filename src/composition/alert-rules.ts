import type { AlertRules } from '../application/alerts/evaluate-alerts.ts';
import type { Config } from '../config.ts';

/** What is raised, when: thresholds are percentages in the configuration and shares of 1 in the rules. */
export function alertRulesOf(config: Config): AlertRules {
  const minimumSamples = config.ALERT_MINIMUM_SAMPLES;
  const clearAt = config.ALERT_CLEAR_AT_PERCENT / 100;
  const share = (percentages: string) => {
    const { warning, critical } = thresholdsIn(percentages);
    return { warning: warning / 100, critical: critical / 100, minimumSamples, clearAt };
  };
  return {
    'failed-logins-per-ip': { ...thresholdsIn(config.ALERT_FAILED_LOGINS_PER_IP), minimumSamples: 1, clearAt },
    'suspicious-logins': share(config.ALERT_SUSPICIOUS_LOGINS_PERCENT),
    'session-errors': share(config.ALERT_SESSION_ERRORS_PERCENT),
    'email-failures': share(config.ALERT_EMAIL_FAILURES_PERCENT),
    'mail-sending-paused': eitherWay,
    'audit-mismatch': eitherWay,
  };
}

/** Either it is or it is not. */
const eitherWay = { warning: 0.5, critical: 0.5, minimumSamples: 1, clearAt: 1 };

function thresholdsIn(text: string): { warning: number; critical: number } {
  const [warning = 0, critical = 0] = text.split(',').map(Number);
  return { warning, critical };
}
