"""How the report of a run looks: Chinese first, light and dark, one accent colour, narrow screens and paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ground: #faf9f6; --card: #ffffff; --ink: #22252a; --soft: #62666d; --line: #e2dfd7;
  --accent: #9a3b26; --tint: #f6ebe6; --mark: #fde9a9; --good: #2c6b3f; --bad: #a11d1d;
  --sans: system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC",
    sans-serif; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #17181a; --card: #1f2124; --ink: #e8e6e1; --soft: #a5a8ad; --line: #34373c;
    --accent: #f0957c; --tint: #33241f; --mark: #6b5518; --good: #8fd0a2; --bad: #ff9d94; }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.75 var(--sans);
  text-autospace: normal; text-spacing-trim: trim-start; }
main { max-width: 60rem; margin: 0 auto; padding: 24px 24px 64px; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.125rem; margin: 40px 0 12px; }
h3 { font-size: 1rem; margin: 28px 0 8px; }
h4 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
[lang=en], .soft { color: var(--soft); font-weight: 400; }
[lang=en] { font-size: .875em; }
.soft { font-size: .875rem; overflow-wrap: anywhere; margin: 0; }
.note { border-inline-start: 3px solid var(--accent); background: var(--tint); padding: 8px 14px; margin: 12px 0;
  overflow-wrap: anywhere; }

.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; background: var(--card); font-variant-numeric: tabular-nums; }
th, td { text-align: start; padding: 5px 12px; border-bottom: 1px solid var(--line); font-weight: 400; vertical-align: top; }
td, thead th + th { text-align: end; }
td { white-space: nowrap; }
thead th { color: var(--soft); font-size: .875rem; }
tbody th[colspan] { color: var(--soft); font-size: .875rem; padding-top: 14px; }
.better, .worse { font-weight: 600; }
.better, .better [lang=en] { color: var(--good); }
.worse, .worse [lang=en] { color: var(--bad); }

.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 24px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px; }
figcaption { font-size: .875rem; color: var(--soft); }
figcaption b { color: var(--ink); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--soft); }
.grid { stroke: var(--line); }
.curve { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.end { fill: var(--card); stroke: var(--accent); stroke-width: 2.5; }
.bar { fill: var(--accent); opacity: .3; }
.top { stroke: var(--accent); stroke-width: 2; }
.diagonal { stroke: var(--soft); stroke-dasharray: 4 4; }

article { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; margin: 0 0 14px;
  content-visibility: auto; contain-intrinsic-size: auto 220px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 16px; margin: 8px 0; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
blockquote { margin: 4px 0 0; padding-inline-start: 12px; border-inline-start: 3px solid var(--line); }
summary { cursor: pointer; color: var(--accent); font-size: .875rem; }
ol { padding-inline-start: 2em; margin: 8px 0 0; }
li { margin-bottom: 10px; font-size: .9375rem; overflow-wrap: anywhere; }
li .text { white-space: pre-wrap; }
li.gold { background: var(--mark); border-radius: 6px; padding: 4px 8px; }
li.gold .soft { color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 40rem) {
  main { padding: 16px 14px 48px; }
  dl, .pictures { grid-template-columns: 1fr; }
}
@media print { article { break-inside: avoid; content-visibility: visible; } }
"""
