import type { Recipient } from '../../application/emails/email-recipient.ts';
import { invitationToMail, type InvitationToMail } from '../../application/invitations/invitation-to-mail.ts';
import { invitedAddress } from '../../application/invitations/invited-address.ts';
import type { Context, Recorded } from '../../application/ports.ts';
import { teamOwners } from '../../application/teams/team-owners.ts';
import type { EventOf } from '../../domain/events.ts';
import type { Job } from '../job.ts';
import type { MailJobDependencies } from '../mail-job.ts';
import { renderMail, type RenderedMail } from '../mails/render-mail.ts';
import { shownName } from '../mails/shown-name.ts';
import { reactionJob } from '../reaction-job.ts';

interface Round {
  readonly invitationId: string;
  readonly tokenId: string;
}

/** To an address, not to a user: whether it has an account is not looked at. */
export function invitationMail(deps: MailJobDependencies): Job {
  const causes = ['InvitationIssued', 'InvitationResent'] as const;
  return reactionJob('mail-invitation', causes, deps.eventStore, async (cause, context) => {
    const round = cause.event.data;
    let about: InvitationToMail | undefined;
    const outcome = await deps.sendEmail(
      {
        template: 'invitation',
        cause,
        userId: null,
        recipient: () => recipient(deps, round),
        isWanted: async () => {
          about = await invitationToMail(deps, round);
          return about !== undefined;
        },
        render: () => {
          if (about === undefined) throw new Error('a mail about an invitation that is good no more is written');
          return render(deps, round, about);
        },
      },
      context,
    );
    const isRefused = outcome === 'rejected' && (await recipient(deps, round)) !== undefined;
    if (isRefused) await tellInviter(deps, cause, context);
  });
}

/** Nobody at that address gets mails: whoever invited it can mend that. */
async function tellInviter(
  deps: MailJobDependencies,
  cause: Recorded<EventOf<'InvitationIssued' | 'InvitationResent'>>,
  context: Context,
): Promise<void> {
  const { data } = cause.event;
  const userId = 'resentBy' in data ? data.resentBy : data.invitedBy;
  if (userId === null) return;
  const { name: team } = await teamOwners(deps, data.teamId);
  const render = ({ name }: Recipient): RenderedMail => {
    const about = { name: shownName(name), team: shownName(team), at: new Date(data.at) };
    return renderMail(deps.texts.invitationUndeliverable(about), deps.texts);
  };
  await deps.sendEmail({ template: 'invitation-undeliverable', cause, userId, render }, context);
}

async function recipient(deps: MailJobDependencies, round: Round): Promise<Recipient | undefined> {
  const email = await invitedAddress(deps, round);
  return email === undefined ? undefined : { email, name: null, teamName: null };
}

function render(
  { tokens, publicUrl, texts }: MailJobDependencies,
  { invitationId, tokenId }: Round,
  { team, role, inviter, expiresAt }: InvitationToMail,
): RenderedMail {
  const token = tokens.issue('invitation', [invitationId, tokenId]);
  const link = `${publicUrl}/invitations?token=${encodeURIComponent(token)}`;
  const names = { team: shownName(team), role: shownName(role), inviter: shownName(inviter) };
  return renderMail(texts.invitation({ ...names, expiresAt, link }), texts);
}
