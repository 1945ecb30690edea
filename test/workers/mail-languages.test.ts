import { describe, expect, it } from 'vitest';
import type { MailContent } from '../../src/workers/mails/content.ts';
import { mailLanguages } from '../../src/workers/mails/languages.ts';
import { renderMail } from '../../src/workers/mails/render-mail.ts';
import { contentOf, templates } from './mail-samples.ts';

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
    expect(renderMail(german, mailLanguages.de).text).not.toMatch(/\b(the|you|your|and|were|hours?|minutes?)\b/i);
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
