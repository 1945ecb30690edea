import type { Block } from './content.ts';

/**
 * Tables and inline styles, because mail programs know little else; nothing is loaded from outside. The colours of a
 * dark screen stand in the one style sheet, with `!important` to win over the inline ones.
 */
const styleSheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #14171c !important; }
  .card { background: #1f242c !important; border-color: #343b46 !important; }
  .ink { color: #edf0f4 !important; }
  .quiet { color: #a9b2bf !important; }
  .box { background: #2a313b !important; border-color: #3d4653 !important; }
  .button { background: #5b8cff !important; color: #0c1220 !important; }
}
@media (max-width: 480px) {
  .card { padding: 24px 20px 8px !important; }
  .wide { width: 100% !important; }
  .button { display: block !important; }
}`;

const font = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const mono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace";
const table = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';

export function htmlDocument(mail: {
  readonly language: string;
  readonly product: string;
  readonly subject: string;
  readonly preview: string;
  readonly blocks: readonly Block[];
  readonly footer: readonly string[];
}): string {
  const product = escapeHtml(mail.product);
  return `<!doctype html>
<html lang="${escapeHtml(mail.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no">
<title>${escapeHtml(mail.subject)}</title>
<style>${styleSheet}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f4f7;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(mail.preview)}</div>
<table ${table} width="100%" class="page" style="background:#f2f4f7">
<tr><td align="center" style="padding:32px 12px">
<table ${table} width="100%" style="max-width:560px">
<tr><td class="ink" style="padding:0 4px 16px;${font};font-size:18px;font-weight:700;color:#1b2430">${product}</td></tr>
<tr><td class="card" style="padding:32px 32px 16px;background:#ffffff;border:1px solid #dde2e9;border-radius:12px">
${mail.blocks.map(htmlOf).join('\n')}
</td></tr>
<tr><td class="quiet" style="padding:20px 4px 0;${font};font-size:13px;line-height:1.5;color:#5a6573">${mail.footer.map(escapeHtml).join('<br>')}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}

function htmlOf(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `<h1 class="ink" style="margin:0 0 16px;${font};font-size:22px;line-height:1.3;color:#1b2430">${escapeHtml(block.text)}</h1>`;
    case 'paragraph':
      return `<p class="ink" style="margin:0 0 16px;${font};font-size:16px;line-height:1.55;color:#1b2430;overflow-wrap:anywhere">${escapeHtml(block.text)}</p>`;
    case 'button':
      return `<table ${table} class="wide" style="margin:8px 0 24px"><tr><td><a class="button" href="${escapeHtml(block.url)}" style="display:inline-block;padding:13px 24px;text-align:center;border-radius:8px;background:#2257d6;color:#ffffff;${font};font-size:16px;font-weight:600;text-decoration:none">${escapeHtml(block.label)}</a></td></tr></table>`;
    case 'code':
      return `<table ${table} width="100%" style="margin:8px 0 24px"><tr><td class="box ink" align="center" style="padding:18px 12px;border:1px solid #d5dbe4;border-radius:8px;background:#f4f6f9;color:#1b2430;${mono};font-size:32px;font-weight:700;letter-spacing:6px">${escapeHtml(block.code)}</td></tr></table>`;
    case 'facts':
      return `<table ${table} width="100%" class="box" style="margin:8px 0 24px;border:1px solid #d5dbe4;border-radius:8px;background:#f4f6f9">${block.facts.map(factRow).join('')}</table>`;
  }
}

function factRow([label, value]: readonly [string, string]): string {
  return `<tr><th class="quiet" scope="row" align="left" valign="top" style="padding:8px 12px;${font};font-size:14px;font-weight:400;color:#5a6573;white-space:nowrap">${escapeHtml(label)}</th><td class="ink" width="100%" style="padding:8px 12px 8px 0;${font};font-size:14px;line-height:1.45;color:#1b2430;overflow-wrap:anywhere">${escapeHtml(value)}</td></tr>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
