import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionCatalogue, type PermissionCatalogueCommand } from '../../src/domain/permission-catalogue/decide.ts';
import type { PermissionCatalogueEvent } from '../../src/domain/permission-catalogue/events.ts';
import { defaultRoles } from '../../src/domain/team/default-roles.ts';
import { specificationFor } from '../support/given.ts';
import { anyTime, at, moment } from './moments.ts';
import { expectAnyFold, expectNothingTwice, play } from './properties.ts';

const given = specificationFor(permissionCatalogue);
const seed = (...permissions: string[]): PermissionCatalogueCommand => ({
  type: 'SeedPermissions',
  permissions: permissions.map((permission) => ({ permission, description: `About ${permission}` })),
  now: moment(),
});
const added = (permission: string): PermissionCatalogueEvent => ({
  type: 'PermissionAdded',
  data: { permission, description: `About ${permission}`, at: at() },
});
const retired = (permission: string): PermissionCatalogueEvent => ({
  type: 'PermissionRetired',
  data: { permission, at: at() },
});

describe('seeding the catalogue', () => {
  it('adds what is missing', () => {
    given().when(seed('site.create', 'site.edit')).then(added('site.create'), added('site.edit'));
    given(added('site.create')).when(seed('site.create', 'site.edit')).then(added('site.edit'));
  });

  it('retires what is gone, and brings it back', () => {
    given(added('site.create'), added('site.edit')).when(seed('site.edit')).then(retired('site.create'));
    given(added('site.create'), retired('site.create')).when(seed('site.create')).then(added('site.create'));
  });

  it('adds a permission once that stands in the seed twice', () => {
    given().when(seed('site.create', 'site.create')).then(added('site.create'));
  });

  it('does nothing when nothing has changed', () => {
    given(added('site.create'), added('site.edit')).when(seed('site.edit', 'site.create')).thenNothing();
  });
});

describe('any history of the catalogue', () => {
  const permission = fc.constantFrom('site.create', 'site.edit', 'env.create', 'toString');
  const commands = fc.array(fc.uniqueArray(permission).map((all) => seed(...all)));

  it('folds', () => {
    const event = fc
      .tuple(fc.boolean(), permission, anyTime)
      .map(([add, name, time]): PermissionCatalogueEvent =>
        add
          ? { type: 'PermissionAdded', data: { permission: name, description: '', at: time } }
          : { type: 'PermissionRetired', data: { permission: name, at: time } },
      );
    expectAnyFold(permissionCatalogue, event);
  });

  it('is not changed by the same seed twice', () => {
    expectNothingTwice(permissionCatalogue, commands);
  });

  it('holds what the last seed said', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        for (const { command, after } of play(permissionCatalogue, sequence)) {
          expect([...after.permissions].sort()).toEqual(command.permissions.map((one) => one.permission).sort());
        }
      }),
    );
  });
});

describe('the seed file', () => {
  const file = new URL('../../permissions.json', import.meta.url);
  const entries = JSON.parse(readFileSync(file, 'utf8')) as { permission: string; description: string }[];
  const names = entries.map(({ permission }) => permission);

  it('names every permission once, with a description', () => {
    expect(new Set(names).size).toBe(names.length);
    for (const { permission, description } of entries) {
      expect(permission).toMatch(/^[a-z]+\.[a-z]+$/);
      expect(description.length).toBeGreaterThan(5);
    }
  });

  it('knows every permission and category that the default roles grant', () => {
    const categories = names.map((name) => `${name.split('.')[0] ?? ''}.*`);
    for (const grant of defaultRoles.flatMap(({ grants }) => grants)) {
      expect(['*', ...categories, ...names]).toContain(grant);
    }
  });
});
