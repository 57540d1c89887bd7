import { Problem, type ProblemItem } from '../../errors.ts';
import { fillPlaceholders, readPrompt } from '../models/prompt-text.ts';
import { mostImages, type PackContent } from './schemas.ts';

type Item = PackContent['items'][number];
type Fault = { problem: Problem; errors: ProblemItem[] };

/**
 * Checks what no schema can, and normalises prompts.
 * @throws Problem 422 `invalid-setting` for a name that comes twice and for too many images, `prompt-too-long`,
 * `prompt-placeholder`, with every item at fault in `errors`
 */
export function checkPack({ title, items, ...content }: PackContent): PackContent {
  const faults = [...repeatedNames(items), ...tooManyImages(items)];
  const checked = items.map((item, index) => {
    const prompt = promptOf(item);
    if (typeof prompt === 'string') return { ...item, prompt };
    const errors = prompt.errors.map(({ code, detail }) => ({ field: `/items/${index}/prompt`, code, detail }));
    faults.push({ problem: new Problem(prompt.code, `${item.name}: ${prompt.message}`, prompt), errors });
    return item;
  });
  const [first] = faults;
  if (!first) return { ...content, title: title.trim(), items: checked };
  const { code, message, extensions } = first.problem;
  throw new Problem(code, message, { errors: faults.flatMap(({ errors }) => errors), extensions });
}

function promptOf(item: Item): string | Problem {
  try {
    const prompt = readPrompt(item.prompt);
    fillPlaceholders(prompt, { trigger: '', subject: '' });
    return prompt;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function repeatedNames(items: readonly Item[]): Fault[] {
  const seen = new Set<string>();
  const errors = items.flatMap(({ name }, index): ProblemItem[] => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ field: `/items/${index}/name`, code: 'repeated', detail: `${name} is the name of an item before it` }];
  });
  const [first] = errors;
  if (!first) return [];
  return [{ problem: new Problem('invalid-setting', `items: ${first.detail}; each needs a name of its own.`), errors }];
}

function tooManyImages(items: readonly Item[]): Fault[] {
  const images = imagesOf(items);
  if (images <= mostImages) return [];
  const detail = `ask for ${images} images together, and ${mostImages} are taken`;
  const problem = new Problem('invalid-setting', `The items ${detail}.`, { extensions: { maximum: mostImages } });
  return [{ problem, errors: [{ field: '/items', code: 'too-many', detail }] }];
}

export function imagesOf(items: readonly Pick<Item, 'num_images'>[]): number {
  return items.reduce((sum, { num_images: count = 1 }) => sum + count, 0);
}
