import { devices } from '../../domain/devices/decide.ts';
import { emailAddress } from '../../domain/email-address/decide.ts';
import type { EventOf } from '../../domain/events.ts';
import { team } from '../../domain/team/decide.ts';
import { commandHandler, type CommandHandling } from '../command-handler.ts';
import { fromWhere } from '../context.ts';
import type { Clock, Context, PersonalData, Recorded } from '../ports.ts';
import { streams } from '../streams.ts';

interface Dependencies extends CommandHandling {
  personalData: PersonalData;
  clock: Clock;
}

export type CompleteVerification = (
  request: { userId: string },
  context: Context,
) => Promise<{ position: bigint | undefined }>;

/** What follows from a verified address: each step is safe alone and to repeat, so a crash between two loses nothing. */
export function completeVerification(deps: Dependencies): CompleteVerification {
  const handleAddress = commandHandler(deps, emailAddress);
  const handleTeam = commandHandler(deps, team);
  const handleDevices = commandHandler(deps, devices);

  return async ({ userId }, context) => {
    const { eventStore, personalData, newId, clock } = deps;
    const { events } = await eventStore.readStream(streams.user(userId));
    const submitted = only(events, 'RegistrationSubmitted');
    const verified = only(events, 'EmailVerified');
    if (!submitted || !verified) return { position: undefined };

    const { emailHash, teamId } = submitted.event.data;
    const { trustedDeviceId } = verified.event.data;
    const now = clock();
    await handleAddress(
      streams.emailAddress(emailHash),
      { type: 'ConfirmEmailAddress', emailHash, userId, now },
      context,
    );
    const { teamName } = (await personalData.open(submitted)).event.data;
    const roleIds = { owner: newId(), manager: newId(), developer: newId() };
    const created = await handleTeam(
      streams.team(teamId),
      { type: 'CreateTeam', teamId, name: teamName ?? 'Team', ownerId: userId, roleIds, now },
      context,
    );
    if (trustedDeviceId === null) return { position: created.position };
    const approved = await handleDevices(
      streams.devices(userId),
      {
        type: 'ApproveDevice',
        userId,
        deviceId: trustedDeviceId,
        method: 'registration',
        loginId: null,
        provenAt: new Date(verified.event.data.at),
        now,
      },
      await fromWhere(deps, () => verified, context),
    );
    return { position: approved.position };
  };
}

const only = <Type extends 'RegistrationSubmitted' | 'EmailVerified'>(events: readonly Recorded[], type: Type) =>
  events.find((recorded) => recorded.event.type === type) as Recorded<EventOf<Type>> | undefined;
