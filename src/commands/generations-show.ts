import { defineCommand } from './command.ts';
import { makeFolder, outFlag, readGeneration, saveImages } from './generation-files.ts';
import { printOne } from './table.ts';
import { checkId, withRecords } from './with-database.ts';

export const command = defineCommand({
  name: 'generations show',
  summary: 'show a generation, and save its images',
  operands: ['ID'],
  flags: { json: { type: 'boolean', default: false, description: 'print one JSON object' }, ...outFlag },
  run: async ({ json, out }, [id = '']) => {
    checkId('a generation', id);
    if (out !== undefined) await makeFolder(out);
    return withRecords('generations', async ({ db }) => {
      const { view, images } = await readGeneration(db, id);
      const { error, charged } = view;
      printOne(view, json, {
        id,
        status: view.status,
        avatar: view.avatar_id,
        user: view.user_id,
        training: view.training_id,
        'repeat of': view.repeat_of,
        model: `${view.model} (${view.endpoint})`,
        prompt: view.prompt,
        'final prompt': view.final_prompt,
        size: `${view.width}×${view.height}`,
        seed: view.seed,
        settings: view.settings,
        images: `${view.images_ok} of ${view.num_images}`,
        ...Object.fromEntries(view.images.map((image) => [`image ${image.index}`, lineOf(image)])),
        warnings: view.warnings.map(({ code, detail }) => `${code}: ${detail}`).join(' '),
        cost: `${view.estimated_cost_usd} USD estimated, charged: ${charged ?? 'not known yet'}`,
        sandbox: view.sandbox ? 'yes: nothing was paid, nothing is real' : null,
        'fal request': view.fal_request_id,
        waits: view.blocked_reason,
        'needs attention': view.needs_attention_at && `since ${view.needs_attention_at}`,
        error: error && `${error.code}: ${error.message}`,
        created: view.created_at,
        ended: view.ended_at,
        erased: view.erased_at,
      });
      return out === undefined ? 0 : saveImages(images, out);
    });
  },
});

type ImageLine = {
  status: string;
  width: number | null;
  height: number | null;
  size: number | null;
  sha256: string | null;
};

function lineOf({ status, width, height, size, sha256 }: ImageLine): string {
  return status === 'ok' ? `${width}×${height}, ${size} bytes, sha256 ${sha256}` : status;
}
