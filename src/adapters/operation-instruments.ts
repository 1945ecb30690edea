import { Gauge, Histogram, type Registry } from 'prom-client';

/** What is measured of mails and alerts. */
export const operationInstruments = (registers: Registry[]) => ({
  mailDelivery: new Histogram({
    name: 'mbauth_mail_delivery_seconds',
    help: 'From an event being stored to its mail being taken by the provider',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400],
    registers,
  }),
  alertLevels: new Gauge({
    name: 'mbauth_alert_level',
    help: '0 while an alert is clear, 1 as a warning, 2 when it is critical',
    labelNames: ['alert'],
    registers,
  }),
});
