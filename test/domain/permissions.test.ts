import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectivePermissions, isGranted, missingToGrant, unknownGrant } from '../../src/domain/permissions.ts';
import { defaultRoles } from '../../src/domain/team/default-roles.ts';

const catalogue = ['team.manage', 'team.view', 'site.create', 'siteplan.view', 'billing.manage', 'system.admin'];
const grantsOf = (kind: string) => defaultRoles.find((role) => role.kind === kind)?.grants ?? [];

describe('a grant', () => {
  it('includes the permission that it names, and no other', () => {
    expect(isGranted(['site.create'], 'site.create')).toBe(true);
    expect(isGranted(['site.create'], 'site.edit')).toBe(false);
    expect(isGranted(['site.create'], 'site.create.more')).toBe(false);
    expect(isGranted([], 'site.create')).toBe(false);
  });

  it('of a category includes that category only', () => {
    expect(isGranted(['site.*'], 'site.create')).toBe(true);
    expect(isGranted(['site.*'], 'siteplan.view')).toBe(false);
    expect(isGranted(['site.*'], 'team.view')).toBe(false);
    expect(isGranted(['site.*'], 'site')).toBe(false);
  });

  it('of everything includes all but the right over the platform', () => {
    expect(isGranted(['*'], 'billing.manage')).toBe(true);
    expect(isGranted(['*'], 'system.admin')).toBe(false);
    expect(isGranted(['*', 'system.*'], 'system.admin')).toBe(false);
    expect(isGranted(['system.admin'], 'system.admin')).toBe(true);
  });
});

describe('what a role may do', () => {
  it('is listed in the order of the catalogue', () => {
    expect(effectivePermissions(['site.create', 'team.*'], catalogue)).toEqual([
      'team.manage',
      'team.view',
      'site.create',
    ]);
  });

  it('follows the default roles', () => {
    expect(effectivePermissions(grantsOf('owner'), catalogue)).toEqual(catalogue.slice(0, -1));
    expect(effectivePermissions(grantsOf('manager'), catalogue)).toEqual(['team.manage', 'team.view', 'site.create']);
    expect(effectivePermissions(grantsOf('developer'), catalogue)).toEqual(['team.view', 'site.create']);
  });

  it('only grows with more grants', () => {
    const grants = fc.array(fc.constantFrom('*', 'team.*', 'site.*', 'system.*', ...catalogue));
    fc.assert(
      fc.property(grants, grants, (some, more) => {
        const before = effectivePermissions(some, catalogue);
        expect(effectivePermissions([...some, ...more], catalogue)).toEqual(expect.arrayContaining(before));
      }),
    );
  });
});

describe('giving away', () => {
  it('needs the same, or a wider grant', () => {
    expect(missingToGrant(['site.*'], ['site.create', 'site.edit'])).toBeUndefined();
    expect(missingToGrant(['site.*'], ['site.*'])).toBeUndefined();
    expect(missingToGrant(['*'], ['site.*', 'billing.manage', '*'])).toBeUndefined();
    expect(missingToGrant(['site.create'], [])).toBeUndefined();
  });

  it('is refused for what the giver lacks, which is named', () => {
    expect(missingToGrant(['site.*', 'team.invite'], ['site.create', 'env.deploy', '*'])).toBe('env.deploy');
    expect(missingToGrant(['site.create', 'site.edit', 'site.delete'], ['site.*'])).toBe('site.*');
    expect(missingToGrant(['team.*', 'site.*'], ['*'])).toBe('*');
    expect(missingToGrant(['*'], ['system.admin'])).toBe('system.admin');
  });

  it('never gives a permission that the giver does not have', () => {
    const grants = fc.array(fc.constantFrom('*', 'team.*', 'site.*', 'system.*', ...catalogue));
    fc.assert(
      fc.property(grants, grants, (giver, given) => {
        if (missingToGrant(giver, given) !== undefined) return;
        const held = effectivePermissions(giver, catalogue);
        expect(held).toEqual(expect.arrayContaining(effectivePermissions(given, catalogue)));
      }),
    );
  });
});

describe('a grant that names nothing', () => {
  it('is found: what can be granted is in the catalogue, a category of it, or everything', () => {
    expect(unknownGrant(['*', 'site.*', 'site.create', 'system.admin'], catalogue)).toBeUndefined();
    expect(unknownGrant(['site.create', 'site.paint', 'paint.*'], catalogue)).toBe('site.paint');
    for (const grant of ['paint.*', 'site', '.*', '', '**', 'site.**', 'si.*', 'Site.create']) {
      expect(unknownGrant([grant], catalogue)).toBe(grant);
    }
  });

  it('is a category of which a wildcard includes nothing', () => {
    expect(unknownGrant(['system.*'], ['site.create', 'system.admin'])).toBe('system.*');
    expect(unknownGrant(['system.*'], ['site.create', 'system.admin', 'system.read'])).toBeUndefined();
  });
});

describe('a permission that was retired', () => {
  it('is held by nobody any more, whatever their role says, until it comes back', () => {
    const now = catalogue.filter((permission) => permission !== 'site.create');
    for (const grants of [['*'], ['site.*'], ['site.create']]) {
      expect(effectivePermissions(grants, now)).not.toContain('site.create');
      expect(effectivePermissions(grants, catalogue)).toContain('site.create');
    }
  });
});

describe('a permission that was added', () => {
  it('is held at once by those who hold its category, or everything', () => {
    const now = [...catalogue, 'site.paint'];
    expect(effectivePermissions(['site.*'], now)).toContain('site.paint');
    expect(effectivePermissions(['*'], now)).toContain('site.paint');
    expect(effectivePermissions(['site.create', 'site.edit', 'team.*'], now)).not.toContain('site.paint');
  });
});
