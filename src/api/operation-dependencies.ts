import type { RecordEmailReport } from '../application/emails/record-email-report.ts';
import type { RetryEmail } from '../application/emails/retry-email.ts';
import type { LinkVirtuozzo } from '../application/virtuozzo/link-virtuozzo.ts';
import type { ShowVirtuozzo, VirtuozzoSession } from '../application/virtuozzo/show-virtuozzo.ts';
import type { UnlinkVirtuozzo } from '../application/virtuozzo/unlink-virtuozzo.ts';
import type { Alert } from '../projections/alerts.ts';
import type { Page, PageRequest } from '../projections/cursor.ts';
import type { EmailDelivery, EmailStatus } from '../projections/email-deliveries.ts';
import type { OperationalFigures } from '../projections/operational-figures.ts';

export interface OperationUseCases {
  readonly recordEmailReport: RecordEmailReport;
  readonly retryEmail: RetryEmail;
  readonly linkVirtuozzo: LinkVirtuozzo;
  readonly unlinkVirtuozzo: UnlinkVirtuozzo;
  readonly showVirtuozzo: ShowVirtuozzo;
  readonly virtuozzoSession: VirtuozzoSession;
}

export interface OperationQueries {
  alerts(): Promise<readonly Alert[]>;
  /** Of a window that ends now; of the whole installation where no team is named. */
  operationalFigures(since: Date, teamId: string | undefined): Promise<OperationalFigures>;
  /** `email` is masked. */
  emailDeliveries(
    filter: { readonly status?: EmailStatus | undefined },
    page: PageRequest,
  ): Promise<Page<EmailDelivery & { readonly email: string | null }>>;
}
