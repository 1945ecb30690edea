import { expect, it } from 'vitest';
import { outageGuard } from '../../src/adapters/outage-guard.ts';

/** Calls that end when and how they are told to. */
function calls() {
  const ends: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const call = () => new Promise<string>((resolve, reject) => ends.push({ resolve, reject }));
  return { ends, call };
}

const isStall = ({ message }: Error) => message === 'silence';
const guardOf = () => outageGuard('database', { isStall: (error) => error instanceof Error && isStall(error) });
const unavailable = { name: 'Unavailable', what: 'database' };

it('tells all that wait when one of them found that nothing answers', async () => {
  const guard = guardOf();
  const { ends, call } = calls();
  const asked = Array.from({ length: 3 }, () => guard.run(call));
  ends[1]?.reject(new Error('silence'));
  for (const answer of asked) await expect(answer).rejects.toMatchObject(unavailable);
  expect(guard.status()).toBe('open');
  // What comes of them later changes nothing.
  ends[0]?.resolve('late');
  ends[2]?.reject(new Error('late'));
  await expect(guard.run(call)).rejects.toMatchObject(unavailable);
  expect(ends).toHaveLength(3);
});

it('lets the others wait when one was refused', async () => {
  const guard = guardOf();
  const { ends, call } = calls();
  const [refused, answered] = [guard.run(call), guard.run(call)];
  ends[0]?.reject(new Error('connection refused'));
  await expect(refused).rejects.toMatchObject(unavailable);
  ends[1]?.resolve('an answer');
  await expect(answered).resolves.toBe('an answer');
  expect(guard.status()).toBe('closed');
});
