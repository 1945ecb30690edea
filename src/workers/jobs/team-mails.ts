import { recipientOf } from '../../application/emails/email-recipient.ts';
import type { Recorded } from '../../application/ports.ts';
import { teamBefore } from '../../application/teams/team-before.ts';
import type { Job } from '../job.ts';
import { mailJob, type MailJobDependencies } from '../mail-job.ts';
import { mailToEachJob } from '../mail-to-each-job.ts';
import { shownName } from '../mails/shown-name.ts';

type TeamMail = 'mail-member-removed' | 'mail-team-closed' | 'mail-ownership-transferred' | 'mail-role-changed';

/** What people are told about their teams. Names are those of the time when it happened. */
export function teamMailJobs(deps: MailJobDependencies): Readonly<Record<TeamMail, Job>> {
  return {
    'mail-member-removed': memberRemoved(deps),
    'mail-team-closed': teamClosed(deps),
    'mail-ownership-transferred': ownershipTransferred(deps),
    'mail-role-changed': roleChanged(deps),
  };
}

function memberRemoved(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'member-removed',
    causes: ['MemberRemoved'],
    prepare: async (cause) => {
      const { name: team } = await teamBefore(deps, cause);
      const about = { team: shownName(team), by: await actorOf(deps, cause), at: new Date(cause.event.data.at) };
      return ({ name }) => deps.texts.memberRemoved({ name, ...about });
    },
  });
}

function teamClosed(deps: MailJobDependencies): Job {
  return mailToEachJob(deps, {
    template: 'team-closed',
    causes: ['TeamClosed'],
    prepare: async (cause) => {
      const { name: team, members } = await teamBefore(deps, cause);
      const about = { team: shownName(team), by: await actorOf(deps, cause), at: new Date(cause.event.data.at) };
      return { userIds: Object.keys(members), say: ({ name }) => deps.texts.teamClosed({ name, ...about }) };
    },
  });
}

function ownershipTransferred(deps: MailJobDependencies): Job {
  return mailToEachJob(deps, {
    template: 'ownership-transferred',
    causes: ['OwnershipTransferred'],
    prepare: async (cause) => {
      const { fromUserId, toUserId, formerOwnerRoleId, at } = cause.event.data;
      const { name: team, roles } = await teamBefore(deps, cause);
      const [from, to] = [await nameOf(deps, fromUserId), await nameOf(deps, toUserId)];
      const roleAfter = shownName(roles[formerOwnerRoleId]?.name ?? null);
      const about = { team: shownName(team), roleAfter, at: new Date(at) };
      return {
        userIds: [toUserId, fromUserId],
        say: ({ userId, name }) =>
          deps.texts.ownershipTransferred({
            name,
            ...about,
            isNewOwner: userId === toUserId,
            other: userId === toUserId ? from : to,
          }),
      };
    },
  });
}

function roleChanged(deps: MailJobDependencies): Job {
  return mailJob(deps, {
    template: 'role-changed',
    causes: ['MemberRoleChanged'],
    prepare: async (cause) => {
      const { fromRoleId, roleId, reason, at } = cause.event.data;
      const { name: team, roles } = await teamBefore(deps, cause);
      const roleName = (id: string) => shownName(roles[id]?.name ?? null);
      const about = {
        team: shownName(team),
        from: roleName(fromRoleId),
        to: roleName(roleId),
        isRetired: reason === 'role-retired',
        by: await actorOf(deps, cause),
        at: new Date(at),
      };
      return ({ name }) => deps.texts.roleChanged({ name, ...about });
    },
  });
}

async function actorOf(deps: MailJobDependencies, { context: { actor } }: Recorded): Promise<string | null> {
  return actor.kind === 'user' ? nameOf(deps, actor.userId) : null;
}

async function nameOf(deps: MailJobDependencies, userId: string): Promise<string | null> {
  return shownName((await recipientOf(deps, userId))?.name ?? null);
}
