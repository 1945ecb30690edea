import type { Context } from '../application/ports.ts';
import type { Bootstrapped } from '../application/platform/bootstrap-platform.ts';
import type { Service } from '../compose.ts';
import type { Logger } from '../workers/job.ts';

const lines: Readonly<Record<Bootstrapped, string>> = {
  invited: 'whoever reads the mail of BOOTSTRAP_ADMIN_EMAIL is invited to be Owner of the platform team',
  'invited-before': 'the invitation of BOOTSTRAP_ADMIN_EMAIL to be Owner of the platform team is open',
  'has-owner': 'the platform team has an Owner: BOOTSTRAP_ADMIN_EMAIL does nothing',
  'too-many-mails': 'BOOTSTRAP_ADMIN_EMAIL was invited too often in the last hour: nothing is sent',
};

/** The platform team and the invitation of its first Owner, where the configuration names one. */
export async function bootstrap({ config, useCases }: Service, context: Context, logger: Logger): Promise<void> {
  const email = config.BOOTSTRAP_ADMIN_EMAIL;
  if (email === undefined) return;
  const outcome = await useCases.bootstrapPlatform({ email }, context);
  logger.info({ outcome }, lines[outcome]);
}
