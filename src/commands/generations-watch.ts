import type { GenerationView } from '../features/generations/schemas.ts';
import { defineCommand } from './command.ts';
import { createDisplay } from './demo/display.ts';
import { makeFolder, outFlag, readGeneration, saveImages } from './generation-files.ts';
import { watchExitCodes, watchFlags, watchJob, watchSummary } from './watch.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'generations watch',
  summary: watchSummary('generation'),
  operands: ['ID'],
  flags: { ...watchFlags, ...outFlag },
  run: async ({ json, out }, [id = '']) => {
    checkId('a generation', id);
    if (out !== undefined) await makeFolder(out);
    return withRecords('generations', async ({ db }) => {
      const read = async () => (await readGeneration(db, id)).view;
      const { exitCode } = await watchJob(read, json ? showJson : showLines());
      if (out === undefined || exitCode !== watchExitCodes.succeeded) return exitCode;
      return saveImages((await readGeneration(db, id)).images, out);
    });
  },
});

function showJson(generation: GenerationView): void {
  process.stdout.write(`${JSON.stringify(generation)}\n`);
}

/** A line for each new status. */
function showLines(): (generation: GenerationView) => void {
  const display = createDisplay(process.stdout);
  let seen = '';
  return (generation) => {
    const line = lineOf(generation);
    if (line !== seen) display.say(line);
    seen = line;
  };
}

function lineOf({ status, images_ok, num_images, blocked_reason, error }: GenerationView): string {
  const words = status.replace('_', ' ');
  if (status === 'succeeded') return `${words}, ${images_ok} of ${num_images} images`;
  if (error) return `${words}: ${error.message}`;
  return blocked_reason === null ? words : `${words}, waits: ${blocked_reason}`;
}
