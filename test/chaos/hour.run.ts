import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { lanesOf } from '../../bench/fixture.ts';
import type { Job, Lane, Step } from '../../bench/load/job.ts';
import { startLoadClient } from '../../bench/load/load-client.ts';
import { loginSteps, makePeople, makePerson, type Person } from '../../bench/people.ts';
import { residentByProcess } from '../../bench/processes.ts';
import { authorizeSteps } from '../../bench/rows/authorize.ts';
import { refreshSteps } from '../../bench/rows/refresh.ts';
import { sessionCheckSteps } from '../../bench/rows/session-check.ts';
import { newInstallation, startService, type Service } from '../../bench/service.ts';
import { startStores } from '../../bench/stores.ts';
import { growing } from './memory.ts';

/** Seconds in which an hour passes. */
const compressedTo = Number(process.env['HOUR_SECONDS'] ?? 300);
/** What a panel with some thousand people at work asks for in an hour. */
const inAnHour = { checks: 150_000, permissions: 30_000, lists: 6000, refreshes: 6000, logins: 3000, people: 120 };

const bearer = { authorization: 'Bearer {{accessToken}}' };
const listSteps: readonly Step[] = [{ method: 'GET', path: '/v1/sessions', headers: bearer, expect: 200 }];
const searchSteps: readonly Step[] = [{ method: 'GET', path: '/v1/audit/events', headers: bearer, expect: 200 }];

const ownProcesses = ['api', 'projector', 'worker', 'event-store'];
/** They keep what they are given: sessions until they end, keys and jobs for a day. Shown only. */
const stores = ['postgres', 'redis'];
const processes = [...ownProcesses, ...stores];
const lookEveryMs = 1000;

test('no process grows over the load of an hour', async () => {
  const servers = await startStores();
  const load = startLoadClient();
  const service = await startService(await newInstallation(servers, 'hour', { SESSIONS_PER_USER: '3' }));
  try {
    const groups = groupsOf(await makePeople(service, 40));
    const sizes = new Map(processes.map((name) => [name, [] as number[]]));
    const watching = setInterval(() => {
      void residentByProcess().then((now) => {
        for (const name of processes) sizes.get(name)?.push(now[name] ?? 0);
      });
    }, lookEveryMs);
    const jobs = jobsFor(service, groups);
    const [outcomes] = await Promise.all([Promise.all(jobs.map((job) => load.run(job))), newPeople(service)]);
    clearInterval(watching);
    const memory = processes.map((target) => ({ target, samples: sizes.get(target) ?? [] }));
    process.stdout.write(`an hour in ${compressedTo} s: ${outcomes.map(({ done }) => done).join(' + ')} requests\n`);
    for (const { target, samples } of memory) process.stdout.write(`  ${target}: ${tenOf(samples).join(' → ')} MiB\n`);
    expect(outcomes.map(({ failed, failure }) => [failed, failure])).toEqual(jobs.map(() => [0, null]));
    expect(growing(memory.filter(({ target }) => ownProcesses.includes(target)))).toEqual([]);
    for (const { samples } of memory) expect(Math.min(...samples)).toBeGreaterThan(0);
  } finally {
    load.stop();
    await service.stop();
    await servers.stop();
  }
});

/** A login ends nothing, but a refresh token is good once: each kind of load has people of its own. */
const groupsOf = (people: readonly Person[]) => ({
  checks: lanesOf(people.slice(0, 16)),
  lists: lanesOf(people.slice(16, 24)),
  refreshes: lanesOf(people.slice(24, 32)),
  logins: lanesOf(people.slice(32, 40)),
});

function jobsFor({ apiUrl: url }: Service, groups: ReturnType<typeof groupsOf>): Job[] {
  const job = (steps: readonly Step[], lanes: readonly Lane[], times: number): Job => {
    // A newcomer's hash may make the api turn somebody away for a moment.
    return {
      url,
      steps,
      lanes,
      patient: true,
      pace: { kind: 'open', seconds: compressedTo, perSecond: times / compressedTo },
    };
  };
  return [
    job(sessionCheckSteps, groups.checks, inAnHour.checks),
    job(authorizeSteps, groups.checks, inAnHour.permissions),
    job(listSteps, groups.lists, inAnHour.lists),
    job(searchSteps, groups.lists, inAnHour.lists),
    job(refreshSteps, groups.refreshes, inAnHour.refreshes),
    job(loginSteps, groups.logins, inAnHour.logins),
  ];
}

async function newPeople(service: Service): Promise<void> {
  const everyMs = (1000 * compressedTo) / inAnHour.people;
  for (let number = 0; number < inAnHour.people; number += 1) {
    await Promise.all([makePerson(service, `newcomer.${number}@example.com`), pause(everyMs)]);
  }
}

const tenOf = (samples: readonly number[]) =>
  Array.from({ length: 10 }, (_, n) => Math.round(samples[Math.floor((n / 9) * (samples.length - 1))] ?? 0));
