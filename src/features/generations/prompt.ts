import type { AvatarGender, GenerationWarning, TrainingType, TriggerUse } from '../../platform/db/schema.ts';
import { checkLength, fillPlaceholders, readPrompt } from '../models/prompt-text.ts';

/** Code points. */
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
  const prompt = readPrompt(asked);
  const { finalPrompt, trigger } = isRaw ? { finalPrompt: prompt, trigger: 'none' as const } : filled(prompt, subject);
  checkLength(finalPrompt, maxFinalPrompt, 'The prompt with its placeholders replaced');
  return { prompt, finalPrompt, trigger, warnings: warningsOf(finalPrompt, subject) };
}

function filled(prompt: string, subject: Subject): Pick<Prompt, 'finalPrompt' | 'trigger'> {
  const phrase = subject.triggerPhrase;
  const named = namedBy(subject);
  const { text: finalPrompt, isReplaced } = fillPlaceholders(prompt, { trigger: phrase, subject: named });
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
