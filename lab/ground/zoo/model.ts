import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgSequence,
  pgTable,
  pgView,
  real,
  serial,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

/* A schema with one of everything that the service's own lacks, so that every kind of drift can be induced. */

export const mood = pgEnum('mood', ['calm', 'merry', 'cross']);
export const ticketNumbers = pgSequence('ticket_numbers', { startWith: 100, increment: 10, maxValue: 100_000 });

export const keepers = pgTable(
  'keepers',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    name: varchar('name', { length: 100 }).notNull(),
    email: varchar('email', { length: 255 }),
    mood: mood('mood').notNull().default('calm'),
    hired: date('hired'),
    boss_id: integer('boss_id'),
  },
  (table) => [
    unique('keepers_email_key').on(table.email),
    uniqueIndex('ix_keepers_lower_name').on(sql`lower(${table.name})`),
    foreignKey({ name: 'keepers_boss_id_fkey', columns: [table.boss_id], foreignColumns: [table.id] }).onDelete(
      'set null',
    ),
  ],
);

export const animals = pgTable(
  'animals',
  {
    id: serial('id').primaryKey(),
    keeper_id: integer('keeper_id'),
    tag: uuid('tag').notNull(),
    name: text('name').notNull(),
    mood: mood('mood'),
    legs: integer('legs').notNull().default(4),
    weight: numeric('weight', { precision: 8, scale: 2 }),
    speed: real('speed'),
    steps: bigint('steps', { mode: 'number' }).notNull().default(0),
    born: timestamp('born', { withTimezone: true, precision: 3 }),
    fed_at: timestamp('fed_at', { withTimezone: true }).notNull().defaultNow(),
    tame: boolean('tame').notNull().default(false),
    traits: jsonb('traits'),
    nicknames: text('nicknames').array(),
    label: text('label').generatedAlwaysAs(sql`upper(name)`),
  },
  (table) => [
    unique('animals_tag_key').on(table.tag).nullsNotDistinct(),
    index('ix_animals_name_mood').on(table.name, table.mood),
    index('ix_animals_fed_at').on(table.fed_at.desc()),
    index('ix_animals_tame').on(table.id).where(sql`${table.tame}`),
    index('ix_animals_traits').using('gin', table.traits),
    index('ix_animals_name_pattern').on(table.name.op('text_pattern_ops')),
    foreignKey({ name: 'animals_keeper_id_fkey', columns: [table.keeper_id], foreignColumns: [keepers.id] })
      .onDelete('cascade')
      .onUpdate('restrict'),
    check('animals_legs_check', sql`${table.legs} >= 0 and ${table.legs} <= 1000`),
    check('animals_weight_check', sql`${table.weight} > 0`),
  ],
);

export const tameAnimals = pgView('tame_animals', { id: integer('id'), name: text('name') }).as(
  sql`select id, name from animals where tame`,
);
