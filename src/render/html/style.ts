/** The page's only style sheet. No `<` or `&`: the page is read as XML in a test. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fcfcfb; --card: #ffffff; --ink: #1c1e21; --soft: #5b6168; --line: #dcdedf; --faint: #eef0f0;
  --accent: #2456a6; --good: #19713f; --warn: #8a5a00; --bad: #b3261e; --unknown: #6b3fa0; --muted: #666c72;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1c1f23; --ink: #e6e8ea; --soft: #a3aab2; --line: #343a40; --faint: #262a2f;
    --accent: #8ab4f8; --good: #6fcf97; --warn: #e2b04a; --bad: #ff8a80; --unknown: #c3a5f0; --muted: #9aa1a9;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem clamp(1rem, 3vw, 2.5rem) 4rem; background: var(--page); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
h1, h2, h3, h4, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1rem; font-weight: 600; }
h2 { font-size: 0.8125rem; font-weight: 650; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); margin: 2.25rem 0 0.75rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; font-weight: 600; }
section > h3 { margin: 1.25rem 0 0.35rem; }
h4 { font-size: 0.8125rem; font-weight: 600; color: var(--soft); margin: 1rem 0 0.35rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
time { white-space: nowrap; }
code { font: 0.875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
ul, ol { padding-left: 1.1rem; }
ul.plain { list-style: none; padding: 0; }
.soft { color: var(--soft); }
.sign { font-weight: 600; white-space: nowrap; }
.shape { display: inline-block; min-width: 1.1em; text-align: center; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .unknown { color: var(--unknown); } .muted { color: var(--muted); }

header.top { border-left: 6px solid currentColor; padding: 0.1rem 0 0.1rem 1.1rem; }
header.top .verdict { font-size: clamp(1.9rem, 5vw, 2.75rem); font-weight: 700; line-height: 1.1; letter-spacing: -0.01em; }
header.top .rest { color: var(--ink); }
header.top h1 { font-size: 1.125rem; margin-top: 0.5rem; }
header.top p { max-width: 80ch; }
nav { margin: 1rem 0 0; font-size: 0.875rem; display: flex; flex-wrap: wrap; gap: 0.15rem 1rem; }

.streams { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14.5rem), 1fr)); gap: 0.875rem; align-items: start; }
.streams.few { grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 26rem)); }
.stream { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 0.9rem 1rem 1rem; min-width: 0; }
.stream .top { display: grid; gap: 0.1rem; }
.stream .place { font-size: 0.875rem; color: var(--soft); margin: 0.2rem 0 0.6rem; }
.stream .place code { color: var(--ink); }
.stream .why { font-size: 0.875rem; margin-bottom: 0.75rem; }
.stream .due { font-size: 0.875rem; }
.stream dl { display: grid; gap: 0.65rem; }
.stream dt { display: flex; justify-content: space-between; gap: 0.5rem; font-size: 0.875rem; font-weight: 550; }
.stream dd { font-size: 0.8125rem; color: var(--soft); }
.stream table.facts { margin-top: 0.9rem; border-top: 1px solid var(--line); font-size: 0.8125rem; }
.stream table.facts th { border: 0; padding: 0.2rem 0.7rem 0.1rem 0; font-weight: 400; white-space: normal; width: 5.5rem; vertical-align: top; }
.stream table.facts td { border: 0; padding: 0.2rem 0 0.1rem; }

svg.bar { display: block; overflow: visible; margin: 0.15rem 0; }
.bar .track { fill: var(--faint); stroke: var(--line); stroke-width: 1; } .bar .fill, .bar .dot { fill: currentColor; }
.bar .tick { stroke: var(--ink); stroke-width: 2; } .bar .claim { fill: var(--card); stroke: var(--ink); stroke-width: 1.5; }
.bar .axis { stroke: var(--line); stroke-width: 1; } .bar .zero { stroke: var(--soft); stroke-width: 1; }
.bar .band { fill: var(--accent); opacity: 0.18; } .bar .interval { stroke: currentColor; stroke-width: 2; }
.legend { font-size: 0.8125rem; color: var(--soft); margin-top: 0.6rem; }

table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: 0.8125rem; font-weight: 600; color: var(--soft); padding: 0.25rem 0.9rem 0.35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { vertical-align: top; padding: 0.4rem 0.9rem 0.4rem 0; border-bottom: 1px solid var(--faint); }
th:last-child, td:last-child { padding-right: 0; }
table.criteria td:nth-child(2) { width: 55%; }
table.criteria td:nth-child(4), table.criteria td:nth-child(5) { white-space: nowrap; }
table.actions td:last-child, table.agenda td:last-child, table.waivers td:last-child { width: 55%; }
tr.group td { padding-top: 1.1rem; font-weight: 600; border-bottom-color: var(--line); }

.open { display: grid; gap: 0.6rem; margin: 0.5rem 0 1rem; list-style: none; padding: 0; }
.open > li { border-left: 3px solid currentColor; padding-left: 0.8rem; display: grid; grid-template-columns: 1.1rem minmax(0, 1fr); }
.open > li .rest { color: var(--ink); }
.open .title { font-weight: 600; }
.open .rest p { margin: 0.15rem 0; }
.open .rest ul { margin: 0.25rem 0; padding-left: 1.2rem; }
.open .beneath { color: var(--soft); }
.open .flip { color: var(--soft); }

summary { cursor: pointer; }
summary::marker { color: var(--soft); }
details[open] summary { margin-bottom: 0.4rem; }
.tree, .tree ul { list-style: none; padding-left: 0; font-size: 0.875rem; }
.tree ul { margin: 0.4rem 0 0 0.35rem; padding-left: 0.9rem; border-left: 1px solid var(--line); }
.tree li + li { margin-top: 0.5rem; }
.tree dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.05rem 0.8rem; }
.tree dt { color: var(--soft); }

footer { margin-top: 2.5rem; padding-top: 0.8rem; border-top: 1px solid var(--line); font-size: 0.875rem; color: var(--soft); }

@media (max-width: 40rem) {
  body { padding: 1rem 1rem 3rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: 0.5rem 0; border-bottom: 1px solid var(--faint); }
  td, table.criteria td:nth-child(2), table[class] td:last-child { width: auto; border: 0; padding: 0.05rem 0; white-space: normal; }
  td[data-label]:not([data-label=""]) { position: relative; padding-left: 6.5rem; min-height: 1.5em; }
  td[data-label]:not([data-label=""])::before { content: attr(data-label); position: absolute; left: 0; max-width: 6rem; color: var(--soft); font-size: 0.8125rem; }
  table.criteria td[data-label]:nth-child(-n+2) { padding-left: 0; }
  table.criteria td:nth-child(-n+2)::before { content: none !important; }
  td:empty { display: none; }
  .stream table.facts tr { display: flex; padding: 0; border: 0; }
  .stream table.facts th { flex: 0 0 6.5rem; }
  .tree dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .tree dd { margin-bottom: 0.25rem; }
}
@media print {
  @page { margin: 14mm; }
  html { font-size: 9.5pt; }
  :root { color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --faint: #ddd; --accent: #000; --good: #0b5a2c; --warn: #6b4600; --bad: #8f1d17; --unknown: #4f2a80; --muted: #444; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  /* A card may be as long as a page: it goes on on the next rather than leave one empty. */
  .streams, .streams.few { grid-template-columns: 1fr 1fr; }
  .stream > *, .stream dl > div, tr, .open > li { break-inside: avoid; }
  .stream > dl { break-inside: auto; }
  h2, h3 { break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; }
  * { print-color-adjust: exact; }
}
`
