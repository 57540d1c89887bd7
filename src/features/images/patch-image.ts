import type { Context } from '../../context.ts';
import { notFound } from '../../errors.ts';
import { transact } from '../../platform/db/transact.ts';
import type { Reach } from '../../platform/http/caller.ts';
import { checkIfMatch, etagOf } from '../../platform/http/etag.ts';
import { refuseWithoutPicture } from './content.ts';
import { type Image, lockImage, updateFavorite } from './store.ts';
import { imageView } from './view.ts';

/** Makes an image a favourite, or no longer. @throws Problem 404; 409 `image-flagged`, `image-unavailable`; 412 */
export async function patchImage(
  context: Pick<Context, 'db' | 'wakeups' | 'installation'>,
  id: string,
  favorite: boolean,
  { ifMatch, ...reach }: Reach & { ifMatch: string | undefined },
): Promise<Image> {
  return transact(context, async (tx) => {
    const image = (await lockImage(tx, id, reach)) ?? notFound('image');
    checkIfMatch(ifMatch, etagOf(imageView(context, image)));
    if (image.favorite === favorite) return image;
    refuseWithoutPicture(image);
    return (await updateFavorite(tx, id, favorite)) ?? notFound('image');
  });
}
