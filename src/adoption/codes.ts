import type { Adoption } from '@likeness/schema-tools/project.ts';

/** The earlier system, whose migrations Alembic ran. */
export const adoption: Adoption = { tables: ['users', 'avatars', 'avatar_photos'], command: 'adopt --from alembic' };

/** Why an adoption refuses, and what `--allow` does about it, where there is a choice. */
export const adoptionCodes = {
  adopt_no_tables: {
    says: 'The tables of the earlier system are not there.',
    choice: null,
  },
  adopt_type: {
    says: 'A column has a type that can not be turned into the model’s without a decision.',
    choice: null,
  },
  adopt_no_value: {
    says: 'A column is to be added that must not be empty, and there is nothing to put into the rows that are there.',
    choice: null,
  },
  adopt_rule: {
    says: 'Something in the database would change or swallow what the service writes.',
    choice: null,
  },
  adopt_unknown_enum_value: {
    says: 'Rows hold a value that the enum type of the model does not have.',
    choice: 'they get the column’s default, or none; the original stays in the ledger',
  },
  adopt_too_long: {
    says: 'Values are longer than the column of the model.',
    choice: 'the column is emptied in these rows, where it may be empty; the original stays in the ledger',
  },
  adopt_null: {
    says: 'Rows have no value where the model demands one.',
    choice: 'they get the column’s default, where it has one',
  },
  adopt_duplicate_photos: {
    says: 'An avatar has the same photo twice.',
    choice: 'the later ones get their id as hash, so that all stay; the original stays in the ledger',
  },
  adopt_duplicate: {
    says: 'Rows share a value that the model allows once.',
    choice: null,
  },
  adopt_duplicate_request_ids: {
    says: 'Avatars in training share a request id, and one job can be the training of one avatar only.',
    choice: 'the one started last keeps it as its training; the others end in error, charged unknown',
  },
  adopt_out_of_range: {
    says: 'A progress is not within 0 and 100, or a counter is negative.',
    choice: 'it is set to the nearest value allowed; the original stays in the ledger',
  },
  adopt_check: {
    says: 'Rows break a check of the model.',
    choice: null,
  },
  adopt_orphans: {
    says: 'Rows point to a row that is not there.',
    choice: 'the key is made NOT VALID: it holds for new rows, and the orphans stay',
  },
} as const satisfies Record<string, { says: string; choice: string | null }>;
export type AdoptionCode = keyof typeof adoptionCodes;

/** Rows or objects that prevent the adoption, and the choice there is. */
export type Refusal = {
  code: AdoptionCode;
  object: string;
  table: string | null;
  /** Keys of the first rows; `count` counts all. */
  rows: string[];
  count: number;
  message: string;
  /** False where `--allow` does not apply to this column. */
  mayBeAllowed: boolean;
};
