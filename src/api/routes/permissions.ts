import { z } from 'zod';
import type { ApiDependencies } from '../dependencies.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { nothing } from '../input.ts';

const permission = z.strictObject({ permission: z.string(), description: z.string() });

export const permissionEndpoints = ({ queries }: Pick<ApiDependencies, 'queries'>): Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/v1/permissions',
    tag: 'Permissions',
    summary: 'The catalogue: what a role can be granted',
    auth: 'session',
    params: nothing,
    query: nothing,
    body: nothing,
    success: { status: 200, description: 'All permissions', body: z.strictObject({ items: z.array(permission) }) },
    problems: ['database-unavailable'],
    handle: async () => ({ body: { items: [...(await queries.permissions())] } }),
  }),
];
