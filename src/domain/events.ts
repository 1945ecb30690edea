import type { AlertEvent } from './alert/events.ts';
import type { AuditRead } from './audit/events.ts';
import type { AuditCheckpointEvent } from './audit-checkpoint/events.ts';
import type { DevicesEvent } from './devices/events.ts';
import type { EmailAddressEvent } from './email-address/events.ts';
import type { EmailEvent } from './email/events.ts';
import type { InvitationEvent } from './invitation/events.ts';
import type { GeoCheckEvent } from './geo-check/events.ts';
import type { LoginEvent } from './login/events.ts';
import type { UnknownLoginFailed } from './login/unknown-events.ts';
import type { MailSendingEvent } from './mail-sending/events.ts';
import type { PermissionCatalogueEvent } from './permission-catalogue/events.ts';
import type { PlacesEvent } from './places/events.ts';
import type { RetentionSet } from './retention/events.ts';
import type { SessionsEvent } from './sessions/events.ts';
import type { TeamEvent } from './team/events.ts';
import type { UserEvent } from './user/events.ts';
import type { VirtuozzoEvent } from './virtuozzo/events.ts';

export type DomainEvent =
  | AlertEvent
  | AuditRead
  | AuditCheckpointEvent
  | DevicesEvent
  | EmailAddressEvent
  | EmailEvent
  | InvitationEvent
  | GeoCheckEvent
  | LoginEvent
  | MailSendingEvent
  | PermissionCatalogueEvent
  | PlacesEvent
  | RetentionSet
  | SessionsEvent
  | TeamEvent
  | UnknownLoginFailed
  | UserEvent
  | VirtuozzoEvent;

export type EventType = DomainEvent['type'];
export type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;
