import { type Static, Type } from 'typebox';
import { Closed, Enum, ListQuery, Named, Page, Timestamp } from '../../platform/http/schemas.ts';
import { Line, Slug, Text } from '../../platform/http/text.ts';
import { aspectRatios } from '../models/model.ts';
import { maxPrompt } from '../models/prompt-text.ts';
import { presetNames } from '../trainers/trainer.ts';

/** Images of a pack, and of a batch. */
export const mostImages = 100;

/** Bytes of a body: a hundred prompts of full length in Latin letters, and more. */
export const packBodyLimit = 512 * 1024;

export const PackName = Slug({ maxLength: 100, description: 'Name of the pack.', examples: ['portrait'] });
export const PackItemName = Slug({
  maxLength: 100,
  description: 'Name of the prompt in its pack.',
  examples: ['window'],
});
export const PackParams = Closed({ name: PackName });

const PackItemSchema = Closed({
  name: PackItemName,
  prompt: Type.String({
    description: `What to show, in one line of up to ${maxPrompt} characters, in English. \`{subject}\` and \`{trigger}\` are replaced by those of the avatar.`,
    examples: ['a portrait of {subject} beside a window'],
  }),
  num_images: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 4, description: 'Number of images. Default: 1.', examples: [2] }),
  ),
  aspect_ratio: Type.Optional(Enum(aspectRatios, { description: 'Width:height. Default: that of the model.' })),
  preset: Type.Optional(Enum(presetNames, { description: 'Named set of settings. Default: that of the model.' })),
});

const isPublic = 'Whether user tokens see the pack, and the prompts of generations that were made by it.';
const content = {
  title: Line({ maxLength: 200, description: 'Title, for people.', examples: ['Portraits'] }),
  description: Text({ maxLength: 2000, default: '', description: 'Explanation, for people.' }),
  public: Type.Boolean({ default: false, description: isPublic }),
  items: Type.Array(PackItemSchema, {
    minItems: 1,
    maxItems: mostImages,
    description: `The prompts, in order. Their images are ${mostImages} at most.`,
  }),
};

export const PackRequest = Closed(content, {
  examples: [{ title: 'Portraits', public: true, items: [{ name: 'window', prompt: '{subject} beside a window' }] }],
});
export type PackContent = Static<typeof PackRequest>;

/** A pack in a file of `likeness packs import` and `export`. */
export const PackFile = Closed({ name: PackName, ...content });
export type NamedPack = Static<typeof PackFile>;

const sums = {
  num_items: Type.Integer({ description: 'Number of prompts.' }),
  num_images: Type.Integer({ description: 'Number of images of all prompts together.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
};

const shown = {
  name: PackName,
  title: content.title,
  description: Type.String({ description: 'Explanation, for people.' }),
  public: Type.Boolean({ description: isPublic }),
};
export const PackSummarySchema = Named('PackSummary', { ...shown, ...sums });
export type PackSummaryView = Static<typeof PackSummarySchema>;
export const PackSchema = Named('Pack', { ...shown, items: content.items, ...sums });
export type PackView = Static<typeof PackSchema>;
export const PackPage = Page(PackSummarySchema);
export const PackListQuery = Closed(ListQuery);
