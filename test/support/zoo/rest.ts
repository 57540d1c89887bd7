/** What drizzle can't say of the zoo: statements that follow those of its model. */
export const rest = [
  'create domain percent as integer check (value between 0 and 100)',
  'alter table animals add column health percent',
  `create function touch() returns trigger language plpgsql as $$ begin new.fed_at := now(); return new; end $$`,
  'create trigger animals_touch before update on animals for each row execute function touch()',
  'create function legs_of(animal integer) returns integer language sql stable as $$ select legs from animals where id = animal $$',
  'create materialized view moods as select mood, count(*) as n from animals group by mood',
  'alter table keepers enable row level security',
  'create policy keepers_see_themselves on keepers for select using (id = 1)',
  'create rule keepers_stay as on delete to keepers where old.boss_id is null do instead nothing',
  `comment on table animals is 'all that live here'`,
  `comment on column animals.legs is 'as counted'`,
  'create table visits (id integer not null, day date not null, visitors integer) partition by range (day)',
  "alter table animals add constraint animals_no_overlap exclude using gist (int4range(id, id, '[]') with &&)",
];
