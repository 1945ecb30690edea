import type { RoleKind } from '../../domain/team/events.ts';

/** What somebody may do in one team. */
export interface Access {
  readonly team: { readonly teamId: string; readonly name: string };
  readonly role: { readonly roleId: string; readonly name: string; readonly kind: RoleKind };
  readonly grants: readonly string[];
  /** Whether this is the team that runs the platform. */
  readonly platform: boolean;
  /** Of the team; `null` where the installation's default holds. */
  readonly idleTimeoutSeconds: number | null;
}
