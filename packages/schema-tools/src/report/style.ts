/** The style of HTML answers, light and dark, for screen and paper. No information is in colour alone. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2126; --soft: #5d6772; --paper: #fff; --tint: #f4f6f8; --line: #d9dfe5;
  --critical: #b3261e; --critical-tint: #fdecea; --warning: #8a5300; --warning-tint: #fff4e0; --info: #2d5d8b; --info-tint: #eaf2fa; --ok: #2f6b3a; --ok-tint: #eaf5ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa5b1; --paper: #15181b; --tint: #1e2226; --line: #353c43;
  --critical: #ff9a91; --critical-tint: #43191a; --warning: #f5bd63; --warning-tint: #3a2a0d; --info: #8fc1f0; --info-tint: #16293b; --ok: #8fd19c; --ok-tint: #16301c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2rem 0 .75rem; font-size: 1.2rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { margin: 0; font-size: 1rem; }
.place { margin: 0; color: var(--soft); }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { margin: .5rem 0 0; padding: .75rem; overflow-x: auto; background: var(--tint); border-radius: .25rem; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
.counts li { padding: .25rem .75rem; border-radius: 1rem; background: var(--tint); color: var(--soft); }
.counts b { font-size: 1.15rem; }
.counts .critical { background: var(--critical-tint); color: var(--critical); } .counts .warning { background: var(--warning-tint); color: var(--warning); } .counts .info { background: var(--info-tint); color: var(--info); }
.verdict { padding: .75rem 1rem; border-left: .35rem solid; border-radius: .25rem; font-weight: 600; }
.verdict.critical { color: var(--critical); background: var(--critical-tint); } .verdict.warning { color: var(--warning); background: var(--warning-tint); }
.verdict.info { color: var(--info); background: var(--info-tint); } .verdict.ok { color: var(--ok); background: var(--ok-tint); }
.map { columns: 20rem; column-gap: .75rem; }
.well { color: var(--ok); }
.group { margin: 0 0 .75rem; break-inside: avoid; padding: .75rem; border: 1px solid var(--line); border-radius: .25rem; }
.group.critical { border-color: var(--critical); border-width: 2px; } .group.warning { border-color: var(--warning); }
.group small { float: right; font-weight: 400; color: var(--soft); }
.group ul { display: flex; flex-wrap: wrap; gap: .25rem; margin: .5rem 0 0; padding: 0; list-style: none; }
.group li { padding: 0 .4rem; font: .75rem/1.7 ui-monospace, monospace; border-radius: .2rem; background: var(--tint); color: var(--soft); }
.group li.critical { background: var(--critical); color: var(--paper); font-weight: 600; } .group li.critical::before { content: "✗ "; }
.group li.warning { background: var(--warning-tint); color: var(--warning); } .group li.warning::before { content: "! "; }
.group li.info { background: var(--info-tint); color: var(--info); }
.finding { margin: .5rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-left-width: .35rem; border-radius: .25rem; }
.finding p { margin: .25rem 0; }
.finding.critical { border-left-color: var(--critical); } .finding.warning { border-left-color: var(--warning); } .finding.info { border-left-color: var(--info); }
.critical .mark { color: var(--critical); } .warning .mark { color: var(--warning); } .info .mark { color: var(--info); }
.mark { text-transform: uppercase; font-size: .75rem; letter-spacing: .04em; }
.cause, .advice, dt, summary { color: var(--soft); } .cause { font-weight: 400; font-size: .875rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; margin: .25rem 0; } dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; font-size: .875rem; }
.scroll { overflow-x: auto; margin: 0 0 1rem; } table { border-collapse: collapse; font-size: .9rem; } th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); } th { color: var(--soft); font-weight: 600; }
@media print { body { max-width: none; } details > * { display: block; } }
`;
