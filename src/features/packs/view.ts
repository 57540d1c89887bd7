import { iso } from '../../platform/http/iso.ts';
import { imagesOf } from './check.ts';
import type { NamedPack, PackContent, PackSummaryView, PackView } from './schemas.ts';
import type { Pack, PackSummary } from './store.ts';

export function packView(pack: Pack): PackView {
  const { items, ...content } = contentOf(pack);
  const { name, num_items, num_images, created_at, updated_at } = packSummary(pack);
  return { name, ...content, items, num_items, num_images, created_at, updated_at };
}

export function packSummary({ items, ...pack }: Pack): PackSummaryView {
  return packSummaryView({ ...pack, num_items: items.length, num_images: imagesOf(items) });
}

export function packSummaryView(summary: PackSummary): PackSummaryView {
  const { name, title, description, public: isPublic, num_items, num_images, created_at, updated_at } = summary;
  const times = { created_at: iso(created_at), updated_at: iso(updated_at) };
  return { name, title, description, public: isPublic, num_items, num_images, ...times };
}

/** A pack as it stands in a file. */
export function packInFile(pack: Pack): NamedPack {
  return { name: pack.name, ...contentOf(pack) };
}

// In the order of the schema: jsonb keeps no order of members.
export function contentOf({ title, description, public: isPublic, items }: Pack): PackContent {
  const ordered = items.map(({ name, prompt, num_images, aspect_ratio, preset }) => ({
    name,
    prompt,
    ...(num_images !== undefined && { num_images }),
    ...(aspect_ratio !== undefined && { aspect_ratio }),
    ...(preset !== undefined && { preset }),
  }));
  return { title, description, public: isPublic, items: ordered as PackContent['items'] };
}
