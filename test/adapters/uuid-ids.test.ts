import { expect, it } from 'vitest';
import { newId } from '../../src/adapters/uuid-ids.ts';

it('ids rise, none comes twice, and all are of version 7', () => {
  const ids = Array.from({ length: 10_000 }, () => newId());
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual(ids.toSorted());
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('an id tells when it was made', () => {
  const before = Date.now();
  const [high = '', low = ''] = newId().split('-');
  expect(Number.parseInt(high + low, 16)).toBeGreaterThanOrEqual(before);
});
