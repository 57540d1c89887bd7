import { execFileSync } from 'node:child_process';

/*
 * Prints the lines that a commit brings back after a fix had removed them from the same file. A branch made on an older
 * state undoes fixes so, without a conflict. It only prints: bringing a line back can be meant.
 * usage: node .ci/reverts.ts [BASE]   looks at the commits since BASE, or at the last 200
 */

const least = 30;
const shownLines = 3;

type Commit = { hash: string; subject: string; added: Map<string, Set<string>>; removed: Map<string, Set<string>> };
type Revert = { commit: Commit; fix: Commit; lines: string[] };

const base = process.argv[2];
const recent = new Set(git('rev-list', ...(base === undefined ? ['-200', 'HEAD'] : [`${base}..HEAD`])).split('\n'));
for (const { commit, fix, lines } of reverts(commits())) {
  print(`${named(commit)} brings back ${lines.length} lines that ${named(fix)} had removed:`);
  for (const line of lines.slice(0, shownLines)) print(`    ${line}`);
}

function reverts(history: Iterable<Commit>): Revert[] {
  const removedBy = new Map<string, Commit>();
  const found = new Map<string, Revert>();
  for (const commit of history) {
    for (const [file, lines] of commit.added) {
      for (const line of lines) {
        const key = `${file}: ${line}`;
        const fix = removedBy.get(key);
        removedBy.delete(key);
        if (!fix || !recent.has(commit.hash) || commit.removed.get(file)?.has(line)) continue;
        const pair = `${commit.hash} ${fix.hash}`;
        const revert = found.get(pair) ?? { commit, fix, lines: [] };
        revert.lines.push(key);
        found.set(pair, revert);
      }
    }
    if (!commit.subject.startsWith('fix')) continue;
    for (const [file, lines] of commit.removed) {
      for (const line of lines) {
        if (line.length >= least && !commit.added.get(file)?.has(line)) removedBy.set(`${file}: ${line}`, commit);
      }
    }
  }
  return [...found.values()];
}

function* commits(): Generator<Commit> {
  const patches = ['--reverse', '--no-merges', '--no-renames', '--unified=0', '--format=%x01%H %s', '-p'];
  for (const text of git('log', ...patches, '--', '*.ts', '*.js', '*.sql', '*.md', '*.yml')
    .split('\x01')
    .slice(1)) {
    const [heading = '', ...lines] = text.split('\n');
    const commit: Commit = {
      hash: heading.slice(0, 40),
      subject: heading.slice(41),
      added: new Map(),
      removed: new Map(),
    };
    let file = '';
    for (const line of lines) {
      if (/^(---|\+\+\+) ([ab]\/|\/dev\/null)/.test(line)) {
        if (!line.endsWith('/dev/null')) file = line.slice(6);
      } else if (line.startsWith('+')) note(commit.added, file, line);
      else if (line.startsWith('-')) note(commit.removed, file, line);
    }
    yield commit;
  }
}

function note(changes: Map<string, Set<string>>, file: string, line: string): void {
  const lines = changes.get(file) ?? new Set();
  changes.set(file, lines.add(line.slice(1).trim()));
}

function named({ hash, subject }: Commit): string {
  return `${hash.slice(0, 7)} "${subject.slice(0, 70)}"`;
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
