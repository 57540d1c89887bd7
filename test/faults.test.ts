import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';

async function readRows(file: string): Promise<string[][]> {
  const table = await readFile(join('test', file), 'utf8');
  return table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

const ofGenerations = await readRows('features/generations/README.md');
const ofEarlierBot = await readRows('features/generations/earlier-bot.md');
const rows = [...(await readRows('FAULTS.md')), ...ofGenerations, ...ofEarlierBot];

/** The kinds that were seen, each by its row: one that a merge has lost is missed here. */
const seen = {
  proportion: [
    'One user and one stranger slow everybody down',
    'a pattern takes the square of the time for a long text from outside',
    'a pattern or format takes the square of the time for a long text of a client',
    'the answer to a faulty request is larger than the request, or repeats it',
    'A body is buffered before anybody is known to have sent it',
    'Half-sent bodies of strangers hold memory for minutes',
    'One caller takes what all share',
    'A limit whose key the caller writes',
    'A refusal that comes before the limit',
    'The database is asked for each guess',
    'Strangers behind one proxy share a limit, or write their own address',
    "one user's work delays everybody's",
    'what costs most comes before what is known for nothing',
    'a quota counts something else than what is kept',
    'a caller floods readers of events with what came to nothing',
    'Work that grows by the square of the database',
    'A deletion reads all that is kept, to find what names the deleted',
    'a body of a known caller trickles in for minutes',
  ],
  money: [
    'a job is repeated for ever though its data make it impossible',
    "a job that can't go on holds a place of others",
    "a training stays open since what fal says of it can't be stored",
    'what fal answers is refused by the database each time',
    'photos are uploaded to fal again and again',
    'nothing bounds what one user has paid for; a block of a user stops nothing',
    'one that the database refuses each time holds up all behind it',
    'a submission is given up while what would settle it is out of reach',
    'tries are counted in memory, and a restart begins again',
    'submissions that fal swallows hold trainings back without a bound',
    'one row or object that can never be deleted keeps all others',
  ],
  weights: [
    'one file is uploaded many times, or never again after a crash',
    'what was uploaded for one person is used for another, or after its deletion',
    'an address is sent that dies before it is used',
    "what was paid for in the earlier system can't be used",
    'files of a person who has gone are stored late, or left by a crash',
  ],
  privacy: [
    'an address that opens photos or weights stands in an error',
    'photos of faces outlive a process that is killed',
    "names of a person's files stand in the log of events",
    'a worker stores, uploads or sends something after its owner was deleted',
    'something of a person stays after their deletion',
    'A weak key sees what was meant for a strong one',
    'A right that outlives who gave it',
    'A server of others names an address in our network',
    'A process has secrets and rights that it does not need',
    'an error tells of the machine: paths, words of a library, a full disk as a fault of the input',
  ],
  silence: [
    'a database that is away, full or read-only is told as a fault of ours',
    'the way to PostgreSQL keeps connections and drops all bytes',
    'a client made by hand outlives the step that failed after it',
    'the object store takes a request and answers nothing',
    "ready is said while a part of the work can't be done",
    'work that is awaited without a limit of ours stops for good',
    'a training that a silence interrupted waits long after its end',
    'signing keys of fal that fall silent hold up webhooks, or get them refused for good',
    'a webhook endpoint that falls silent holds up others, or keeps its attempt beyond the time',
    "the queue's connections fall silent, and its work does not go on",
    'the primary is gone, and its address leads to a standby',
    'work on a database that may take hours waits for ever when its server falls silent or a lock is never given',
  ],
  starts: [
    'an address is read leniently: unknown members are taken in silence, parts of a password go to the wrong place and are shown',
    'a setting has a value that can never match or work, and is taken',
    'an address that the service says of itself leads nowhere',
    'what the start does not touch fails at the first request',
    'a process that could not start lives on, or a start waits for ever',
    'what only the doctor knows keeps a started service from working',
    'what an operator mistyped is passed over in silence',
    'one command that starts the service lacks an end that another has',
    'settings contradict each other, and are taken',
  ],
  sessions: ['a session is another one than the code leans on, by a setting of server, database, role or pooler'],
  HTTP: [
    'A request that two servers read as two',
    'a value that JSON or a URL can say and PostgreSQL refuses is 500',
    'two ways of writing one id are two ids',
    'bytes that are no text in the charset of a body become a replacement character',
    'a default header of a client is refused though it says nothing',
    'what stands between client and service weakens a tag, and nothing can be changed any more',
    'a path that is known says that it is not there',
    'a library answers instead of us, without a problem document',
    'a download that was cut off begins anew',
    'the same example makes two requests one',
    'a code that clients branch on stands in no page',
    'a page shows members in the order of the alphabet, and what most requests need last',
    'what went wrong is told as `undefined` or by a code alone',
    'a connection is not encrypted though it was asked for, or to whom it leads is not looked at',
  ],
  photos: [
    'what is stored differs from what a person sees',
    "a photo that can't help is taken, or counts twice",
    'a photo that every viewer shows is turned away, or grows in the store',
  ],
  'jobs of two kinds': [
    'jobs of one kind take every place at fal, and those of another wait behind them',
    'a request at fal is given to another job than the one that sent it',
    'dispatch becomes slower with everything that has ever ended',
  ],
  images: [
    'a picture bears what was said of a person, or not that a model made it',
    'what is no picture, or another than asked for, counts as one',
    "all images that were paid for are lost with one, or one by a moment's fault",
    'the picture of an avatar is lost with the image or photo that it was made of, or outlives the avatar',
    'a link to one file opens another',
    'a list takes longer the more images others have',
    'what was to be kept goes with a retention, or what was to go stays',
    'objects without rows outlive their owner',
  ],
  'taking over': [
    'what a database needs is made by one of its migrators alone',
    'what the earlier system is known to have written is asked about, or lost, when its database is taken over',
    'SQL is cut inside a statement that holds semicolons',
    'a test or a comment changes what is committed or makes it stale',
    "a file that one of the two migrators can't run is let in",
    'a journal that says a thing twice',
    'one question about the database has different answers, by who asks',
    'a key of the earlier system leads out of the object store, or its file is said to be deleted and is not',
    'old code and a database that newer code migrated: called changed by hand, undone, or not started on',
    "history of migrations that is lost in part or whole is taken for another system's, or for files to be applied",
    'a role that may not read a part stops the tools, or is told less than it lacks',
    'a lock that is not had, without a word of who has it',
  ],
  drift: [
    'What is made again lacks what the rows need',
    "SQL of the tools meets a name of the database's",
    'A difference is normalised away, or one cause told twice',
    'Another form of the same is reported',
    'Names that were exchanged are taken for changes of what bears them, and a repair moves or loses values',
    "A repair that can't work, or in an order that can't",
  ],
  logs: ['A secret is logged where nobody looked for it', 'a library prints into the log by itself'],
  generations: [
    'one request is paid twice, since nothing tells a second tap from another wish',
    'the trigger phrase is missing, doubled, or that of another training',
    'a size that was asked for becomes another one in silence',
    'a prompt stays somewhere after its generation was deleted, or comes back with a late answer of fal',
    'the weights of another avatar are used',
    'several that end at the same time each take the others for running, so that what they belong to never ends, or ends twice',
    'part of what is asked for together is started and paid, and the rest refused',
    'prompts that an operator keeps to itself are read by those for whom they are used',
  ],
  'first steps and history': [
    'A fix that a later commit undid without a conflict',
    'A story for newcomers that never ends where one of its steps fails',
    "A developer can't make a training fail without reading the sandbox's sources",
    'A stand-in for fal that forgets its jobs when `npm start` ends',
    'An error that nobody caught ends the tests of other files and blames one of them',
  ],
};

t.test('each kind that was seen has its row', async (t) => {
  const kinds = rows.map(([, kind = '']) => kind);
  for (const [area, list] of Object.entries(seen)) {
    t.strictSame(
      list.filter((kind) => !kinds.includes(kind)),
      [],
      `${area}: no row is lost`,
    );
  }
});

t.test('what must hold of generations is named in full', async (t) => {
  t.equal(ofGenerations.length, 18);
});

t.test('each failure of the earlier bot with images is named', async (t) => {
  t.equal(ofEarlierBot.length, 20);
});

t.test('each kind of fault says where it could occur and names a test that exists', async (t) => {
  for (const [, kind = '', where = '', tests = ''] of rows) {
    t.not(kind, '', 'a row names its kind');
    t.not(where, '', `${kind}: where it could occur`);
    const named = [...tests.matchAll(/`([^`]+)` › ([^;]+)/g)];
    t.ok(named.length > 0, `${kind}: names a test as \`file\` › words of its title`);
    for (const [, file = '', title = ''] of named) {
      const text = await readFile(join('test', file), 'utf8').catch(() => '');
      t.ok(text.includes(title.trim()), `${kind}: ${file} › ${title.trim()}`);
    }
  }
});

t.test('no kind stands twice', async (t) => {
  const kinds = rows.map(([, kind = '']) => kind);
  t.strictSame(
    kinds.filter((kind, index) => kinds.indexOf(kind) !== index),
    [],
  );
});
