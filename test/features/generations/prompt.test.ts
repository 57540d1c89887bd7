import fc from 'fast-check';
import { t } from '../../support/tap.ts';
import { Problem } from '../../../src/errors.ts';
import {
  countOf,
  maxFinalPrompt,
  type Subject,
  subjectOf,
  writePrompt,
} from '../../../src/features/generations/prompt.ts';

const man: Subject = { triggerPhrase: 'TOK', noun: 'man' };
const style: Subject = { triggerPhrase: 'TOK', noun: null };

function written(prompt: string, subject = man, isRaw = false): [string, string] {
  const { finalPrompt, trigger } = writePrompt(prompt, subject, isRaw);
  return [finalPrompt, trigger];
}

function problemOf(prompt: string, subject = man): Problem {
  try {
    writePrompt(prompt, subject, false);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

t.test('a prompt without the subject begins with it; one that names it is left', async (t) => {
  t.same(written('on a bicycle'), ['TOK man, on a bicycle', 'inserted']);
  t.same(written('on a bicycle', style), ['TOK, on a bicycle', 'inserted']);
  t.same(written('tok on a bicycle'), ['tok on a bicycle', 'present']);
  t.same(written('a photo of (TOK:1.2)'), ['a photo of (TOK:1.2)', 'present']);
  t.same(written('a stoked surfer'), ['TOK man, a stoked surfer', 'inserted'], 'TOK is not in stoked');
  t.same(written('TOK_ab12 at sea'), ['TOK man, TOK_ab12 at sea', 'inserted'], 'the phrase of another training');
  t.same(written('TOK2 at sea'), ['TOK man, TOK2 at sea', 'inserted']);
  t.same(written('  at sea \u3000'), ['TOK man, at sea', 'inserted'], 'trimmed');
});

t.test('placeholders become the phrase, and the subject with its noun, wherever they stand', async (t) => {
  t.same(written('{trigger} and [trigger] and {subject}'), ['TOK and TOK and TOK man', 'placeholder']);
  t.same(written('{subject} in red', style), ['TOK in red', 'placeholder']);
  t.same(written('{trigger} TOK'), ['TOK TOK', 'placeholder']);
  t.same(written('{trigger} [trigger] {x}', man, true), ['{trigger} [trigger] {x}', 'none'], 'raw');
  t.same(written('a [dog] { at sea'), ['TOK man, a [dog] { at sea', 'inserted'], 'other brackets are text');
});

t.test('the noun follows the avatar, and is not doubled after a phrase that has one', async (t) => {
  t.same(subjectOf('portrait', 'male', 'TOK'), { triggerPhrase: 'TOK', noun: 'man' });
  t.same(subjectOf('portrait', 'female', 'TOK'), { triggerPhrase: 'TOK', noun: 'woman' });
  t.same(subjectOf(null, 'other', ' TOK '), { triggerPhrase: 'TOK', noun: 'person' });
  t.same(subjectOf('style', 'male', 'TOK'), { triggerPhrase: 'TOK', noun: null });
  t.same(subjectOf('object', 'female', 'TOK'), { triggerPhrase: 'TOK', noun: null });
  t.same(written('at sea', { triggerPhrase: 'ohwx Woman', noun: 'woman' }), ['ohwx Woman, at sea', 'inserted']);
});

t.test('a phrase with signs of patterns and replacements is put in as it is', async (t) => {
  for (const triggerPhrase of ['$& .*', '(a|b)+', '$1', '{trigger}', '[trigger]']) {
    const subject = { triggerPhrase, noun: null };
    t.equal(written('at sea', subject)[0], `${triggerPhrase}, at sea`);
    t.equal(written('{subject} at sea', subject)[0], `${triggerPhrase} at sea`);
  }
});

t.test('an unknown placeholder, a control character, an empty and a long prompt are refused in words', async (t) => {
  const placeholder = problemOf('a {colour} car');
  t.equal(placeholder.code, 'prompt-placeholder');
  t.match(placeholder.message, '{colour}');
  t.equal(problemOf('{Subject}').code, 'prompt-placeholder');
  t.equal(problemOf('a {red|blue} car').code, 'prompt-placeholder');
  t.ok(problemOf(`{${'x'.repeat(1900)}}`).message.length < 300, 'a long name is cut');
  for (const [text, name] of [
    ['a\nb', 'character 2 is U+000A'],
    ['\u{1f600}\tb', 'character 2 is U+0009'],
    ['a\u009fb', 'U+009F'],
  ] as const) {
    const { code, errors } = problemOf(text);
    t.equal(code, 'invalid-setting');
    t.match(errors, [{ field: '/prompt', detail: name }]);
  }
  t.match(problemOf('   ').errors, [{ field: '/prompt', detail: 'something besides spaces' }]);
  const long = problemOf('\u{1f600}'.repeat(2001));
  t.equal(long.code, 'prompt-too-long');
  t.match(long.message, '2001 characters, and 2000');
  t.equal(
    writePrompt('\u{1f600}'.repeat(2000), style, true).trigger,
    'none',
    'counted in characters, not in code units',
  );
  const filled = problemOf('{trigger}'.repeat(200), { triggerPhrase: 'x'.repeat(255), noun: null });
  t.equal(filled.code, 'prompt-too-long');
  t.match(filled.message, `51000 characters, and ${maxFinalPrompt}`);
});

t.test('what fal would pass over in silence is told', async (t) => {
  const codes = (prompt: string, subject = man) => writePrompt(prompt, subject, false).warnings.map(({ code }) => code);
  t.same(codes('at sea'), []);
  t.same(codes('на велосипеде под дождём'), ['prompt-unreadable']);
  t.same(codes('with the sign Ёлка on the door of a shop'), []);
  t.same(codes('12:34'), []);
  t.same(codes('a '.repeat(990)), ['prompt-long']);
  t.same(codes('TOK beside tok'), ['trigger-twice']);
});

t.test('text is composed, so that the same letters are found whatever typed them', async (t) => {
  const { prompt, trigger } = writePrompt('Zoe\u0308 at sea', { triggerPhrase: 'Zo\u00eb', noun: null }, false);
  t.same([prompt, trigger], ['Zo\u00eb at sea', 'present']);
});

const word = fc.stringMatching(/^[A-Za-z_0-9]{1,8}$/);
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const text = fc.stringMatching(/^[A-Za-zЖ0-9 ,.()'$:;!\u{1f600}-]{1,80}$/u).filter((one) => one.trim() !== '');

t.test('whatever the prompt, the phrase is in it, and as often as it was given if it was given', async () => {
  fc.assert(
    fc.property(text, phrase, fc.constantFrom('man', null), (prompt, triggerPhrase, noun) => {
      const given = countOf(triggerPhrase, prompt.normalize('NFC').trim());
      const { finalPrompt, trigger } = writePrompt(prompt, { triggerPhrase, noun }, false);
      const found = countOf(triggerPhrase, finalPrompt);
      if (given > 0) return trigger === 'present' && found === given && finalPrompt === prompt.normalize('NFC').trim();
      return trigger === 'inserted' && found >= 1 && finalPrompt.startsWith(triggerPhrase);
    }),
    { numRuns: 500 },
  );
});

t.test('each placeholder is one occurrence of the phrase', async () => {
  const part = fc.constantFrom('{trigger}', '[trigger]', '{subject}', 'at sea', 'in red');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
      const placeholders = parts.filter((one) => one.includes('trigger') || one.includes('subject')).length;
      const { finalPrompt, trigger } = writePrompt(parts.join(' / '), { triggerPhrase: 'ohwx', noun: 'man' }, false);
      return (
        countOf('ohwx', finalPrompt) === Math.max(1, placeholders) && placeholders > 0 === (trigger === 'placeholder')
      );
    }),
  );
});
