import type { OperationQueries } from '../api/operation-dependencies.ts';
import { maskEmail } from '../application/invitations/mask-email.ts';
import { alertsNow } from '../projections/alerts.ts';
import { emailDeliveriesPage } from '../projections/email-deliveries.ts';
import { operationalFigures } from '../projections/operational-figures.ts';
import type { Readers } from '../projections/sealed.ts';
import { memberIdsOf } from '../projections/teams.ts';
import { userProfile } from '../projections/users.ts';

export function operationQueries(readers: Readers): OperationQueries {
  const { pool } = readers;
  return {
    alerts: () => alertsNow(pool),
    async operationalFigures(since, teamId) {
      if (teamId === undefined) return operationalFigures(pool, since);
      return operationalFigures(pool, since, { teamId, memberIds: await memberIdsOf(pool, teamId) });
    },
    async emailDeliveries(filter, page) {
      const { items, ...rest } = await emailDeliveriesPage(pool, filter, page);
      const shown = items.map(async (item) => ({ ...item, email: await maskedAddress(readers, item.userId) }));
      return { items: await Promise.all(shown), ...rest };
    },
  };
}

async function maskedAddress(readers: Readers, userId: string | null): Promise<string | null> {
  const email = userId === null ? undefined : (await userProfile(readers, userId))?.email;
  return email === undefined || email === null ? null : maskEmail(email);
}
