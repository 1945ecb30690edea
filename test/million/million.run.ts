import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventKnowledge } from '../../src/adapters/event-knowledge.ts';
import { cryptography } from '../../src/adapters/node-cryptography.ts';
import { newId } from '../../src/adapters/uuid-ids.ts';
import { eachLine } from '../../src/cli/audit/each-line.ts';
import { openCheckpoint, type Checkpoint } from '../../src/domain/audit-proof/checkpoint.ts';
import { parseVerifierKey, type NoteKey } from '../../src/domain/audit-proof/signed-note.ts';
import { exportVerifier, WrongLine } from '../../src/domain/audit-proof/verify-export.ts';
import { leafHash } from '../../src/domain/merkle.ts';
import { verifiesConsistency, verifiesInclusion } from '../../src/domain/merkle-verification.ts';
import { seededRandom } from '../e2e/persistence.ts';
import { inWords, isFlat, mbauth, watchSize } from './command.ts';
import { openWorld, type World } from './installation.ts';
import * as tampering from './tampering.ts';

/** `MILLION_SEED` repeats the places of a run that failed. */
const seed = Number(process.env['MILLION_SEED'] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);
const changesOfOneByte = 1000;
const proofs = 200;

let folder: string;
let world: World;
/** How many leaves the tree had when everything made by the generator was in it, and was signed. */
let first: Checkpoint;
let key: NoteKey;
let bearer: string;
/** The files of the complete export, of the key, and of the first checkpoint. */
let files: { readonly whole: string; readonly key: string; readonly previous: string };

const say = (line: string) => process.stdout.write(`  ${line}\n`);

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
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true, force: true });
});

async function get(path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(world.service.apiUrl + path, { headers: { authorization: `Bearer ${bearer}` } });
  const body = (await answer.json()) as Record<string, unknown>;
  expect(answer.status, `${path}: ${JSON.stringify(body)}`).toBe(200);
  return body;
}

async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const started = performance.now();
  return [await work(), performance.now() - started];
}

const quantileOf = (times: readonly number[], share: number) =>
  (times.toSorted((a, b) => a - b)[Math.floor(share * times.length)] ?? 0).toFixed(1);
const perSecond = (count: number, seconds: number) => `${Math.round(count / seconds).toLocaleString('en')}/s`;

function opened(note: string): Checkpoint {
  const checkpoint = openCheckpoint(cryptography, note, [key]);
  if (!checkpoint) throw new Error(`Not signed by this log:\n${note}`);
  return checkpoint;
}

test('everything comes into the tree, and is signed', async () => {
  const [, milliseconds] = await timed(async () => {
    for (;;) {
      const { rows } = await world.tables.query<{ note: string }>(
        'select note from proof.checkpoint where size >= $1 order by size limit 1',
        [world.kept.events],
      );
      if (rows[0]) {
        first = opened(rows[0].note);
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
  const checked = await mbauth(['audit', 'check'], world.kept.installation.settings);
  say(`audit check: ${checked.seconds.toFixed(0)} s; ${inWords(checked.sizes)}`);
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('nothing found')]);
  expect(checked.out).not.toMatch(/[1-9]\d* rows differ/);
  expect(Number(/audit_log: (\d+) events replayed/.exec(checked.out)?.[1])).toBeGreaterThanOrEqual(world.kept.events);
  expect(isFlat(checked.sizes)).toBe(true);
});

test('the whole is exported with proofs, in flat memory', async () => {
  bearer = (await world.logIn()).accessToken;
  const sizes = watchSize(world.service.pids.api ?? 0);
  const [, milliseconds] = await timed(() => exported('', files.whole));
  const seen = sizes.end();
  const { size } = await stat(files.whole);
  say(
    `export over HTTP: ${perSecond(first.size, milliseconds / 1000)}, ${Math.round(size / 1e6)} MB; api ${inWords(seen)}`,
  );
  expect(isFlat(seen)).toBe(true);
});

async function exported(query: string, file: string): Promise<void> {
  const url = `${world.service.apiUrl}/v1/audit/export${query}`;
  const { status, body } = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
  expect(status).toBe(200);
  if (body === null) throw new Error('Nothing was exported.');
  await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(file));
}

test('the export is verified without the service, in flat memory', async () => {
  const verified = await mbauth(['audit', 'verify', files.whole, '--key', files.key, '--previous', files.previous]);
  const count = Number(/^(\d+) entries/m.exec(verified.out)?.[1]);
  say(`verify: ${verified.seconds.toFixed(1)} s, ${perSecond(count, verified.seconds)}; ${inWords(verified.sizes)}`);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('complete: every event')]);
  expect(verified.out).toContain(`previous checkpoint over ${first.size} events`);
  expect(count).toBeGreaterThanOrEqual(first.size);
  expect(isFlat(verified.sizes)).toBe(true);
});

type Altered = (line: Buffer, number: number) => readonly Buffer[];

/** The line that the verifier names, or nothing. Lines are numbered from 1. */
async function wrongLine(chunks: AsyncIterable<Buffer>, altered: Altered): Promise<number | undefined> {
  const previous = opened(await readFile(files.previous, 'utf8'));
  const verifier = exportVerifier({ cryptography, keys: [key], previous, knowledge: eventKnowledge });
  let number = 0;
  try {
    await eachLine(chunks, (line) => {
      number += 1;
      for (const given of altered(line, number)) verifier.line(given);
    });
    verifier.end();
    return undefined;
  } catch (error) {
    if (error instanceof WrongLine) return error.line;
    throw error;
  }
}

const linesOf = (file: string) => createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;

function turned(line: Buffer, at: number, mask: number): Buffer {
  const changed = Buffer.from(line);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}

test(`each of ${changesOfOneByte} changes of one byte is found in its line`, async () => {
  const file = join(folder, 'part.ndjson');
  // Some hours of the log: each entry with a proof through the tree of all.
  await exported(`?${await someTime(3)}&previousSize=${first.size}`, file);
  const bytes = await readFile(file);
  const whole = async function* (given: Buffer) {
    await Promise.resolve();
    yield given;
  };
  const unaltered: Altered = (line) => [line];
  expect(await wrongLine(whole(bytes), unaltered)).toBeUndefined();
  const lines = bytes.toString('latin1').split('\n').length - 1;
  expect(lines).toBeGreaterThan(10);
  for (let change = 0; change < changesOfOneByte; change += 1) {
    const at = Math.floor(random() * bytes.length);
    const changed = turned(bytes, at, 1 + Math.floor(random() * 255));
    const line = bytes.toString('latin1', 0, at).split('\n').length;
    expect(await wrongLine(whole(changed), unaltered), `byte ${at}`).toBe(line);
  }
  say(`${changesOfOneByte} changes of one byte in ${lines} lines, ${bytes.length} bytes: all found`);
});

test('each change of the whole export is found in its line', async () => {
  const near = (share: number) => 2 + Math.floor(first.size * (share + random() * 0.05));
  const changes: readonly { what: string; line: number; altered: (at: number) => Altered }[] = [
    ...[0.02, 0.4, 0.9].map((share) => ({
      what: `a byte changed at ${share}`,
      line: near(share),
      altered:
        (at: number): Altered =>
        (line, number) => [number === at ? turned(line, Math.floor(random() * line.length), 1) : line],
    })),
    { what: 'a line left out', line: near(0.3), altered: (at) => (line, number) => (number === at ? [] : [line]) },
    {
      what: 'a line doubled',
      line: near(0.1),
      altered: (at) => (line, number) => (number === at - 1 ? [line, line] : [line]),
    },
    { what: 'two lines swapped', line: near(0.2), altered: swapped },
  ];
  for (const { what, line, altered } of changes) {
    expect(await wrongLine(linesOf(files.whole), altered(line)), what).toBe(line);
  }
  // Cut before its trailer.
  const trailer = Number(/"count":(\d+)/.exec(await endOf(files.whole))?.[1]) + 2;
  const cut: Altered = (line, number) => (number === trailer ? [] : [line]);
  expect(await wrongLine(linesOf(files.whole), cut)).toBe(trailer);
  say(`found in the whole export: ${changes.map(({ what }) => what).join(', ')}, the trailer cut off`);
});

/** The line at this place and the one after it. */
function swapped(at: number): Altered {
  let kept: Buffer | undefined;
  return (line, number) => {
    if (number === at) {
      kept = Buffer.from(line);
      return [];
    }
    return number === at + 1 && kept ? [line, kept] : [line];
  };
}

async function endOf(file: string): Promise<string> {
  const { size } = await stat(file);
  const parts: Buffer[] = [];
  for await (const part of createReadStream(file, { start: size - 1000 })) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

test('another log’s key and a log that was rolled back are found at once', async () => {
  const other = `${key.name.replace('kept', 'other')}${(await readFile(files.key, 'utf8')).slice(key.name.length)}`;
  await writeFile(join(folder, 'other'), other);
  const byOther = await mbauth(['audit', 'verify', files.whole, '--key', join(folder, 'other')]);
  expect(byOther.code).toBeGreaterThan(0);
  // What was exported before is the log rolled back, for whoever keeps a newer checkpoint.
  const newer = join(folder, 'newer');
  await writeFile(newer, String((await get('/v1/audit/checkpoints/latest'))['note']));
  const back = await mbauth(['audit', 'verify', files.whole, '--key', files.key, '--previous', newer]);
  expect([back.code, back.out]).toEqual([1, expect.stringContaining('Line 1 is wrong: the log was rolled back')]);
});

interface Proven {
  readonly index: number;
  readonly stored: string;
  readonly proof: readonly string[];
  readonly checkpoint: string;
}

const bytesOf = (text: string) => Buffer.from(text, 'base64');

async function isProven(eventId: string): Promise<boolean> {
  const { index, stored, proof, checkpoint } = (await get(
    `/v1/audit/proofs/inclusion?eventId=${eventId}`,
  )) as unknown as Proven;
  const { size, root } = opened(checkpoint);
  const leaf = leafHash(cryptography.sha256, bytesOf(stored));
  return verifiesInclusion(cryptography.sha256, { index, size, root, proof: proof.map(bytesOf), leafHash: leaf });
}

async function somePositions(count: number): Promise<string[]> {
  const { rows } = await world.tables.query<{ position: string }>(
    'select position from proof.leaf where index = any($1::bigint[]) order by index',
    [Array.from({ length: count }, () => Math.floor(random() * first.size))],
  );
  return rows.map(({ position }) => position);
}

/** From when some event happened on. */
async function someTime(hours: number): Promise<string> {
  const { rows } = await world.tables.query<{ occurred_at: Date }>(
    'select occurred_at from read_model.audit_log where position = $1',
    await somePositions(1),
  );
  const from = rows[0]?.occurred_at.getTime() ?? 0;
  return `from=${new Date(from).toISOString()}&to=${new Date(from + hours * 3_600_000).toISOString()}`;
}

async function eventAt(position: string): Promise<tampering.StoredRow> {
  return tampering.eventAt(world.store, position);
}

test('any event is proven, and the log goes on from any checkpoint', async () => {
  bearer = (await world.logIn()).accessToken;
  const times: number[] = [];
  for (const position of await somePositions(proofs)) {
    const { id } = await eventAt(position);
    const [proven, milliseconds] = await timed(() => isProven(id));
    expect(proven).toBe(true);
    times.push(milliseconds);
  }
  say(`inclusion proof over HTTP, checked: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms`);
  await goesOn();
});

/** The newest checkpoint, from the first one. */
async function goesOn(): Promise<void> {
  const to = opened(String((await get('/v1/audit/checkpoints/latest'))['note']));
  const { proof } = await get(`/v1/audit/proofs/consistency?from=${first.size}&to=${to.size}`);
  const [fromRoot, toRoot] = [first.root, to.root];
  const shown = { from: first.size, to: to.size, fromRoot, toRoot, proof: (proof as string[]).map(bytesOf) };
  expect(verifiesConsistency(cryptography.sha256, shown)).toBe(true);
}

interface Entry {
  readonly eventId: string;
  readonly position: string;
  readonly type: string;
  readonly subject: string | null;
  readonly teamId: string | null;
  readonly sessionId: string | null;
  readonly deviceId: string | null;
  readonly summary: string;
}

test('every filter finds what it should, page after page', async () => {
  bearer = (await world.logIn()).accessToken;
  const entries: Entry[] = [];
  for (const position of await somePositions(40)) {
    entries.push((await get(`/v1/audit/events/${(await eventAt(position)).id}`))['event'] as Entry);
  }
  const session = entries.find(({ sessionId }) => sessionId !== null);
  const device = entries.find(({ deviceId }) => deviceId !== null);
  const about = entries.find(({ subject, teamId }) => subject !== null && teamId !== null);
  const from = await someTime(12);
  const searches = [
    `subject=${about?.subject ?? ''}`,
    `actor=${about?.subject ?? ''}`,
    `team=${about?.teamId ?? ''}`,
    `session=${session?.sessionId ?? ''}`,
    ...(device ? [`device=${device.deviceId ?? ''}`] : []),
    from,
    `type=TeamCreated&${from}`,
    `subject=${about?.subject ?? ''}&type=SessionStarted`,
  ];
  const times: number[] = [];
  for (const search of searches) {
    const { rows } = await pagesOf(search, times);
    expect(rows.length, search).toBeGreaterThan(0);
  }
  // Far down in what matches most.
  const deep = await pagesOf('type=SessionRefreshed', times, 30);
  expect(deep.rows).toHaveLength(30 * 100);
  say(`a page of a search: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms, ${times.length} pages`);
});

/** All pages, or so many; none may have what another has, and positions go down. */
async function pagesOf(search: string, times: number[], most = 1000): Promise<{ rows: Entry[] }> {
  const rows: Entry[] = [];
  let cursor = '';
  for (let page = 0; page < most; page += 1) {
    const [body, milliseconds] = await timed(() => get(`/v1/audit/events?${search}&limit=100${cursor}`));
    times.push(milliseconds);
    rows.push(...(body['items'] as Entry[]));
    if (body['nextCursor'] === undefined) break;
    cursor = `&cursor=${String(body['nextCursor'])}`;
  }
  const positions = rows.map(({ position }) => BigInt(position));
  for (const [n, position] of positions.entries()) {
    if (n > 0) expect(position < (positions[n - 1] ?? 0n), `${search} at ${n}`).toBe(true);
  }
  return { rows };
}

test('how something stood, and who could do what, is told for any moment', async () => {
  const times: number[] = [];
  for (const position of await somePositions(20)) {
    const { stream } = await eventAt(position);
    const name = stream.slice(world.kept.installation.settings['STREAM_PREFIX']?.length ?? 0);
    const [state, milliseconds] = await timed(() => get(`/v1/audit/streams/${name}/state?position=${position}`));
    expect(state['state']).toBeDefined();
    times.push(milliseconds);
  }
  const accesses: number[] = [];
  const { items } = await get(`/v1/audit/events?type=MemberAdded&${await someTime(12)}&limit=20`);
  for (const { teamId, position } of items as Entry[]) {
    const [then, milliseconds] = await timed(() => get(`/v1/audit/access?team=${teamId ?? ''}&position=${position}`));
    expect(then['items']).toHaveLength(1);
    const before = await get(`/v1/audit/access?team=${teamId ?? ''}&position=${BigInt(position) - 1n}`);
    expect(before['items']).toEqual([]);
    const diff = await get(`/v1/audit/access/diff?team=${teamId ?? ''}&from=${BigInt(position) - 1n}&to=${position}`);
    expect([diff['gained'], diff['lost']]).toEqual([[expect.objectContaining({ teamId })], []]);
    accesses.push(milliseconds);
  }
  expect(accesses.length).toBeGreaterThan(5);
  say(`state at a position: p50 ${quantileOf(times, 0.5)}, p95 ${quantileOf(times, 0.95)} ms`);
  say(`access at a position: p50 ${quantileOf(accesses, 0.5)}, p95 ${quantileOf(accesses, 0.95)} ms`);
});

test('a person is erased; what they did is proven all the same', async () => {
  bearer = (await world.logIn()).accessToken;
  const { items } = await get('/v1/audit/events?type=TeamCreated&limit=1');
  // The only Owner of a team has to hand it over or to close it first.
  expect((await erase(String((items as Entry[])[0]?.subject))).status).toBe(409);
  const person = world.kept.people.at(-1);
  const [userId, email] = [person?.userId ?? '', person?.email ?? ''];
  const { rows: before } = await pagesOf(`subject=${userId}`, []);
  expect((await get(`/v1/users?email=${encodeURIComponent(email)}`))['items']).toHaveLength(1);
  await world.closeTeam(world.kept.people.length - 1);

  const [erased, milliseconds] = await timed(() => erase(userId));
  expect(erased.status, await erased.clone().text()).toBe(200);
  expect(await erased.json()).toMatchObject({ userId, signed: expect.stringContaining(key.name) as unknown });
  const { rows: after } = await pagesOf(`subject=${userId}`, []);
  expect(after.length).toBeGreaterThan(before.length);
  // Where the last mail goes is forgotten with that mail; there is no worker here to send it.
  const told = after.filter(({ type }) => type === 'UserErased');
  expect(told).toHaveLength(1);
  expect(JSON.stringify(after.filter((entry) => !told.includes(entry)))).not.toContain(email);
  for (const { eventId } of before) expect(await isProven(eventId)).toBe(true);
  await goesOn();
  // The export of them shows that they are erased, and holds.
  const file = join(folder, 'erased.ndjson');
  await exported(
    `?subject=${userId}&type=LoginCompleted,SessionStarted,UserRegistered&previousSize=${first.size}`,
    file,
  );
  const verified = await mbauth(['audit', 'verify', file, '--key', files.key, '--previous', files.previous]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('entries are as')]);
  expect(await readFile(file, 'utf8')).not.toContain(email);
  say(`erasure: ${milliseconds.toFixed(0)} ms; ${before.length} events of theirs proven after it`);
});

const erase = (userId: string) =>
  fetch(`${world.service.apiUrl}/v1/users/${userId}/erase`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
  });

test('everything that somebody did to the tables is found and named, and nothing else', async () => {
  const { tables, store } = world;
  const [insertedEvent, insertedRow] = [await world.foreignEvent(), await world.foreignEvent()];
  await covered(insertedRow);
  await store.query(`delete from event_store.event where pos = any($1::bigint[])`, [[insertedEvent, insertedRow]]);
  const rows = await Promise.all((await somePositions(8)).map(eventAt));
  const row = (n: number) => rows[n] ?? (rows[0] as tampering.StoredRow);
  const planted = [
    await tampering.changeEvent(store, row(0)),
    await tampering.deleteEvent(store, row(1)),
    await tampering.insertEvent(store, row(2), insertedEvent, newId()),
    await tampering.changeRow(tables, row(3)),
    await tampering.deleteRow(tables, row(4)),
    await tampering.insertRow(tables, row(5), insertedRow, newId()),
    await tampering.changeLeaf(tables, row(6)),
    await tampering.changeNode(tables, Math.floor(random() * Math.floor(first.size / 256))),
  ];
  const { rows: users } = await tables.query<{ user_id: string; status: string }>(
    `select user_id, status from read_model.users order by user_id
     offset (select floor($1::float8 * count(*)) from read_model.users) limit 1`,
    [random()],
  );
  const user = users[0];
  const setStatus = (status: string) =>
    tables.query('update read_model.users set status = $2 where user_id = $1', [user?.user_id, status]);
  await setStatus('locked');
  const found = await mbauth(['audit', 'check'], world.kept.installation.settings).finally(async () => {
    for (const { undo } of planted) await undo();
    await setStatus(user?.status ?? '');
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
  expect(found.out).toContain(`"${user?.user_id ?? ''}"} different`);
  say(`audit check with ${planted.length + 1} things changed: ${found.seconds.toFixed(0)} s`);
  say(
    found.out
      .split('\n')
      .filter((line) => /^(event|row|proof)-/.test(line))
      .join('\n  '),
  );
});

/** The tree has passed that position. */
async function covered(position: string): Promise<void> {
  for (;;) {
    await get('/v1/audit/checkpoints/latest'); // which is itself an event
    const { rows } = await world.tables.query<{ position: string }>('select position from proof.log');
    if (BigInt(rows[0]?.position ?? 0) > BigInt(position)) return;
    await pause(200);
  }
}

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
  await goesOn();
  const checked = await mbauth(['audit', 'check'], world.kept.installation.settings);
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('nothing found')]);
  bearer = (await world.logIn()).accessToken;
  await exported('', files.whole);
  const verified = await mbauth(['audit', 'verify', files.whole, '--key', files.key, '--previous', files.previous]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('complete: every event')]);
});
