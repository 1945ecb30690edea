import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const seed = z.array(z.strictObject({ permission: z.string(), description: z.string() }));

export type PermissionSeed = z.infer<typeof seed>;

/** `permissions.json`: what can be granted. Add a line and restart to add a permission. */
export async function permissionSeed(): Promise<PermissionSeed> {
  const file = await readFile(new URL('../../permissions.json', import.meta.url), 'utf8');
  return seed.parse(JSON.parse(file));
}
