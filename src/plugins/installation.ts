import fp from 'fastify-plugin';
import { BootError } from '../errors.ts';
import { limits } from '../limits.ts';
import { withTimeout } from '../platform/async/timeout.ts';
import { pinInstallation } from '../platform/installation/installation.ts';

export const installationPlugin = fp(
  async (app) => {
    const late = () =>
      new BootError('The database holds up the start: another process may be at its first one. Start again.', 1);
    const pinned = pinInstallation(app, app.config.fal.mode);
    app.decorate('installation', await withTimeout(limits.installation.ms, pinned, late));
  },
  { name: 'installation', dependencies: ['database', 'storage'] },
);
