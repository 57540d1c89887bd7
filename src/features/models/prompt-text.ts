import { Problem } from '../../errors.ts';

/** Code points. */
export const maxPrompt = 2000;

/**
 * A prompt as it was asked for, in NFC and trimmed.
 * @throws Problem 422 `invalid-setting` for an empty one and for control characters, `prompt-too-long`
 */
export function readPrompt(asked: string): string {
  const prompt = asked.normalize('NFC').trim();
  checkText(prompt);
  checkLength(prompt, maxPrompt, 'The prompt');
  return prompt;
}

/**
 * Replaces `{trigger}`, `[trigger]` and `{subject}`.
 * @throws Problem 422 `prompt-placeholder` for another name in braces
 */
export function fillPlaceholders(
  prompt: string,
  { trigger, subject }: { trigger: string; subject: string },
): { text: string; isReplaced: boolean } {
  let isReplaced = false;
  const text = prompt.replaceAll(/\{([^{}]*)\}|\[trigger\]/g, (whole, name: string | undefined) => {
    if (name !== undefined && name !== 'trigger' && name !== 'subject') throw unknownPlaceholder(whole);
    isReplaced = true;
    return name === 'subject' ? subject : trigger;
  });
  return { text, isReplaced };
}

/** @throws Problem 422 `prompt-too-long` with the number of code points */
export function checkLength(text: string, maximum: number, what: string): void {
  const count = Array.from(text).length;
  if (count <= maximum) return;
  throw new Problem('prompt-too-long', `${what} has ${count} characters, and ${maximum} are taken: shorten it.`, {
    errors: [{ field: '/prompt', code: 'too-long', detail: `has ${count} characters, and ${maximum} are taken` }],
    extensions: { characters: count, maximum },
  });
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
