import type { Decider } from '../../domain/decider.ts';
import { alert } from '../../domain/alert/decide.ts';
import { devices } from '../../domain/devices/decide.ts';
import { emailAddress } from '../../domain/email-address/decide.ts';
import { email } from '../../domain/email/decide.ts';
import type { DomainEvent } from '../../domain/events.ts';
import { geoCheck } from '../../domain/geo-check/decide.ts';
import { invitation } from '../../domain/invitation/decide.ts';
import { login } from '../../domain/login/decide.ts';
import { mailSending } from '../../domain/mail-sending/decide.ts';
import { permissionCatalogue } from '../../domain/permission-catalogue/decide.ts';
import { retention } from '../../domain/retention/decide.ts';
import { sessions } from '../../domain/sessions/decide.ts';
import { team } from '../../domain/team/decide.ts';
import { user } from '../../domain/user/decide.ts';
import { virtuozzo } from '../../domain/virtuozzo/decide.ts';

/** How the events of a stream make its state. */
export interface Folding {
  readonly initialState: unknown;
  readonly evolve: (state: unknown, event: DomainEvent) => unknown;
}

/** By what the names of the streams begin with. */
const foldings: Readonly<Record<string, Folding>> = {
  alert: foldingOf(alert),
  devices: foldingOf(devices),
  email: foldingOf(email),
  email_address: foldingOf(emailAddress),
  geo_check: foldingOf(geoCheck),
  invitation: foldingOf(invitation),
  login: foldingOf(login),
  mail_sending: foldingOf(mailSending),
  permission_catalogue: foldingOf(permissionCatalogue),
  retention: foldingOf(retention),
  sessions: foldingOf(sessions),
  team: foldingOf(team),
  user: foldingOf(user),
  virtuozzo: foldingOf(virtuozzo),
};

/** `undefined` for a stream that is only a list of facts. */
export function foldingFor(stream: string): Folding | undefined {
  const category = stream.split('-', 1)[0] ?? stream;
  return Object.hasOwn(foldings, category) ? foldings[category] : undefined;
}

function foldingOf<State, Command, Event>({ initialState, evolve }: Decider<State, Command, Event>): Folding {
  return { initialState, evolve: (state, event) => evolve(state as State, event as Event) };
}
