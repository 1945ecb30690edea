import type { PermissionCatalogueEvent } from './events.ts';

/** In the order in which they were added. */
export interface PermissionCatalogueState {
  readonly permissions: readonly string[];
}

export const initialState: PermissionCatalogueState = { permissions: [] };

export function evolve(state: PermissionCatalogueState, event: PermissionCatalogueEvent): PermissionCatalogueState {
  const { permission } = event.data;
  const others = state.permissions.filter((known) => known !== permission);
  switch (event.type) {
    case 'PermissionAdded':
      return { permissions: [...others, permission] };
    case 'PermissionRetired':
      return { permissions: others };
  }
}
