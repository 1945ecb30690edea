import { completeErasure } from './erasure/complete-erasure.ts';
import { eraseMyself } from './erasure/erase-myself.ts';
import { erasePerson } from './erasure/erase-person.ts';
import type { SignNote } from './sign-note.ts';
import { forgetErasure } from './erasure/forget-erasure.ts';
import { forgetInvitations } from './erasure/forget-invitations.ts';
import { keepErasures } from './maintenance/keep-erasures.ts';
import type { ProvePassword } from './passwords/prove-password.ts';
import type { LeaveTeam } from './teams/leave-team.ts';
import type { Ports } from './use-case-ports.ts';
import type { CacheSessions } from './sessions/cache-sessions.ts';

interface Steps extends Ports {
  cacheSessions: CacheSessions;
  leaveTeam: LeaveTeam;
  provePassword: ProvePassword;
  signNote: SignNote;
}

export function erasureUseCases(steps: Steps) {
  const completing = { ...steps, forgetInvitations: forgetInvitations(steps) };
  const erasing = { ...steps, completeErasure: completeErasure(completing) };
  const erase = erasePerson(erasing);
  return {
    erasePerson: erase,
    eraseMyself: eraseMyself({ ...erasing, erasePerson: erase }),
    completeErasure: erasing.completeErasure,
    forgetErasure: forgetErasure(steps),
    keepErasures: keepErasures(steps),
  };
}
