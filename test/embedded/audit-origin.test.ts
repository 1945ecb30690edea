import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { keepOrigin, withKeptOrigin } from '../../src/embedded/audit-origin.ts';
import { temporaryFolder } from './support.ts';

const externalStore = 'esdb://localhost:2113?tls=false';

async function nameAfterStart(dataDir: string, publicUrl: string, env: Record<string, string> = {}) {
  const config = loadConfig({ DATA_DIR: dataDir, ...env });
  await keepOrigin(config, publicUrl);
  return (await withKeptOrigin(config)).AUDIT_ORIGIN;
}

const nameForCommand = async (dataDir: string) =>
  (await withKeptOrigin(loadConfig({ DATA_DIR: dataDir }))).AUDIT_ORIGIN;

it('keeps the name of the first start under other ports and addresses, for the service and for commands', async () => {
  const dataDir = await temporaryFolder();
  expect(await nameAfterStart(dataDir, 'http://localhost:8080')).toBe('localhost:8080');
  expect(await nameAfterStart(dataDir, 'http://localhost:9090', { PORT: '9090' })).toBe('localhost:8080');
  const publicUrl = 'https://auth.example.com';
  expect(await nameAfterStart(dataDir, publicUrl, { PUBLIC_URL: publicUrl })).toBe('localhost:8080');
  expect(await nameForCommand(dataDir)).toBe('localhost:8080');
});

it('takes the configured name, and keeps it when it was the first', async () => {
  const dataDir = await temporaryFolder();
  const named = { AUDIT_ORIGIN: 'audit.example.com' };
  expect(await nameAfterStart(dataDir, 'http://localhost:8080', named)).toBe('audit.example.com');
  expect(await nameForCommand(dataDir)).toBe('audit.example.com');
  const another = { AUDIT_ORIGIN: 'another.example.com' };
  expect(await nameAfterStart(dataDir, 'http://localhost:8080', another)).toBe('another.example.com');
});

it('says nothing about a log that is elsewhere, and makes no name for a command', async () => {
  const dataDir = await temporaryFolder();
  expect(await nameForCommand(dataDir)).toBeUndefined();
  const elsewhere = { EVENTSTORE_URL: externalStore };
  expect(await nameAfterStart(dataDir, 'http://localhost:8080', elsewhere)).toBeUndefined();
  expect(await nameForCommand(dataDir)).toBeUndefined();
  await nameAfterStart(dataDir, 'http://localhost:8080');
  expect(await nameAfterStart(dataDir, 'http://localhost:8080', elsewhere)).toBeUndefined();
});

it('refuses a damaged name with what to do', async () => {
  const dataDir = await temporaryFolder();
  await writeFile(join(dataDir, 'audit-origin'), '\n');
  await expect(nameAfterStart(dataDir, 'http://localhost:8080')).rejects.toThrow('set AUDIT_ORIGIN');
});
