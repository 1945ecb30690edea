import { describe, expect, it } from 'vitest';
import { deviceName, happening } from '../../src/workers/mails/client-facts.ts';
import type { MailContent } from '../../src/workers/mails/content.ts';
import { en } from '../../src/workers/mails/en.ts';
import { renderMail, type RenderedMail } from '../../src/workers/mails/render-mail.ts';
import { shownName } from '../../src/workers/mails/shown-name.ts';
import { at, firefox, later, office } from './stories.ts';

const link = 'https://panel.example/verify?token=abc&x=1';
const from = { ...happening(at, office), forgotLink: 'https://panel.example/forgot' };
const until = new Date(later(900_000));

function contents(name: string | null, team: string | null): Record<string, MailContent> {
  return {
    verification: en.verification({ name, team, link, hoursValid: 24 }),
    invitation: en.invitation({
      team,
      role: 'Developer',
      inviter: name,
      expiresAt: until,
      link: 'https://panel.example/invitations?token=abc&x=1',
    }),
    'already-registered': en.alreadyRegistered({ name, at: new Date(at), link: 'https://panel.example/' }),
    'device-code': en.deviceCode({ name, code: '314159', minutesValid: 10, ...from }),
    'new-device': en.newDevice({ name, ...from }),
    'session-superseded': en.sessionSuperseded({ name, ...from }),
    'refresh-token-reused': en.refreshTokenReused({ name, ...from }),
    'password-reset': en.passwordReset({
      name,
      ...from,
      link: 'https://panel.example/reset?token=abc&x=1',
      minutesValid: 60,
    }),
    'password-changed': en.passwordChanged({ name, ...from, sessionKept: true }),
    'password-change-forced': en.passwordChangeForced({ name, ...from }),
    'suspicious-login': en.suspiciousLogin({
      name,
      ...from,
      signals: ['new-country', 'impossible-travel'],
      approveLink: 'https://panel.example/login-decision?token=abc&decision=approve',
      denyLink: 'https://panel.example/login-decision?token=abc&decision=deny',
      hoursValid: 1,
    }),
    'locked-by-administrator': en.lockedByAdministrator({ name, at: from.at }),
    'account-deactivated': en.accountDeactivated({ name, at: from.at }),
    'account-reactivated': en.accountReactivated({ name, at: from.at, link: 'https://panel.example/' }),
    'account-locked': en.accountLocked({ name, ...from, until, onTrustedDevice: false }),
  };
}

const all = Object.entries(contents('Ada Lovelace', 'Engines & Sons'));

/** What a person reads: no tags, no style sheet, entities resolved, blanks as one. */
function read(html: string): string {
  const words = html.replace(/<style>[\s\S]*<\/style>/, '').replace(/<[^>]+>/g, ' ');
  const plain = words
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>');
  return oneLine(plain.replace(/&amp;/g, '&'));
}
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const timesIn = (text: string, part: string): number => text.split(part).length - 1;
const render = (content: MailContent): RenderedMail => renderMail(content, en);

describe.each(all)('the mail %s', (template, content) => {
  const { subject, text, html } = render(content);

  it('says the same in text and in HTML', () => {
    const shown = read(html);
    for (const block of content.blocks) {
      const parts =
        block.kind === 'facts'
          ? block.facts.flat()
          : block.kind === 'button'
            ? [block.label]
            : Object.values(block).slice(1);
      for (const part of parts) {
        expect(oneLine(text)).toContain(oneLine(part));
        expect(shown).toContain(oneLine(part));
      }
    }
  });

  it('names the product and why it was sent', () => {
    for (const version of [text, read(html)]) {
      expect(version).toContain('MBPanel');
      expect(version).toMatch(/You get this mail because \S.{20,}\./);
    }
    expect(subject).toContain('MBPanel');
  });

  it('greets the person', () => {
    // An invited address may be anybody's.
    const greeting = template === 'invitation' ? 'Hello,' : 'Hello Ada Lovelace,';
    expect(text).toContain(greeting);
    expect(html).toContain(greeting);
  });

  it('loads nothing and runs nothing', () => {
    expect(html).not.toMatch(/<(img|script|link|iframe|form|svg|video)\b|@import|url\(|\son\w+=/i);
  });

  it('is for dark screens and small ones too', () => {
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).toContain('width=device-width');
  });

  it('keeps the code and the link out of what a locked screen shows', () => {
    expect(subject + content.preview).not.toMatch(/314159|https?:/);
  });
});

describe('the facts of a mail', () => {
  it('has the verification link once in each version, and how long it is valid', () => {
    const { text, html } = render(en.verification({ name: 'Ada', team: 'Engines', link, hoursValid: 24 }));
    expect(timesIn(text, link)).toBe(1);
    expect(timesIn(html, 'href=')).toBe(1);
    expect(timesIn(html, link.replaceAll('&', '&amp;'))).toBe(1);
    expect(text).toContain('24 hours');
    expect(text).toContain('“Engines”');
    expect(text).toContain('ignore this mail');
  });

  it('has the link for a new password once in each version, and how long it is valid', () => {
    const reset = 'https://panel.example/reset?token=abc&x=1';
    const { text, html } = render(en.passwordReset({ name: 'Ada', ...from, link: reset, minutesValid: 60 }));
    expect(timesIn(text, reset)).toBe(1);
    expect(timesIn(html, 'href=')).toBe(1);
    expect(timesIn(html, reset.replaceAll('&', '&amp;'))).toBe(1);
    expect(text).toMatch(/works once and for 60 minutes; only the newest/);
    expect(text).toContain('If you did not ask for this, ignore this mail');
  });

  it('says which sessions a new password has ended, and what to do about one that was not wanted', () => {
    const { text } = render(en.passwordChanged({ name: null, ...from, sessionKept: false }));
    expect(text).toContain('All sessions have ended');
    expect(text).toContain('Device: Firefox on Linux');
    expect(text).toContain('https://panel.example/forgot');
    const kept = render(en.passwordChanged({ name: null, ...from, sessionKept: true }));
    expect(kept.text).toContain('All sessions but the one it was changed in have ended');
  });

  it.each(['device-code', 'new-device', 'session-superseded', 'refresh-token-reused', 'password-change-forced'])(
    'points from %s to where a new password is chosen',
    (template) => {
      const content = contents('Ada', null)[template] ?? expect.fail();
      expect(render(content).text).toContain('Choose a new password:\nhttps://panel.example/forgot');
    },
  );

  it('has the code once in each version', () => {
    const { text, html } = render(en.deviceCode({ name: null, code: '314159', minutesValid: 10, ...from }));
    expect(timesIn(text, '314159')).toBe(1);
    expect(timesIn(html, '314159')).toBe(1);
    expect(text).toContain('Hello,');
  });

  it('tells when in words, which device, which place, and only a part of the address', () => {
    const { text } = render(en.newDevice({ name: null, ...from }));
    expect(text).toMatch(/^When: Sunday,? 1 March 2026, 12:00 UTC$/m);
    expect(text).toContain('Device: Firefox on Linux');
    expect(text).toContain('Place: Berlin, Germany');
    expect(text).toContain('Address: 203.0.113.x');
    expect(text).not.toContain('203.0.113.77');
  });

  it('leaves out what is not known', () => {
    const { text } = render(en.newDevice({ name: null, ...from, ...happening(at, undefined) }));
    expect(text).not.toMatch(/Device:|Place:|Address:|null|undefined/);
  });

  it.each([
    ['203.0.113.77', '203.0.113.x'],
    ['::ffff:203.0.113.77', '203.0.113.x'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3:x'],
    ['2001:db8::7348', '2001:db8:0:x'],
    ['::1', '0:0:0:x'],
    ['not an address', null],
  ])('shows of the address %s only %s', (ip, shown) => {
    expect(happening(at, { ip, userAgent: null, place: null }).ip).toBe(shown);
  });
});

describe('what others wrote', () => {
  const hostile = `<script>alert(1)</script>"'&`;

  it.each(Object.entries(contents(hostile, `</td><b>${hostile}`)))('is escaped in %s', (_template, content) => {
    const { html } = render(content);
    expect(html).not.toMatch(/<script|<b>|<\/script/);
    expect(html).toContain('&lt;script&gt;');
  });

  it('cannot end a line of the subject', () => {
    const content = { ...en.newDevice({ name: null, ...from }), subject: 'one\r\nBcc: two@example.com' };
    expect(render(content).subject).toBe('one Bcc: two@example.com');
  });

  it.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['  Ada \t\n Lovelace ', 'Ada Lovelace'],
    ['Ada\u202eEve', 'Ada Eve'],
    ['St. John', 'St. John'],
    ['J.R. Smith', 'J.R. Smith'],
    ['你好', '你好'],
    ['', null],
    [' \u200b ', null],
    [null, null],
    ['You won: https://evil.example', null],
    ['Click www.evil', null],
    ['evil.example now', null],
    ['mail me@evil', null],
    ['x'.repeat(200), `${'x'.repeat(59)}…`],
  ])('shows the name %j as %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });

  it.each([
    [firefox, 'Firefox on Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    ['Call-us-now-at-0800/1 (evil.example)', null],
    ['curl/8.5.0', null],
    ['', null],
  ])('knows the device of %j as %j', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});
