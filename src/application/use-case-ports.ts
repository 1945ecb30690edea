import type { CommandHandling } from './command-handler.ts';
import type { Limits, LoginLimit } from './limits.ts';
import type { GeoIp } from './geo-ip.ts';
import type { AccessTokens, Clock, Credentials, Directory, Passwords, Pause, PersonalData, Tokens } from './ports.ts';
import type { Verdicts } from './verdicts.ts';
import type { SessionCache } from './session-cache.ts';
import type { RefreshWatch } from './limits.ts';
import type { SignNote } from './sign-note.ts';

export interface Ports extends CommandHandling {
  accessTokens: AccessTokens;
  /** Who is to be the first Owner of the platform team. */
  bootstrapAdminEmail?: string | undefined;
  clock: Clock;
  credentials: Credentials;
  deviceName: (userAgent: string) => string | null;
  directory: Directory;
  /** `null` where no provider is configured: then nobody looks where a login comes from. */
  geoIp: GeoIp | null;
  limits: Limits;
  loginLimit: LoginLimit;
  passwords: Passwords;
  pause: Pause;
  personalData: PersonalData;
  refreshWatch: RefreshWatch;
  sessionCache: SessionCache;
  /** By the key of the audit log. */
  signNote: SignNote;
  sessionSettings: { maxSessions: number; idleTimeoutSeconds: number };
  teamSettings: { maxTeams: number };
  tokens: Tokens;
  verdicts: Verdicts;
}
