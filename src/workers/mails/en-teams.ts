import { facts, heading, paragraph } from './content.ts';
import { greeting, moment, product } from './en-phrases.ts';
import type { TeamTexts } from './mail-texts.ts';

const theTeam = (team: string | null) => (team === null ? 'a team' : `the team “${team}”`);
const somebody = (name: string | null) => name ?? 'Somebody';

export const teamTexts: TeamTexts = {
  memberRemoved: ({ name, team, by, at }) => ({
    subject: `You are no longer in ${theTeam(team)} on ${product}`,
    preview: `${somebody(by)} removed you from it.`,
    blocks: [
      heading('You were removed from a team'),
      paragraph(greeting(name)),
      paragraph(
        `${somebody(by)} removed you from ${theTeam(team)}. What it works on is not open to you any more. Your account and your other teams stay as they are.`,
      ),
      facts(['Team', team], ['When', moment(at)]),
      paragraph('If you think that this is a mistake, ask the people of the team to invite you again.'),
    ],
    reason: `you were a member of a team on ${product}.`,
  }),

  teamClosed: ({ name, team, by, at }) => ({
    subject: `${team === null ? 'A team' : `The team “${team}”`} on ${product} was closed`,
    preview: `${somebody(by)} closed it.`,
    blocks: [
      heading('A team was closed'),
      paragraph(greeting(name)),
      paragraph(
        `${somebody(by)} closed ${theTeam(team)}, which you were a member of. Nobody can work in it any more; what happened in it stays on record. Your account and your other teams stay as they are.`,
      ),
      facts(['Team', team], ['When', moment(at)]),
    ],
    reason: `you were a member of a team on ${product}.`,
  }),

  ownershipTransferred: ({ name, team, isNewOwner, other, roleAfter, at }) => ({
    subject: isNewOwner
      ? `You now own ${theTeam(team)} on ${product}`
      : `You handed over ${theTeam(team)} on ${product}`,
    preview: isNewOwner ? `${somebody(other)} handed it to you.` : 'Its Owner has changed.',
    blocks: [
      heading(isNewOwner ? 'You are the Owner of a team' : 'You handed a team over'),
      paragraph(greeting(name)),
      paragraph(
        isNewOwner
          ? `${somebody(other)} made you an Owner of ${theTeam(team)}. From now on you may do everything in it, and close it or hand it on.`
          : `${other ?? 'Another member'} is an Owner of ${theTeam(team)} now, in your place.${roleAfter === null ? '' : ` You stay a member, as ${roleAfter}.`}`,
      ),
      facts(['Team', team], ['When', moment(at)]),
      paragraph(
        isNewOwner
          ? 'If you did not expect this, ask the person who did it.'
          : 'If this was not you, somebody has got into your account: choose a new password, and tell the new Owner.',
      ),
    ],
    reason: `the Owner of a team of yours on ${product} has changed.`,
  }),

  roleChanged: ({ name, team, from, to, isRetired, by, at }) => ({
    subject: `You have another role in ${theTeam(team)} on ${product}`,
    preview: to === null ? 'Your role has changed.' : `Your role is ${to} now.`,
    blocks: [
      heading('Your role has changed'),
      paragraph(greeting(name)),
      paragraph(
        isRetired
          ? `${somebody(by)} retired the role that you had in ${theTeam(team)}, and gave you another one.`
          : `${somebody(by)} gave you another role in ${theTeam(team)}.`,
      ),
      facts(['Team', team], ['Role until now', from], ['Role from now on', to], ['When', moment(at)]),
      paragraph('What you may do in the team changes with it at once.'),
    ],
    reason: `you are a member of a team on ${product}.`,
  }),
};
