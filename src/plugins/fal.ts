import fp from 'fastify-plugin';
import { createFal } from '../fal/client.ts';
import type { Fal } from '../fal/fal.ts';
import { createKeySet } from '../fal/key-set.ts';
import { loadSigningKeys, saveSigningKeys } from '../fal/key-store.ts';
import { traceFal } from '../fal/traced.ts';

/** Decorates the app with fal and its signing keys, which all processes on one database share. */
export const falPlugin = fp(
  async (app, { fal: given }: { fal?: Fal | undefined }) => {
    const { mode, key, baseUrl, timeoutMs } = app.config.fal;
    const fal = traceFal(given ?? createFal({ mode, key, baseUrl, timeoutMs, log: app.log }));
    app.decorate('fal', fal);
    app.decorate(
      'signingKeys',
      createKeySet({
        fetchKeys: () => fal.fetchSigningKeys(),
        load: () => loadSigningKeys(app.db),
        save: (stored) => saveSigningKeys(app.db, stored),
        log: app.log,
      }),
    );
  },
  { name: 'fal', dependencies: ['database'] },
);
