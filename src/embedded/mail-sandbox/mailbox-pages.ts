import { linkified, linksOf } from './links.ts';
import type { Link } from './links.ts';
import { recipientsOf } from './message.ts';
import type { ReceivedMessage } from './message.ts';

const refreshSeconds = 10;
const excerptLength = 160;
const shownLinks = 4;
const newTab = 'target="_blank" rel="noreferrer noopener"';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');

interface ListPage {
  messages: readonly ReceivedMessage[];
  /** The address the list is narrowed to; empty for all. */
  to: string;
}

export function listPage({ messages, to }: ListPage): string {
  const count = messages.length === 1 ? '1 message' : `${messages.length} messages`;
  const hint = to === '' ? 'Mail that the service sends shows up here.' : `There is no mail to ${escapeHtml(to)}.`;
  const list =
    messages.length === 0 ? `<p class="empty">${hint}</p>` : `<ul class="messages">${messages.map(item).join('')}</ul>`;
  return page({
    title: 'Mailbox',
    refresh: true,
    body: `<header><h1><a href="/">Mailbox</a></h1><span class="count">${count}</span>
<form action="/" method="get" role="search"><input type="search" name="to" value="${escapeHtml(to)}" placeholder="Only mail to…" aria-label="Only mail to this address"><button>Show</button></form>
${messages.length === 0 ? '' : '<form action="/messages/empty" method="post"><button>Empty</button></form>'}</header>
<main><div class="card">${list}</div></main>`,
  });
}

function item(message: ReceivedMessage): string {
  const links = linksOf(message).slice(0, shownLinks);
  return `<li><a class="subject" href="/messages/${encodeURIComponent(message.MessageID)}">${subjectOf(message)}</a>${timeOf(message)}
<span class="who">to ${recipientsOf(message).map(addressLink).join(', ')}</span>${excerpt(message)}${linkList(links)}</li>`;
}

function excerpt({ TextBody }: ReceivedMessage): string {
  const line = TextBody.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? '' : `<span class="excerpt">${escapeHtml(line.slice(0, excerptLength))}</span>`;
}

const addressLink = (address: string): string =>
  `<a href="/?to=${encodeURIComponent(address)}">${escapeHtml(address)}</a>`;

const linkList = (links: readonly Link[]): string =>
  links.length === 0
    ? ''
    : `<div class="links">${links.map(({ href, label }) => `<a href="${escapeHtml(href)}" title="${escapeHtml(href)}" ${newTab}>${escapeHtml(label)}</a>`).join('')}</div>`;

const subjectOf = ({ Subject }: ReceivedMessage): string => (Subject === '' ? '(no subject)' : escapeHtml(Subject));

/** In UTC, for a page without scripts does not know the reader's time zone. */
const timeOf = ({ ReceivedAt }: ReceivedMessage): string =>
  `<time datetime="${escapeHtml(ReceivedAt)}">${escapeHtml(ReceivedAt.slice(0, 19).replace('T', ' '))} UTC</time>`;

export function messagePage(message: ReceivedMessage): string {
  const address = `/messages/${encodeURIComponent(message.MessageID)}`;
  // The frame has neither scripts nor this page's origin; its links open in a new tab.
  const html = `<section class="card"><h2>HTML <small><a href="${address}/html" ${newTab}>open alone</a></small></h2>
<iframe src="${address}/html" title="The message as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></section>`;
  const text = `<section class="card"><h2>Text <small><a href="${address}/text" ${newTab}>open alone</a></small></h2><pre>${textBody(message.TextBody)}</pre></section>`;
  return page({
    title: message.Subject,
    refresh: false,
    body: `<header><a href="/">← Mailbox</a><h1>${subjectOf(message)}</h1></header>
<main><section class="card"><dl>${facts(message)}</dl>${linkList(linksOf(message))}</section>
${message.HtmlBody === '' ? '' : html}${message.TextBody === '' ? '' : text}</main>`,
  });
}

function facts(message: ReceivedMessage): string {
  const { From, To, Cc, Bcc, ReplyTo, Tag, Metadata, Attachments } = message;
  const metadata = Object.entries(Metadata).map(([name, value]) => `${name}: ${value}`);
  const lines = {
    From,
    To,
    Cc,
    Bcc,
    'Reply to': ReplyTo,
    Tag,
    Metadata: metadata.join(', '),
    Attachments: Attachments.join(', '),
  };
  const shown = Object.entries(lines).filter(([, value]) => value !== '');
  return `${shown.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')}<dt>Received</dt><dd>${timeOf(message)}</dd>`;
}

const textBody = (text: string): string =>
  linkified(text)
    .map(({ text: part, href }) =>
      href === undefined ? escapeHtml(part) : `<a href="${escapeHtml(href)}" ${newTab}>${escapeHtml(part)}</a>`,
    )
    .join('');

export const notFoundPage = (): string =>
  page({
    title: 'Not found',
    refresh: false,
    body: `<header><a href="/">← Mailbox</a><h1>There is no such message</h1></header><main><div class="card"><p class="empty">It may have been emptied, or pushed out by newer mail.</p></div></main>`,
  });

/** The message's own HTML, whose links open in a new tab. */
export const htmlView = ({ HtmlBody }: ReceivedMessage): string =>
  `<!doctype html><meta charset="utf-8"><base target="_blank">${HtmlBody}`;

const page = ({ title, refresh, body }: { title: string; refresh: boolean; body: string }): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
${refresh ? `<meta http-equiv="refresh" content="${refreshSeconds}">` : ''}<title>${escapeHtml(title)} · MBPanel Auth mailbox</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body>${body}</body></html>
`;
