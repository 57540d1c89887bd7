import type { Context } from './context.ts';
import type { Generated, Picture } from './job.ts';
import { pictureBytes } from './pictures/picture.ts';

/** Publishes the images of a job, which are drawn on first download. @returns their addresses */
export function publishImages(context: Context, { jobId, pictures, expiresAt }: Generated): string[] {
  const id = jobId.replaceAll('-', '').slice(0, 20);
  return pictures.map((picture, place) => {
    const { format } = picture;
    const file = context.files.addPicture({
      id: `${id}I${place}`,
      name: `image.${format === 'jpeg' ? 'jpg' : format}`,
      contentType: `image/${format}`,
      expiresAt,
      bytes: () => pictureBytes(picture),
    });
    return file.url;
  });
}

/** Images as data URIs, for `sync_mode`. */
export function inlineImages(pictures: readonly Picture[]): Promise<string[]> {
  return Promise.all(
    pictures.map(
      async (picture) => `data:image/${picture.format};base64,${(await pictureBytes(picture)).toString('base64')}`,
    ),
  );
}
