import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { t } from '../../support/tap.ts';
import { adoptionCodes } from '../../../src/adoption/codes.ts';
import { driftCodes } from '@likeness/schema-tools/diff/codes.ts';
import { dataCodes } from '@likeness/schema-tools/fix/data-questions.ts';
import { historyCodes } from '@likeness/schema-tools/acts/history-findings.ts';
import { folderCodes, lintRules } from '@likeness/schema-tools/fix/lint-rules.ts';

t.test('the manual lists every code that a finding can have, and no other', async (t) => {
  const text = await readFile(resolve(import.meta.dirname, '../../../docs/database.md'), 'utf8');
  const [, lists = ''] = text.split('## Codes of differences');
  const listed = [...lists.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
  const known = [driftCodes, historyCodes, dataCodes, lintRules, folderCodes, adoptionCodes].flatMap((codes) =>
    Object.keys(codes),
  );
  const order = (a = '', b = '') => a.localeCompare(b);
  t.same(listed.toSorted(order), known.toSorted(order));
});
