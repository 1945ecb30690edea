import type { ReceivedMessage } from './message.ts';

export interface Link {
  href: string;
  label: string;
}

const anchor = /<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>([\s\S]*?)<\/a>/gi;
const bareUrl = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g;

/** The links a person may click: those of the HTML with their text, then those only the text has. Nothing but http and https. */
export function linksOf({ HtmlBody, TextBody }: Pick<ReceivedMessage, 'HtmlBody' | 'TextBody'>): Link[] {
  const clickable = [...HtmlBody.matchAll(anchor)].map(toLink);
  const plain = [...TextBody.matchAll(bareUrl)].map(([href]) => ({ href, label: href }));
  const links = [...clickable, ...plain].filter(({ href }) => isWeb(href));
  return links.filter(({ href }, place) => links.findIndex((link) => link.href === href) === place);
}

function toLink([, double, single, inner = '']: RegExpExecArray): Link {
  const href = decodeEntities(double ?? single ?? '').trim();
  const label = decodeEntities(inner.replaceAll(/<[^>]*>/g, ' '));
  return { href, label: label.replaceAll(/\s+/g, ' ').trim() || href };
}

const isWeb = (href: string): boolean => /^https?:\/\//i.test(href) && URL.canParse(href);

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,6})|#x([\da-f]{1,6})|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
      const code = Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

export interface Piece {
  text: string;
  href?: string;
}

/** A text cut at its links. */
export function linkified(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(bareUrl)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: match[0], href: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
