/** Stored forever in `permission_catalogue`: what can be granted. Times are ISO 8601. */
export type PermissionCatalogueEvent =
  | { type: 'PermissionAdded'; data: { permission: string; description: string; at: string } }
  | { type: 'PermissionRetired'; data: { permission: string; at: string } };
