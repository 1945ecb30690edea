import { describe, expect, it } from 'vitest';
import { happening } from '../../src/workers/mails/client-facts.ts';
import type { MailContent } from '../../src/workers/mails/content.ts';
import { mailLanguages } from '../../src/workers/mails/languages.ts';
import type { MailTexts } from '../../src/workers/mails/mail-texts.ts';
import { renderMail } from '../../src/workers/mails/render-mail.ts';
import { at, later, office } from './stories.ts';

const link = 'https://panel.example/verify?token=abc';
const name = 'Ada Lovelace';
const from = happening(at, office);
const when = new Date(at);
const until = new Date(later(900_000));
const forgotLink = 'https://panel.example/forgot';

type Template = {
  [Name in keyof MailTexts]: MailTexts[Name] extends (about: never) => MailContent ? Name : never;
}[keyof MailTexts];

/** What every mail is about here: a template that is new does not compile without its line. */
const about: { readonly [Name in Template]: Parameters<MailTexts[Name]>[0] } = {
  verification: { name, team: 'Engines', link, hoursValid: 24 },
  invitation: { team: 'Engines', role: 'Developer', inviter: 'Charles Babbage', expiresAt: until, link },
  alreadyRegistered: { name, at: when, link },
  deviceCode: { name, code: '314159', minutesValid: 10, forgotLink, ...from },
  newDevice: { name, forgotLink, ...from },
  sessionSuperseded: { name, forgotLink, ...from },
  refreshTokenReused: { name, forgotLink, ...from },
  suspiciousLogin: {
    name,
    signals: ['new-country', 'impossible-travel', 'anonymising-network'],
    approveLink: `${link}&approve`,
    denyLink: `${link}&deny`,
    hoursValid: 1,
    ...from,
  },
  accountLocked: { name, until, onTrustedDevice: false, ...from },
  passwordReset: { name, link, minutesValid: 60, ...from },
  passwordChanged: { name, sessionKept: true, forgotLink, ...from },
  passwordChangeForced: { name, at: when, forgotLink },
};
const templates = Object.keys(about) as Template[];

const contentOf = (texts: MailTexts, template: Template): MailContent =>
  (texts[template] as (given: unknown) => MailContent)(about[template]);

/** Everything that is said, a sentence or label each, without what is the same in every language. */
function phrasesOf({ subject, preview, blocks, reason }: MailContent): string[] {
  const said = blocks.flatMap((block): string[] => {
    switch (block.kind) {
      case 'heading':
      case 'paragraph':
        return [block.text];
      case 'button':
        return [block.label];
      case 'facts':
        return block.facts.map(([label]) => label);
      case 'code':
        return [];
    }
  });
  return [subject, preview, reason, ...said];
}

/** Words that are the same in both. */
const shared = new Set(['Team']);

describe.each(templates)('the mail %s', (template) => {
  const english = contentOf(mailLanguages.en, template);
  const german = contentOf(mailLanguages.de, template);

  it('says everything in German that it says in English', () => {
    expect(german.blocks.map(({ kind }) => kind)).toEqual(english.blocks.map(({ kind }) => kind));
    const facts = ({ blocks }: MailContent) =>
      blocks.flatMap((block) => (block.kind === 'facts' ? [block.facts.length] : []));
    expect(facts(german)).toEqual(facts(english));
  });

  it('has no phrase that is still English', () => {
    const untranslated = new Set(phrasesOf(english));
    const left = phrasesOf(german).filter((phrase) => untranslated.has(phrase) && !shared.has(phrase));
    expect(left).toEqual([]);
    expect(renderMail(german, mailLanguages.de).text).not.toMatch(/\b(the|you|your|and|was|hours?|minutes?)\b/i);
  });

  it('carries the same links and codes', () => {
    const carried = ({ blocks }: MailContent) =>
      blocks.flatMap((block) => (block.kind === 'button' ? [block.url] : block.kind === 'code' ? [block.code] : []));
    expect(carried(german)).toEqual(carried(english));
  });
});

it('every language says which one it is', () => {
  for (const [tag, texts] of Object.entries(mailLanguages)) {
    expect(texts.language).toBe(tag);
    expect(renderMail(contentOf(texts, 'deviceCode'), texts).html).toContain(`<html lang="${tag}">`);
  }
});

it('German counts and dates as Germans do', () => {
  const { text } = renderMail(contentOf(mailLanguages.de, 'suspiciousLogin'), mailLanguages.de);
  expect(text).toContain('1 Stunde lang');
  expect(text).toMatch(/Wann: \p{L}+, \d+\. \p{L}+ \d{4}, \d{2}:\d{2} UTC/u);
});
