import { Problem } from '../../errors.ts';
import type { AvatarGender, GenerationWarning, TrainingType, TriggerUse } from '../../platform/db/schema.ts';

/** Code points. */
export const maxPrompt = 2000;
export const maxFinalPrompt = 4000;
/** What FLUX reads of a prompt is 512 tokens; four characters are about one. */
const longPrompt = 480 * 4;

/** What stands in prompts for the subject of a LoRA. `noun` is the class of a person; null for styles and objects. */
export type Subject = { triggerPhrase: string; noun: string | null };

export type Prompt = { prompt: string; finalPrompt: string; trigger: TriggerUse; warnings: GenerationWarning[] };

const nouns: Record<AvatarGender, string> = { male: 'man', female: 'woman', other: 'person' };

/** @param trainingType null for avatars of the earlier system, whose default was a portrait */
export function subjectOf(trainingType: TrainingType | null, gender: AvatarGender, triggerPhrase: string): Subject {
  const isPerson = (trainingType ?? 'portrait') === 'portrait';
  return { triggerPhrase: triggerPhrase.normalize('NFC').trim(), noun: isPerson ? nouns[gender] : null };
}

/**
 * Makes the prompt that fal gets: placeholders are replaced, and a prompt that names the subject nowhere begins with it.
 * @param isRaw leaves the words as they are
 * @throws Problem 422 `invalid-setting` for an empty prompt and control characters, `prompt-too-long`,
 * `prompt-placeholder` for a name in braces that is unknown
 */
export function writePrompt(asked: string, subject: Subject, isRaw: boolean): Prompt {
  const prompt = asked.normalize('NFC').trim();
  checkText(prompt);
  checkLength(prompt, maxPrompt, 'The prompt');
  const { finalPrompt, trigger } = isRaw ? { finalPrompt: prompt, trigger: 'none' as const } : filled(prompt, subject);
  checkLength(finalPrompt, maxFinalPrompt, 'The prompt with its placeholders replaced');
  return { prompt, finalPrompt, trigger, warnings: warningsOf(finalPrompt, subject) };
}

function filled(prompt: string, subject: Subject): Pick<Prompt, 'finalPrompt' | 'trigger'> {
  const phrase = subject.triggerPhrase;
  const named = namedBy(subject);
  let isReplaced = false;
  const finalPrompt = prompt.replaceAll(/\{([^{}]*)\}|\[trigger\]/g, (whole, name: string | undefined) => {
    if (name !== undefined && name !== 'trigger' && name !== 'subject') throw unknownPlaceholder(whole);
    isReplaced = true;
    return name === 'subject' ? named : phrase;
  });
  if (isReplaced) return { finalPrompt, trigger: 'placeholder' };
  if (phrase === '') return { finalPrompt, trigger: 'none' };
  if (countOf(phrase, prompt) > 0) return { finalPrompt, trigger: 'present' };
  return { finalPrompt: `${named}, ${prompt}`, trigger: 'inserted' };
}

// A phrase such as "ohwx woman" has its noun already.
function namedBy({ triggerPhrase, noun }: Subject): string {
  if (noun === null || triggerPhrase === '') return triggerPhrase;
  const last = triggerPhrase.split(/\s+/).at(-1)?.toLowerCase();
  return Object.values(nouns).some((known) => known === last) ? triggerPhrase : `${triggerPhrase} ${noun}`;
}

/** How often a phrase stands in a text as a whole: TOK is not in "stoked", and case does not matter. */
export function countOf(phrase: string, text: string): number {
  if (phrase === '') return 0;
  const words = phrase.split(/\s+/).map((word) => RegExp.escape(word));
  const pattern = `(?<![\\p{L}\\p{M}\\p{N}_])${words.join('\\s+')}(?![\\p{L}\\p{M}\\p{N}_])`;
  return text.match(new RegExp(pattern, 'giu'))?.length ?? 0;
}

function checkText(prompt: string): void {
  if (prompt === '') throw invalid('must hold something besides spaces');
  const control = /\p{Cc}/u.exec(prompt);
  if (!control) return;
  const [character = ''] = control[0];
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const position = Array.from(prompt.slice(0, control.index)).length + 1;
  throw invalid(
    `must be one line without control characters: character ${position} is U+${code}; put a space in its place`,
  );
}

function checkLength(text: string, maximum: number, what: string): void {
  const count = Array.from(text).length;
  if (count <= maximum) return;
  throw new Problem('prompt-too-long', `${what} has ${count} characters, and ${maximum} are taken: shorten it.`, {
    errors: [{ field: '/prompt', code: 'too-long', detail: `has ${count} characters, and ${maximum} are taken` }],
    extensions: { characters: count, maximum },
  });
}

const longestName = 50;

function unknownPlaceholder(whole: string): Problem {
  const name = whole.length > longestName ? `${whole.slice(0, longestName)}…`.toWellFormed() : whole;
  const taken = '{subject}, {trigger} and [trigger] are replaced; leave other braces out';
  return new Problem('prompt-placeholder', `The prompt has the unknown placeholder ${name}: ${taken}.`, {
    errors: [{ field: '/prompt', code: 'unknown-placeholder', detail: `has ${name}: ${taken}` }],
  });
}

function invalid(detail: string): Problem {
  return new Problem('invalid-setting', `prompt ${detail}.`, {
    errors: [{ field: '/prompt', code: 'invalid-text', detail }],
  });
}

function warningsOf(finalPrompt: string, { triggerPhrase }: Subject): GenerationWarning[] {
  const letters = finalPrompt.match(/\p{L}/gu)?.length ?? 0;
  const latin = finalPrompt.match(/\p{Script=Latin}/gu)?.length ?? 0;
  const count = Array.from(finalPrompt).length;
  const times = countOf(triggerPhrase, finalPrompt);
  return [
    ...(latin * 2 < letters
      ? [
          {
            code: 'prompt-unreadable',
            detail: 'Most letters are not Latin: the model reads none of them. Send the prompt in English.',
          },
        ]
      : []),
    ...(count > longPrompt
      ? [
          {
            code: 'prompt-long',
            detail: `The prompt has ${count} characters: the model reads about ${longPrompt} and leaves the end out.`,
          },
        ]
      : []),
    ...(times > 1
      ? [
          {
            code: 'trigger-twice',
            detail: `The trigger phrase stands ${times} times in the prompt: the subject may appear more than once.`,
          },
        ]
      : []),
  ];
}
