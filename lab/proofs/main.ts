import { writeFile } from 'node:fs/promises';
import type { Flags, Laboratory } from '../flags.ts';
import { deployers } from './deployers.ts';
import { drift } from './drift.ts';
import { fuzz } from './fuzz.ts';
import { hostile } from './hostile.ts';
import { outbox } from './outbox.ts';
import type { Figure, Findings, Proof } from './proof.ts';
import { reconnects } from './reconnects.ts';
import { streams } from './streams.ts';

const proofs: readonly Proof[] = [drift, deployers, reconnects, fuzz, streams, outbox, hostile];

const help = `Shows in full what the tests show in small.

  npm run lab -- proofs [--only PROOF,…] [--seed N] [--out FILE]

  --seed N    repeats the choices of fuzz and outbox
  --out FILE  writes the result there too
  --json      changes nothing: the result is JSON

${proofs.map(({ name, claim, minutes }) => `  ${name.padEnd(12)}${claim} At most ${minutes} minutes.`).join('\n')}

Ends with one line of JSON; exit code 1 when a claim does not hold.
`;

type Report = { ok: boolean; seconds: number; broken: string[]; [figure: string]: Figure };

async function run(flags: Flags): Promise<number> {
  const seed = flags.text('seed');
  if (seed !== undefined) Object.assign(process.env, { FUZZ_SEED: seed, OUTBOX_SEED: seed });
  const reports: [string, Report][] = [];
  for (const proof of proofs) if (flags.parts.includes(proof.name)) reports.push([proof.name, await show(proof)]);
  const ok = reports.every(([, report]) => report.ok);
  const result = `${JSON.stringify({ proofs: Object.fromEntries(reports), ok })}\n`;
  process.stdout.write(result);
  const out = flags.text('out');
  if (out !== undefined) await writeFile(out, result);
  return ok ? 0 : 1;
}

/** Runs a proof within its time and ends what it has started. What can't be shown to its end is not shown. */
async function show({ name, claim, minutes, run }: Proof): Promise<Report> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  const report = (text: string) => void process.stderr.write(`${name} ${seconds()} s: ${text}\n`);
  const ends: (() => unknown)[] = [];
  report(claim);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not done in ${minutes} minutes`)), minutes * 60_000);
  });
  const broken: string[] = [];
  const fail = (error: unknown) => {
    report(`NOT SHOWN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    broken.push(error instanceof Error ? error.message : String(error));
  };
  let figures: Findings['figures'] = {};
  try {
    const stage = { report, teardown: (end: () => unknown) => void ends.push(end) };
    const findings = await Promise.race([run(stage), late]);
    figures = findings.figures;
    broken.push(...Object.entries(findings.claims).flatMap(([each, holds]) => (holds ? [] : [each])));
  } catch (error) {
    fail(error);
  } finally {
    clearTimeout(timer);
  }
  // Some faults show only in the end, such as an answer that is not as openapi.json says.
  for (const end of ends.toReversed()) await Promise.resolve().then(end).catch(fail);
  const ok = broken.length === 0;
  report(ok ? 'shown' : `NOT SO: ${broken.join('; ')}`);
  return { ok, seconds: seconds(), broken, ...figures };
}

export const laboratory: Laboratory = {
  help,
  options: { seed: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } },
  parts: proofs.map(({ name }) => name),
  run,
};
