import type { Recorded } from '../application/ports.ts';
import type { EventOf } from '../domain/events.ts';
import type { Projection, Writes } from './projection.ts';

type LoginOutcome = 'started' | 'completed' | 'failed' | 'denied';
type MailOutcome = 'sending' | 'sent' | 'rejected' | 'dropped' | 'parked' | 'bounced';

type Metrics = {
  metric_logins: {
    login_id: string;
    user_id: string | null;
    /** Of the session; a login that gave none is counted in the teams of its person. */
    team_id: string | null;
    outcome: LoginOutcome;
    began: boolean;
    trusted: boolean;
    coded: boolean;
    flagged: boolean;
    at: string;
  };
  metric_sessions: {
    session_id: string;
    team_id: string;
    started_at: string;
    ended_at: string | null;
    /** `natural`: it was left to expire. */
    ending: 'natural' | 'logged-out' | 'superseded' | 'revoked' | null;
  };
  metric_refreshes: { event_id: string; team_id: string; failed: boolean; at: string };
  metric_resets: { event_id: string; user_id: string; at: string };
  metric_mails: { message_id: string; user_id: string | null; outcome: MailOutcome; attempts: number; at: string };
};

type Failed = Recorded<EventOf<'LoginFailed' | 'DeviceLoginFailed' | 'UnknownLoginFailed'>>;

const failedLogin = (writes: Writes<Metrics>, { event: { data } }: Failed) => {
  const userId = 'userId' in data ? data.userId : null;
  const nothing = { team_id: null, began: false, trusted: false, coded: false, flagged: false };
  writes.insert('metric_logins', {
    ...{ login_id: data.loginId, user_id: userId, outcome: 'failed', at: data.at },
    ...nothing,
  });
};

const login = (writes: Writes<Metrics>, loginId: string, changes: Partial<Metrics['metric_logins']>) => {
  writes.update('metric_logins', { login_id: loginId }, changes);
};

const mail = (
  writes: Writes<Metrics>,
  data: { messageId: string; userId: string | null; at: string },
  outcome: MailOutcome,
  attempts: number,
) => {
  const { messageId, userId, at } = data;
  writes.insert('metric_mails', { message_id: messageId, user_id: userId, outcome, attempts, at });
};

const sessionEnd = (
  writes: Writes<Metrics>,
  { sessionId, at }: { sessionId: string; at: string },
  ending: Metrics['metric_sessions']['ending'],
) => {
  writes.update('metric_sessions', { session_id: sessionId }, { ended_at: at, ending });
};

/** What the figures of operation are counted from: facts with their time, and no person's words or addresses. */
export const operationalMetrics: Projection<Metrics> = {
  name: 'operational_metrics',
  version: 1,
  keys: {
    metric_logins: ['login_id'],
    metric_sessions: ['session_id'],
    metric_refreshes: ['event_id'],
    metric_resets: ['event_id'],
    metric_mails: ['message_id'],
  },
  schema: `
    create table metric_logins (
      login_id uuid primary key,
      user_id uuid,
      team_id uuid,
      outcome text not null,
      began boolean not null,
      trusted boolean not null,
      coded boolean not null,
      flagged boolean not null,
      at timestamptz not null);
    create table metric_sessions (
      session_id uuid primary key,
      team_id uuid not null,
      started_at timestamptz not null,
      ended_at timestamptz,
      ending text);
    create table metric_refreshes (
      event_id uuid primary key, team_id uuid not null, failed boolean not null, at timestamptz not null);
    create table metric_resets (event_id uuid primary key, user_id uuid not null, at timestamptz not null);
    create table metric_mails (
      message_id uuid primary key,
      user_id uuid,
      outcome text not null,
      attempts integer not null,
      at timestamptz not null)`,
  indexes: `
    create index on metric_logins (at) include (outcome, began, trusted, coded, flagged);
    create index on metric_logins (team_id, at) where team_id is not null;
    create index on metric_logins (user_id, at) where team_id is null;
    create index on metric_sessions (ended_at) include (started_at, ending) where ended_at is not null;
    create index on metric_sessions (team_id, ended_at) where ended_at is not null;
    create index on metric_refreshes (at) include (failed);
    create index on metric_resets (at);
    create index on metric_mails (at) include (outcome, attempts)`,
  on: {
    LoginStarted: (writes, { event: { data } }) => {
      const { loginId, userId, deviceTrusted, at } = data;
      writes.insert('metric_logins', {
        ...{ login_id: loginId, user_id: userId, team_id: null, outcome: 'started', at },
        ...{ began: true, trusted: deviceTrusted, coded: false, flagged: false },
      });
    },
    LoginFailed: failedLogin,
    DeviceLoginFailed: failedLogin,
    UnknownLoginFailed: failedLogin,
    LoginDeviceApproved: (writes, { event: { data } }) => {
      login(writes, data.loginId, { coded: true });
    },
    LoginFlagged: (writes, { event: { data } }) => {
      login(writes, data.loginId, { flagged: true });
    },
    LoginDenied: (writes, { event: { data } }) => {
      login(writes, data.loginId, { outcome: 'denied' });
    },
    LoginCompleted: (writes, { event: { data } }) => {
      login(writes, data.loginId, { outcome: 'completed', team_id: data.teamId });
    },

    SessionStarted: (writes, { event: { data } }) => {
      const { sessionId, teamId, at } = data;
      const row = { session_id: sessionId, team_id: teamId, started_at: at, ended_at: null, ending: null };
      writes.insert('metric_sessions', row);
    },
    SessionTeamSwitched: (writes, { event: { data } }) => {
      writes.update('metric_sessions', { session_id: data.sessionId }, { team_id: data.teamId });
    },
    SessionRefreshed: (writes, { id, event: { data } }) => {
      writes.insert('metric_refreshes', { event_id: id, team_id: data.teamId, failed: false, at: data.at });
    },
    SessionExpired: (writes, { event: { data } }) => {
      sessionEnd(writes, data, 'natural');
    },
    SessionSuperseded: (writes, { event: { data } }) => {
      sessionEnd(writes, data, 'superseded');
    },
    SessionRevoked: (writes, { id, event: { data } }) => {
      sessionEnd(writes, data, data.reason === 'logged-out' ? 'logged-out' : 'revoked');
      if (data.reason !== 'refresh-token-reused') return;
      writes.insert('metric_refreshes', { event_id: id, team_id: data.teamId, failed: true, at: data.at });
    },
    PasswordChanged: (writes, { id, event: { data } }) => {
      if (data.reason === 'reset') writes.insert('metric_resets', { event_id: id, user_id: data.userId, at: data.at });
    },

    EmailSendStarted: (writes, { event: { data } }) => {
      mail(writes, data, 'sending', data.attempt);
    },
    EmailSent: (writes, { event: { data } }) => {
      writes.update('metric_mails', { message_id: data.messageId }, { outcome: 'sent', at: data.at });
    },
    EmailRejected: (writes, { event: { data } }) => {
      mail(writes, data, 'rejected', 0);
    },
    EmailDropped: (writes, { event: { data } }) => {
      mail(writes, data, 'dropped', 0);
    },
    EmailParked: (writes, { event: { data } }) => {
      mail(writes, data, 'parked', 0);
    },
    EmailBounced: (writes, { event: { data } }) => {
      if (data.kind !== 'hard') return;
      writes.update('metric_mails', { message_id: data.messageId }, { outcome: 'bounced', at: data.at });
    },
  },
};
