import type { VirtuozzoKeys, VirtuozzoPlatform } from '../virtuozzo.ts';

interface Dependencies {
  virtuozzoKeys: Pick<VirtuozzoKeys, 'wipe'>;
  virtuozzoPlatform: Pick<VirtuozzoPlatform, 'signOut' | 'deleteToken'> | null;
}

/** Safe to repeat. */
export type ForgetVirtuozzoKey = (request: { linkId: string }) => Promise<void>;

/** Wipes a key here, and then ends it on the platform as far as that can be had: there it is the owner's own affair. */
export function forgetVirtuozzoKey({ virtuozzoKeys, virtuozzoPlatform }: Dependencies): ForgetVirtuozzoKey {
  return async ({ linkId }) => {
    const key = await virtuozzoKeys.wipe(linkId);
    if (key === undefined || virtuozzoPlatform === null) return;
    const { sessionKey, tokenId } = key.secret;
    if (tokenId !== undefined) await virtuozzoPlatform.deleteToken(sessionKey, tokenId).catch(() => undefined);
    await virtuozzoPlatform.signOut(sessionKey).catch(() => undefined);
  };
}
