import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import type { Checkpoint } from '../../src/domain/audit-proof/checkpoint.ts';
import { parseVerifierKey, type NoteKey } from '../../src/domain/audit-proof/signed-note.ts';
import { seededRandom } from '../e2e/persistence.ts';
import { alterations, atOnce, endOf, linesOf, turned, wrongLine, type Altered } from './altered.ts';
import { inWords, isFlat, mbauth, watchSize } from './command.ts';
import { perSecond, quantileOf, say, timed } from './figures.ts';
import { openWorld, type World } from './installation.ts';
import { placesIn } from './places.ts';
import { opened, reviewerOf, searchesFor, type Entry } from './reviewer.ts';
import * as tampering from './tampering.ts';

/** `MILLION_SEED` repeats the places of a run that failed. */
const seed = Number(process.env['MILLION_SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const changesOfOneByte = 1000;

let folder: string;
let world: World;
/** How many leaves the tree had when everything made by the generator was in it, and was signed. */
let first: Checkpoint;
let key: NoteKey;
let bearer: string;
let reviewer: ReturnType<typeof reviewerOf>;
let places: ReturnType<typeof placesIn>;
/** The files of the complete export, of the key, and of the first checkpoint. */
let files: { readonly whole: string; readonly key: string; readonly previous: string };

const verify = (file: string, previous = files.previous) =>
  mbauth(['audit', 'verify', file, '--key', files.key, '--previous', previous]);
const check = () => mbauth(['audit', 'check'], world.kept.installation.settings);
const keeping = () => ({ key, previous: first });

beforeAll(async () => {
  say(`MILLION_SEED=${seed}`);
  folder = await mkdtemp(join(tmpdir(), 'mbauth-million-'));
  files = { whole: join(folder, 'whole.ndjson'), key: join(folder, 'key'), previous: join(folder, 'previous') };
  world = await openWorld(join(folder, 'checkpoints'));
  const text = await (await fetch(`${world.service.apiUrl}/.well-known/audit-log-key`)).text();
  await writeFile(files.key, text);
  const parsed = parseVerifierKey(cryptography.sha256, text.trim());
  if (parsed === undefined) throw new Error(`${text} is no key.`);
  key = parsed;
  reviewer = reviewerOf(world.service.apiUrl, key, () => bearer);
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

test('everything comes into the tree, and is signed', async () => {
  const [, milliseconds] = await timed(async () => {
    for (;;) {
      const { rows } = await world.tables.query<{ note: string }>(
        'select note from proof.checkpoint where size >= $1 order by size limit 1',
        [world.kept.events],
      );
      if (rows[0]) {
        first = opened(key, rows[0].note);
        places = placesIn(world.tables, first.size, random);
        await writeFile(files.previous, rows[0].note);
        return;
      }
      await pause(1000);
    }
  });
  say(
    `taken into the tree: ${first.size} events, ${perSecond(first.size, milliseconds / 1000)} beside the read models`,
  );
  expect(await readFile(join(folder, 'checkpoints', 'latest.checkpoint'), 'utf8')).toMatch(/^kept\S*\.example\n\d+\n/);
});

test('the operator’s check finds nothing, in flat memory', async () => {
  const checked = await check();
  say(`audit check: ${checked.seconds.toFixed(0)} s; ${inWords(checked.sizes)}`);
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('nothing found')]);
  expect(checked.out).not.toMatch(/[1-9]\d* rows differ/);
  expect(Number(/audit_log: (\d+) events replayed/.exec(checked.out)?.[1])).toBeGreaterThanOrEqual(world.kept.events);
  expect(isFlat(checked.sizes)).toBe(true);
});

test('the whole is exported with proofs, in flat memory', async () => {
  bearer = (await world.logIn()).accessToken;
  const sizes = watchSize(world.service.pids.api ?? 0);
  const [, milliseconds] = await timed(() => reviewer.exported('', files.whole));
  const seen = sizes.end();
  const { size } = await stat(files.whole);
  say(
    `export over HTTP: ${perSecond(first.size, milliseconds / 1000)}, ${Math.round(size / 1e6)} MB; api ${inWords(seen)}`,
  );
  expect(isFlat(seen)).toBe(true);
});

test('the export is verified without the service, in flat memory', async () => {
  const verified = await verify(files.whole);
  const count = Number(/^(\d+) entries/m.exec(verified.out)?.[1]);
  say(`verify: ${verified.seconds.toFixed(1)} s, ${perSecond(count, verified.seconds)}; ${inWords(verified.sizes)}`);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('complete: every event')]);
  expect(verified.out).toContain(`previous checkpoint over ${first.size} events`);
  expect(count).toBeGreaterThanOrEqual(first.size);
  expect(isFlat(verified.sizes)).toBe(true);
});

test(`each of ${changesOfOneByte} changes of one byte is found in its line`, async () => {
  const file = join(folder, 'part.ndjson');
  // Some hours of the log: each entry with a proof through the tree of all.
  await reviewer.exported(`?${await places.someTime(3)}&previousSize=${first.size}`, file);
  const bytes = await readFile(file);
  const unaltered: Altered = (line) => [line];
  expect(await wrongLine(keeping(), atOnce(bytes), unaltered)).toBeUndefined();
  const lines = bytes.toString('latin1').split('\n').length - 1;
  expect(lines).toBeGreaterThan(10);
  for (let change = 0; change < changesOfOneByte; change += 1) {
    const at = Math.floor(random() * bytes.length);
    const changed = turned(bytes, at, 1 + Math.floor(random() * 255));
    const line = bytes.toString('latin1', 0, at).split('\n').length;
    expect(await wrongLine(keeping(), atOnce(changed), unaltered), `byte ${at}`).toBe(line);
  }
  say(`${changesOfOneByte} changes of one byte in ${lines} lines, ${bytes.length} bytes: all found`);
});

test('each change of the whole export is found in its line', async () => {
  const changes = alterations(first.size, random);
  for (const { what, line, altered } of changes) {
    expect(await wrongLine(keeping(), linesOf(files.whole), altered(line)), what).toBe(line);
  }
  // Cut before its trailer.
  const trailer = Number(/"count":(\d+)/.exec(await endOf(files.whole))?.[1]) + 2;
  const cut: Altered = (line, number) => (number === trailer ? [] : [line]);
  expect(await wrongLine(keeping(), linesOf(files.whole), cut)).toBe(trailer);
  say(`found in the whole export: ${changes.map(({ what }) => what).join(', ')}, the trailer cut off`);
});

test('another log’s key and a log that was rolled back are found at once', async () => {
  const other = `${key.name.replace('kept', 'other')}${(await readFile(files.key, 'utf8')).slice(key.name.length)}`;
  await writeFile(join(folder, 'other'), other);
  const byOther = await mbauth(['audit', 'verify', files.whole, '--key', join(folder, 'other')]);
  expect(byOther.code).toBeGreaterThan(0);
  // What was exported before is the log rolled back, for whoever keeps a newer checkpoint.
  const newer = join(folder, 'newer');
  await writeFile(newer, String((await reviewer.get('/v1/audit/checkpoints/latest'))['note']));
  const back = await verify(files.whole, newer);
  expect([back.code, back.out]).toEqual([1, expect.stringContaining('Line 1 is wrong: the log was rolled back')]);
});

test('any event is proven, and the log goes on from any checkpoint', async () => {
  bearer = (await world.logIn()).accessToken;
  const times: number[] = [];
  for (const position of await places.somePositions(200)) {
    const { id } = await tampering.eventAt(world.store, position);
    const [proven, milliseconds] = await timed(() => reviewer.isProven(id));
    expect(proven).toBe(true);
    times.push(milliseconds);
  }
  say(`inclusion proof over HTTP, checked: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms`);
  await reviewer.goesOn(first);
});

test('every filter finds what it should, page after page', async () => {
  bearer = (await world.logIn()).accessToken;
  const entries: Entry[] = [];
  for (const position of await places.somePositions(40)) {
    const { id } = await tampering.eventAt(world.store, position);
    entries.push((await reviewer.get(`/v1/audit/events/${id}`))['event'] as Entry);
  }
  const searches = searchesFor(entries, await places.someTime(12));
  const times: number[] = [];
  for (const search of searches) {
    const { rows } = await reviewer.pagesOf(search, times);
    expect(rows.length, search).toBeGreaterThan(0);
  }
  // Far down in what matches most.
  const deep = await reviewer.pagesOf('type=SessionRefreshed', times, 30);
  expect(deep.rows).toHaveLength(30 * 100);
  say(`a page of a search: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms, ${times.length} pages`);
});

test('how something stood, and who could do what, is told for any moment', async () => {
  const times: number[] = [];
  for (const position of await places.somePositions(20)) {
    const { stream } = await tampering.eventAt(world.store, position);
    const name = stream.slice(world.kept.installation.settings['STREAM_PREFIX']?.length ?? 0);
    const [state, milliseconds] = await timed(() =>
      reviewer.get(`/v1/audit/streams/${name}/state?position=${position}`),
    );
    expect(state['state']).toBeDefined();
    times.push(milliseconds);
  }
  const accesses: number[] = [];
  const { items } = await reviewer.get(`/v1/audit/events?type=MemberAdded&${await places.someTime(12)}&limit=20`);
  for (const { teamId, position } of items as Entry[]) {
    const [then, milliseconds] = await timed(() =>
      reviewer.get(`/v1/audit/access?team=${teamId ?? ''}&position=${position}`),
    );
    expect(then['items']).toHaveLength(1);
    const before = await reviewer.get(`/v1/audit/access?team=${teamId ?? ''}&position=${BigInt(position) - 1n}`);
    expect(before['items']).toEqual([]);
    const diff = await reviewer.get(
      `/v1/audit/access/diff?team=${teamId ?? ''}&from=${BigInt(position) - 1n}&to=${position}`,
    );
    expect([diff['gained'], diff['lost']]).toEqual([[expect.objectContaining({ teamId })], []]);
    accesses.push(milliseconds);
  }
  expect(accesses.length).toBeGreaterThan(5);
  say(`state at a position: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms`);
  say(`access at a position: p50 ${quantileOf(accesses, 0.5)}, p95 ${quantileOf(accesses, 0.95)} ms`);
});

test('a person is erased; what they did is proven all the same', async () => {
  bearer = (await world.logIn()).accessToken;
  const { items } = await reviewer.get('/v1/audit/events?type=TeamCreated&limit=1');
  // The only Owner of a team has to hand it over or to close it first.
  expect((await reviewer.erase(String((items as Entry[])[0]?.subject))).status).toBe(409);
  const person = world.kept.people.at(-1);
  const [userId, email] = [person?.userId ?? '', person?.email ?? ''];
  const { rows: before } = await reviewer.pagesOf(`subject=${userId}`, []);
  expect((await reviewer.get(`/v1/users?email=${encodeURIComponent(email)}`))['items']).toHaveLength(1);
  await world.closeTeam(world.kept.people.length - 1);

  const [erased, milliseconds] = await timed(() => reviewer.erase(userId));
  expect(erased.status, await erased.clone().text()).toBe(200);
  expect(await erased.json()).toMatchObject({ userId, signed: expect.stringContaining(key.name) as unknown });
  const { rows: after } = await reviewer.pagesOf(`subject=${userId}`, []);
  expect(after.length).toBeGreaterThan(before.length);
  // Where the last mail goes is forgotten with that mail; there is no worker here to send it.
  const told = after.filter(({ type }) => type === 'UserErased');
  expect(told).toHaveLength(1);
  expect(JSON.stringify(after.filter((entry) => !told.includes(entry)))).not.toContain(email);
  for (const { eventId } of before) expect(await reviewer.isProven(eventId)).toBe(true);
  await reviewer.goesOn(first);
  const file = join(folder, 'erased.ndjson');
  await reviewer.exported(
    `?subject=${userId}&type=LoginCompleted,SessionStarted,UserRegistered&previousSize=${first.size}`,
    file,
  );
  const verified = await verify(file);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('entries are as')]);
  expect(await readFile(file, 'utf8')).not.toContain(email);
  say(`erasure: ${milliseconds.toFixed(0)} ms; ${before.length} events of theirs proven after it`);
});

test('everything that somebody did to the tables is found and named, and nothing else', async () => {
  const { tables, store } = world;
  const [insertedEvent, insertedRow] = [await world.foreignEvent(), await world.foreignEvent()];
  await world.covered(insertedRow, () => reviewer.get('/v1/audit/checkpoints/latest'));
  await store.query(`delete from event_store.event where pos = any($1::bigint[])`, [[insertedEvent, insertedRow]]);
  const rows = await Promise.all((await places.somePositions(8)).map((position) => tampering.eventAt(store, position)));
  const free = { event: insertedEvent, row: insertedRow };
  const node = Math.floor(random() * Math.floor(first.size / 256));
  const planted = await tampering.plant({ store, tables, rows, free, node, newId });
  const found = await check().finally(async () => {
    for (const { undo } of planted) await undo();
  });
  expect(found.code).toBe(1);
  for (const { mismatch, names } of planted) {
    expect(
      found.out
        .split('\n')
        .filter((line) => line.startsWith(mismatch))
        .join('\n'),
    ).toContain(names);
  }
  say(`audit check with ${planted.length} things changed: ${found.seconds.toFixed(0)} s`);
  say(
    found.out
      .split('\n')
      .filter((line) => /^(event|row|proof)-/.test(line))
      .join('\n  '),
  );
});

test('all read models are built anew while the service runs, paused on the way, and are the same', async () => {
  const { settings } = world.kept.installation;
  const rebuild = ['projections', 'rebuild', '--all'];
  const paused = await mbauth(rebuild, settings, '40 %');
  expect([paused.code, paused.out]).toEqual([1, expect.stringContaining('Paused.')]);
  const done = await mbauth(rebuild, settings);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('Rebuilt and live')]);
  expect(done.out).not.toMatch(/\bNO\b|another version/);
  say(
    `rebuilt in ${paused.seconds.toFixed(0)} + ${done.seconds.toFixed(0)} s beside the service; ${inWords(done.sizes)}`,
  );
});

test('after all that the check finds nothing, and an export of everything holds', async () => {
  bearer = (await world.logIn()).accessToken;
  await reviewer.goesOn(first);
  const checked = await check();
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('nothing found')]);
  bearer = (await world.logIn()).accessToken;
  await reviewer.exported('', files.whole);
  const verified = await verify(files.whole);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('complete: every event')]);
});
