import type { AuditReadKind } from '../domain/audit/events.ts';

export const readings: Readonly<Record<AuditReadKind, string>> = {
  events: 'a search',
  event: 'one event',
  stream: 'one stream',
  state: 'the state of one stream',
  access: 'who could do what',
  'access-diff': 'what changed in who could do what',
  export: 'an export',
  checkpoint: 'a checkpoint',
  proof: 'a proof',
};

/** How pages were asked for says nothing about what was looked for. */
const paging = ['cursor', 'limit'];

export function filterWords(filter: Readonly<Record<string, string>>): string {
  const asked = Object.entries(filter).filter(([name]) => !paging.includes(name));
  return asked.map(([name, value]) => `, ${name} ${value}`).join('');
}
