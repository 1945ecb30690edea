import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedService, type EmbeddedService } from './embedded-service.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const marker = '--- the next block ---';

/** The bash blocks of the tour, as they stand. */
const blocks = [...sectionOf('Tour').matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block = '']) => block);

function sectionOf(heading: string): string {
  return readme.split(new RegExp(`^## ${heading}$`, 'm'))[1]?.split(/^## /m)[0] ?? '';
}

/** One shell for all of them, since variables carry over; what each block printed. */
async function walk(env: Readonly<Record<string, string>>): Promise<string[]> {
  const script = blocks.join(`\necho; echo '${marker}'\n`);
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complained] = ['', ''];
  shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()));
  const [code] = (await once(shell, 'close')) as [number | null];
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
  return said.split(marker).map((output) => output.trim());
}

describe("README's tour", () => {
  let service: EmbeddedService;
  let printed: string[];

  beforeAll(async () => {
    service = await startEmbeddedService();
    printed = await walk({ API: service.apiUrl, MAILBOX: service.mailboxUrl });
  });
  afterAll(() => service.remove());

  it('begins at the addresses that npm start has by default', () => {
    expect(blocks[0]).toMatch(
      /^API=\$\{API:-http:\/\/localhost:8080\}\nMAILBOX=\$\{MAILBOX:-http:\/\/localhost:8025\}$/m,
    );
  });

  it('is told where it finds the service and the mailbox', () => {
    expect(service.said()).toContain(
      `MBPanel Auth is ready at ${service.apiUrl} (API documentation: ${service.apiUrl}/docs)`,
    );
    expect(service.said()).toMatch(/^Mails arrive in the mailbox at http:/m);
  });

  it('goes from registration to logging out', () => {
    const [shorthand, registered, link, verified, login, approved, chosen, who, refreshed, history, out] = printed;
    expect(printed).toHaveLength(11);
    expect(shorthand).toBe('');
    expect(json(registered)).toEqual({ status: 'verification-sent' });
    expect(link?.startsWith(`${service.apiUrl}/verify?token=`)).toBe(true);
    expect(verified).toMatch(/^HTTP\/1\.1 204 No Content\r?\nEvent-Position: \d+$/);
    expect(json(login)).toMatchObject({ status: 'device-approval-required' });
    expect(json(approved)).toMatchObject({ status: 'team-selection-required', teams: [{ name: 'Bridge Works' }] });
    expect(json(chosen)).toMatchObject({ tokenType: 'Bearer', expiresIn: 21_600 });
    expect(json(who)).toMatchObject({ user: { name: 'Ada' }, role: { name: 'Owner' } });
    expect(refreshed).toMatch(/^refreshed at position \d+$/);
    expect(history?.split('\n').filter((line) => line.startsWith('"type"'))[0]).toBe('"type":"SessionRefreshed"');
    expect(history).toContain('"type":"RegistrationSubmitted"');
    expect(history).toContain('Ada created team Bridge Works');
    expect(json(out)).toMatchObject({ type: 'urn:problem:session-revoked', status: 401 });
  });

  it('leaves no process and no folder behind after SIGTERM', async () => {
    expect((await service.processes()).length).toBeGreaterThan(3);
    expect(await service.stop()).toBe(0);
    expect(await service.processes()).toEqual([]);
    await service.remove();
    expect(existsSync(service.dataDir)).toBe(false);
    expect(readdirSync(tmpdir()).filter((name) => name.includes(basename(service.dataDir)))).toEqual([]);
  });
});

const json = (text: string | undefined): unknown => JSON.parse(text ?? '');
