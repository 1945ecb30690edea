import { changePassword } from './passwords/change-password.ts';
import { choosePassword } from './passwords/choose-password.ts';
import { completePasswordChange } from './passwords/complete-password-change.ts';
import { forcePasswordChange } from './passwords/force-password-change.ts';
import { issuePasswordReset } from './passwords/issue-password-reset.ts';
import { judgePassword } from './passwords/judge-password.ts';
import type { ProvePassword } from './passwords/prove-password.ts';
import { requestPasswordReset } from './passwords/request-password-reset.ts';
import { resetPassword } from './passwords/reset-password.ts';
import type { CacheSessions } from './sessions/cache-sessions.ts';
import { endSessionsBefore } from './sessions/end-sessions-before.ts';
import type { Ports } from './use-case-ports.ts';

interface Steps {
  cacheSessions: CacheSessions;
  provePassword: ProvePassword;
}

export function passwordUseCases(ports: Ports, { cacheSessions, provePassword }: Steps) {
  const complete = {
    ...ports,
    completePasswordChange: completePasswordChange({
      ...ports,
      endSessionsBefore: endSessionsBefore({ ...ports, cacheSessions }),
    }),
  };
  const choosing = {
    ...ports,
    judgePassword: judgePassword(ports),
    choosePassword: choosePassword(complete),
    provePassword,
  };
  return {
    requestPasswordReset: requestPasswordReset(ports),
    issuePasswordReset: issuePasswordReset(ports),
    resetPassword: resetPassword(choosing),
    changePassword: changePassword(choosing),
    forcePasswordChange: forcePasswordChange(complete),
    completePasswordChange: complete.completePasswordChange,
  };
}
