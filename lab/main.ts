import { type Laboratory, readFlags, UsageError } from './flags.ts';

const laboratories: Record<string, () => Promise<{ laboratory: Laboratory }>> = {
  chaos: () => import('./chaos/main.ts'),
  bench: () => import('./bench/main.ts'),
  proofs: () => import('./proofs/main.ts'),
};

const help = `npm run lab -- chaos | bench | proofs [--only PART,…] [--help]

  chaos    breaks the service in every known way and counts what became of its promises
  bench    measures the service beside bare baselines
  proofs   shows in full what the tests show in small

The exit code is 1 when something does not hold, and 64 when the arguments mean nothing.
`;

async function main([name = '', ...args]: string[]): Promise<number> {
  const load = laboratories[name];
  if (!load) {
    if (name !== '--help') process.stderr.write(name === '' ? help : `There is no laboratory ${name}.\n\n${help}`);
    else process.stdout.write(help);
    return name === '--help' ? 0 : 64;
  }
  const { laboratory } = await load();
  try {
    const flags = readFlags(args, laboratory);
    if (flags) return await laboratory.run(flags);
    process.stdout.write(laboratory.help);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\nnpm run lab -- ${name} --help says what each does.\n`);
    return 64;
  }
}

process.exitCode = await main(process.argv.slice(2));
