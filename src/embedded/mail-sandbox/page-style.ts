/** The mailbox pages' one style sheet; light and dark, wide and narrow. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2230; --soft: #5d6678; --line: #dfe3ea; --paper: #fff; --ground: #f3f5f8; --accent: #2457d6; --accent-ink: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebf2; --soft: #9aa4b8; --line: #2c3445; --paper: #171c27; --ground: #0f131b; --accent: #8fb0ff; --accent-ink: #0f131b; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; padding-top: 1.25rem; padding-bottom: 1rem; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0; overflow-wrap: anywhere; }
h1 a { color: inherit; text-decoration: none; }
.count { color: var(--soft); margin-right: auto; }
form { display: flex; gap: .5rem; margin: 0; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .45rem .75rem; min-width: 0; width: 16rem; max-width: 100%; }
button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .45rem .9rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; margin-bottom: 1.5rem; }
ul { list-style: none; margin: 0; padding: 0; }
.messages > li { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; padding: .85rem 1.1rem; border-top: 1px solid var(--line); }
.messages > li:first-child { border-top: 0; }
.subject { font-weight: 600; color: var(--ink); text-decoration: none; overflow-wrap: anywhere; }
.subject:hover { text-decoration: underline; }
time, .who { color: var(--soft); font-size: .9rem; }
.who { grid-column: 1 / -1; overflow-wrap: anywhere; }
.who a { color: inherit; }
.excerpt { grid-column: 1 / -1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft); }
.links { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .4rem; padding-top: .35rem; }
.links a { display: inline-block; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; background: var(--accent); color: var(--accent-ink); border-radius: 8px; padding: .3rem .75rem; font-size: .9rem; text-decoration: none; }
.links a:hover { text-decoration: underline; }
.empty { padding: 3rem 1rem; text-align: center; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; padding: 1rem 1.1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0; padding: .7rem 1.1rem; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
h2 small { font-weight: 400; margin-left: auto; }
.card > .links { padding: 0 1.1rem 1rem; }
iframe { display: block; width: 100%; height: 45vh; min-height: 20rem; border: 0; background: #fff; color-scheme: light; }
pre { margin: 0; padding: 1rem 1.1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .95rem/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media (max-width: 34rem) {
  form, input { width: 100%; }
  .messages > li { grid-template-columns: 1fr; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
`;
