import type { Block, MailContent } from './content.ts';
import { htmlDocument } from './html-layout.ts';
import type { MailTexts } from './mail-texts.ts';

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Text and HTML from one content. */
export function renderMail(content: MailContent, texts: MailTexts): RenderedMail {
  const { subject, preview, blocks } = content;
  const footer = [texts.because(content.reason), texts.automatic];
  const { language, product } = texts;
  return {
    subject: subject.replace(/\s+/g, ' '),
    text: [...blocks.map(textOf), ['-- ', product, ...footer].join('\n')].join('\n\n') + '\n',
    html: htmlDocument({ language, product, subject, preview, blocks, footer }),
  };
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${block.text}\n${'='.repeat(block.text.length)}`;
    case 'paragraph':
      return block.text;
    case 'button':
      return `${block.label}:\n${block.url}`;
    case 'code':
      return `    ${block.code}`;
    case 'facts':
      return block.facts.map(([label, value]) => `${label}: ${value}`).join('\n');
  }
}
