import { type CheckResult, checkDatabase } from '../check.ts';
import { MigrationError, sqlStateOf } from '../../history/errors.ts';
import type { Answer, Block, Mark } from '../../report/document.ts';
import { examineConfiguration } from './configuration.ts';
import { type Component, component, fail, type Health } from './examination.ts';
import { examineHazards } from './hazards.ts';
import { examineHistory } from './history.ts';
import { examinePrivileges } from './privileges.ts';
import { examineServer } from './server.ts';
import type { Project } from '../../project.ts';

// insufficient_privilege, which the privileges component explains.
const deniedState = '42501';

/**
 * Examines the five parts of an installation as far as possible: the configuration also without a connection. Reads
 * only.
 */
export async function diagnose(
  url: string,
  project: Project,
): Promise<{ components: Component[]; checked: CheckResult | null }> {
  const configuration = await examineConfiguration(project);
  try {
    return await project.connections.connect(url, `${project.program} doctor`, async (client) => {
      const server = await examineServer(client, project, url);
      // The other parts are read in transactions of one session.
      if (server.examinations.some(({ name, health }) => name === 'session' && health === 'fail')) {
        return { components: [configuration, server], checked: null };
      }
      const privileges = await examinePrivileges(client, project);
      const found = await checkDatabase(client, { project }).catch((error: unknown) => {
        if (error instanceof Error && (error instanceof MigrationError || sqlStateOf(error) === deniedState))
          return error;
        throw error;
      });
      if (found instanceof Error) {
        const unknown = (name: string) =>
          component(name, [fail('not examined', found.message, 'Mend what is named above first.')]);
        return {
          components: [configuration, server, privileges, unknown('history'), unknown('sync and hazards')],
          checked: null,
        };
      }
      const rest = [await examineHistory(client, found), await examineHazards(client, found)];
      return { components: [configuration, server, privileges, ...rest], checked: found };
    });
  } catch (error) {
    if (!(error instanceof MigrationError) || (error.code !== 'unreachable' && error.code !== 'unfit')) throw error;
    const server = component('connection and server', [fail('connection', error.message, 'Go on from there.')]);
    return { components: [configuration, server], checked: null };
  }
}

const marks: Record<Health, Mark> = { ok: 'ok', warn: 'warning', fail: 'critical' };
const signs: Record<Health, string> = { ok: '✓ ok', warn: '! warn', fail: '✗ fail' };

/** The answer of `doctor`. Exit code 2 when a component fails. */
export function answerDoctor(components: Component[], checked: CheckResult | null): Answer {
  const worst =
    (['fail', 'warn', 'ok'] as const).find((health) => components.some((each) => each.health === health)) ?? 'ok';
  const well = components.filter(({ health }) => health === 'ok').length;
  return {
    command: 'doctor',
    exitCode: worst === 'fail' ? 2 : 0,
    database: checked?.database ?? null,
    serverVersion: checked?.serverVersion ?? null,
    findings: [],
    data: { health: worst, components },
    title: `Doctor${checked ? ` of ${checked.database}` : ''}`,
    blocks: [
      { type: 'verdict', mark: marks[worst], text: `${well} of ${components.length} components are well.` },
      ...components.flatMap(blocksOf),
    ],
  };
}

function blocksOf({ name, health, examinations }: Component): Block[] {
  const rows = examinations.map((each) => [
    signs[each.health],
    each.name,
    each.fix === null ? each.seen : `${each.seen}. ${each.fix}`,
  ]);
  return [
    { type: 'heading', text: `${name}: ${health}` },
    { type: 'table', columns: ['', 'what', 'seen'], rows },
  ];
}
