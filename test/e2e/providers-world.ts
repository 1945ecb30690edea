import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { breakable, type BreakableServer } from '../adapters/servers.ts';
import { startSandboxProcess, type Sandbox, type SandboxProcess } from '../support/sandbox-process.ts';
import { openEventLog, type EventLog } from './event-log.ts';
import type { Client } from './journey.ts';
import { outagesOf } from './outages.ts';
import { startStack, type Stack } from './stack.ts';

export const berlin = '203.0.113.7';
export const tokyo = '198.51.100.20';
const places = {
  [berlin]: { country: 'DE', city: 'Berlin', latitude: 52.5, longitude: 13.4, accuracyKm: 50 },
  [tokyo]: { country: 'JP', city: 'Tokyo', latitude: 35.7, longitude: 139.7, accuracyKm: 50 },
};
export const platformToken = 'a personal access token';
/** What a provider has to be told again after it was killed. */
const knowledge: Readonly<Record<Sandbox, readonly [string, object]>> = {
  mail: ['', { mode: 'ok' }],
  'geo-ip': ['/answers', places],
  virtuozzo: ['/tokens', { [platformToken]: 'ann' }],
};

/** A process that can be killed and stopped, at the end of a wire that can break. */
interface Provider {
  readonly process: SandboxProcess;
  readonly wire: BreakableServer;
  readonly tell: (path: string, body?: object) => Promise<Response>;
}

interface Way {
  readonly begin: (provider: Provider) => unknown;
  readonly end: (provider: Provider) => unknown;
}

const byWire = (begin: (wire: BreakableServer) => unknown): Way => ({
  begin: ({ wire }) => begin(wire),
  end: ({ wire }) => wire.heal(),
});

const signal = ({ process: provider }: Provider, how: NodeJS.Signals): boolean =>
  process.kill(provider.pid() ?? expect.fail(), how);

/**
 * How each of them is away: killed, it refuses connections; stopped, it takes them and says nothing. What it answers when
 * it is back is true from the first moment.
 */
export const ways: Readonly<Record<string, Way>> = {
  'was killed': {
    begin: ({ process }) => process.kill(),
    end: async ({ process, wire, tell }) => {
      await wire.cut();
      await process.start();
      await tell('');
      await wire.heal();
    },
  },
  'is a stopped process': {
    begin: (provider) => {
      signal(provider, 'SIGSTOP');
    },
    end: (provider) => {
      signal(provider, 'SIGCONT');
    },
  },
  'answers a byte now and then': byWire((wire) => {
    wire.distort('drips');
  }),
  'breaks off in the middle of its answers': byWire((wire) => {
    wire.distort('breaks off');
  }),
  'answers with something else': byWire((wire) => {
    wire.distort('garbles');
  }),
};

/** The service with providers that can go away, one at a time; what is away is back after each test. */
export function providersWorld() {
  let providers: Readonly<Record<Sandbox, Provider>>;
  let stack: Stack;
  let log: EventLog;
  let repair: (() => Promise<void>) | undefined;
  const closing: (() => Promise<void>)[] = [];
  const mailClient = (): Client => ({ ...stack.client(), mailboxUrl: providers.mail.process.url });

  beforeAll(async () => {
    const [mail, geoIp, virtuozzo] = [await provider('mail'), await provider('geo-ip'), await provider('virtuozzo')];
    providers = { mail, 'geo-ip': geoIp, virtuozzo };
    stack = await startStack({
      env: {
        POSTMARK_API_URL: withoutSlash(mail.wire.url),
        GEOIP_API_URL: geoIp.wire.url,
        VIRTUOZZO_API_URL: virtuozzo.wire.url,
        VIRTUOZZO_PROBE_SECONDS: '2',
      },
    });
    closing.push(() => stack.stop());
    log = openEventLog(stack);
    closing.push(() => log.close());
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });
  afterEach(() => isBack());

  async function provider(name: Sandbox): Promise<Provider> {
    const started = await startSandboxProcess(name);
    closing.push(() => started.stop());
    const wire = await breakable(started.url);
    closing.push(() => wire.close());
    const [known, what] = knowledge[name];
    const tell = (path: string, body?: object) =>
      fetch(`${started.url}/__control${path || known}`, {
        method: path === '' || body ? 'PUT' : 'POST',
        headers: { 'Content-Type': 'application/json' },
        ...((path === '' || body) && { body: JSON.stringify(body ?? what) }),
      });
    await tell('');
    return { process: started, wire, tell };
  }

  async function goesAway(name: Sandbox, way: string): Promise<void> {
    const { begin, end } = ways[way] ?? expect.fail();
    repair = async () => {
      await end(providers[name]);
    };
    await begin(providers[name]);
  }

  async function isBack(): Promise<void> {
    const mend = repair;
    repair = undefined;
    await mend?.();
  }

  return {
    ...outagesOf(() => ({ ...stack, client: mailClient })),
    stack: () => stack,
    log: () => log,
    providers: () => providers,
    mailClient,
    goesAway,
    isBack,
  };
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');
