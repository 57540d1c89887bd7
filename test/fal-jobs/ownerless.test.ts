import { t } from '../support/tap.ts';
import { ownerless } from '../../src/fal-jobs/ownerless.ts';
import { trainingFailures } from '../../src/features/trainings/failures.ts';
import { aTraining, someArtifacts } from '../../lab/ground/training.ts';
import { signalOf } from '../../lab/ground/signals.ts';

const kind = { failures: trainingFailures };
const verifying = aTraining({ status: 'verifying', avatar_id: null });
const cancelled = aTraining({ status: 'cancelled', avatar_id: null });

t.test('of a job whose avatar was deleted the bill is kept, and nothing that was made', async (t) => {
  const artifacts = { kind: 'artifacts', artifacts: someArtifacts('late') } as const;
  t.match(ownerless(kind, verifying, artifacts), {
    kind: 'give_up',
    charged: 'yes',
    from: 'verifying',
    error: { code: 'artifact-unavailable', detail: { reason: 'The avatar was deleted.' } },
  });
  t.equal(ownerless(kind, cancelled, artifacts), null, 'one that has ended has its bill');
  t.equal(ownerless(kind, cancelled, { kind: 'accept_late' }), null);
});

t.test('a result after the end says that fal charged, and no log is kept', async (t) => {
  const success = signalOf('success', verifying);
  t.same(ownerless(kind, cancelled, success), { kind: 'postscript', logs: null, charged: 'yes' });
  t.equal(ownerless(kind, verifying, success), success);
  t.match(ownerless(kind, cancelled, { kind: 'postscript', logs: [], charged: 'no' }), { logs: null, charged: 'no' });
});
