import { z } from 'zod';
import type { Moment } from '../../application/audit/describe-state.ts';
import { Unavailable } from '../../application/ports.ts';
import { DomainError } from '../../domain/errors.ts';
import { accessCursor, accessDiffCursor, type AccessDiffPage } from '../../projections/access-pages.ts';
import type { Access } from '../../projections/access-queries.ts';
import type { AccessScope } from '../../projections/access-rows.ts';
import type { Visibility } from '../../projections/audit-select.ts';
import type { AsOf } from '../../projections/moments.ts';
import { auditInput, momentOf, notBoth, oneMoment } from '../audit-input.ts';
import { auditProblems, auditReader } from '../audit-reading.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint, type SessionCaller } from '../endpoint.ts';
import { input, nothing } from '../input.ts';

const tag = 'Audit';

const asOf = z.strictObject({
  position: z.string().describe('Everything up to here had happened, and nothing after it'),
  at: input.time.nullable().describe('When the last event up to there was recorded'),
});

const access = z.strictObject({
  userId: input.id,
  name: z.string().nullable().describe('`null` once the person is erased'),
  teamId: input.id,
  teamName: z.string(),
  roleId: input.id,
  roleName: z.string(),
  grants: z.array(z.string()),
  permissions: z.array(z.string()).describe('Of the catalogue as it was then, wildcards resolved'),
  since: z
    .strictObject({ position: z.string(), at: input.time, eventId: input.id })
    .describe('The last of the events that made it so'),
  because: z.array(input.id).describe('The events that made it so, in the order of the log'),
});

const events = { events: z.array(input.id).describe('The events that made it so, in the order of the log') };
const changed = z.strictObject({
  before: access,
  after: access,
  gainedPermissions: z.array(z.string()),
  lostPermissions: z.array(z.string()),
  ...events,
});

const paging = {
  cursor: input.cursor.optional().describe('Goes on at the moment that the first page was of, whatever else is given'),
  limit: input.limit,
};
const nextCursor = z.string().optional();
const scope = { team: input.id.optional(), user: input.id.optional() };
const moment = z.union([input.time, auditInput.position]);
const problems = [...auditProblems, 'read-model-behind'] as const;

type Deps = Pick<ApiDependencies, 'queries' | 'useCases' | 'waitForPosition'>;

export const auditAccessEndpoints = (deps: Deps): Endpoint[] => [readAccess(deps), compareAccess(deps)];

const readAccess = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/access',
    tag,
    summary: 'Who can do what, or could at a time or position of the log, and which events made it so',
    auth: 'session',
    params: nothing,
    query: z
      .strictObject({
        ...scope,
        ...auditInput.moment,
        permission: z
          .string()
          .regex(/^[\w.]{1,100}$/)
          .optional(),
        ...paging,
      })
      .refine(oneMoment, notBoth),
    body: nothing,
    success: {
      status: 200,
      description: 'A page of those who could do something, by team and person',
      body: z.strictObject({ asOf, items: z.array(access), nextCursor }),
    },
    problems,
    handle: async ({ caller, context, query }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const about = scopeFor(query, caller, visibleTo);
      const { after, position } = accessCursor(query.cursor) ?? {};
      const then = await reached(deps, position === undefined ? momentOf(query) : eitherMoment(position));
      const page = { after, limit: query.limit };
      const { items, ...next } = await deps.queries.accessAt(about, then.position, page, query.permission);
      await record({ what: 'access', filter: { ...query, ...about }, count: items.length });
      return { body: { asOf: then, items: items.map(bodyOf), ...next } };
    },
  });

const compareAccess = (deps: Deps) =>
  endpoint({
    method: 'get',
    path: '/v1/audit/access/diff',
    tag,
    summary: 'What changed in who can do what between two times or positions, and which events changed it',
    auth: 'session',
    params: nothing,
    query: z.strictObject({
      ...scope,
      from: moment,
      to: moment.optional().describe('Now, where nothing is said'),
      ...paging,
    }),
    body: nothing,
    success: {
      status: 200,
      description: 'What was gained, lost and changed: a page of members, by team and person',
      body: z.strictObject({
        from: asOf,
        to: asOf,
        gained: z.array(access.extend(events)),
        lost: z.array(access.extend(events)),
        changed: z.array(changed),
        nextCursor,
      }),
    },
    problems,
    handle: async ({ caller, context, query }) => {
      const { visibleTo, record } = await auditReader(deps, caller, context);
      const about = scopeFor(query, caller, visibleTo);
      const { after, span } = accessDiffCursor(query.cursor) ?? {};
      const from = await reached(deps, eitherMoment(span?.after ?? query.from));
      const until = span?.upTo ?? query.to;
      const to = await reached(deps, until === undefined ? {} : eitherMoment(until));
      const between = { after: from.position, upTo: to.position };
      const diff = await deps.queries.accessDiff(about, between, { after, limit: query.limit });
      const count = diff.gained.length + diff.lost.length + diff.changed.length;
      await record({ what: 'access-diff', filter: { ...query, ...about }, count });
      return { body: { from, to, ...bodyOfDiff(diff) } };
    },
  });

/** The own team where nothing is asked; somebody else's teams are for those who may see everything. */
function scopeFor({ team, user }: AccessScope, caller: SessionCaller, visibleTo: Visibility): AccessScope {
  const isForeign = team !== undefined && team !== caller.teamId;
  if (visibleTo === 'all') return team === undefined && user === undefined ? { team: caller.teamId } : { team, user };
  if (isForeign) throw new DomainError('not-found');
  return { team: user === caller.userId ? team : caller.teamId, user };
}

/** Throws `Unavailable('read-model')` for what the read models do not show yet. */
async function reached({ queries, waitForPosition }: Deps, wanted: Moment): Promise<AsOf> {
  if (wanted.position !== undefined && !(await waitForPosition(wanted.position))) throw new Unavailable('read-model');
  const found = await queries.asOf(wanted);
  if (!(await waitForPosition(BigInt(found.position)))) throw new Unavailable('read-model');
  return found;
}

const eitherMoment = (given: string) => (/^\d+$/.test(given) ? momentOf({ position: given }) : momentOf({ at: given }));

const bodyOf = (one: Access): z.infer<typeof access> => {
  const { userId, name, teamId, teamName, roleId, roleName, since } = one;
  return {
    ...{ userId, name, teamId, teamName, roleId, roleName, since },
    ...{ grants: [...one.grants], permissions: [...one.permissions], because: [...one.because] },
  };
};

const bodyOfDiff = ({ gained, lost, changed: changes, ...next }: AccessDiffPage) => ({
  gained: gained.map(withEvents),
  lost: lost.map(withEvents),
  changed: changes.map(({ before, after, gainedPermissions, lostPermissions, events: ids }) => ({
    ...{ before: bodyOf(before), after: bodyOf(after), events: [...ids] },
    ...{ gainedPermissions: [...gainedPermissions], lostPermissions: [...lostPermissions] },
  })),
  ...next,
});

const withEvents = (one: AccessDiffPage['gained'][number]) => ({ ...bodyOf(one), events: [...one.events] });
