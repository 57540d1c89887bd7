import fp from 'fastify-plugin';
import { BootError } from '../errors.ts';
import { createStorage } from '../platform/storage/flydrive-storage.ts';
import { StorageError } from '../platform/storage/storage.ts';

/** @throws BootError when the URL is malformed (78) or the store cannot be used (1) */
export const storagePlugin = fp(
  async (app) => {
    const { url, timeoutMs } = app.config.storage;
    app.decorate(
      'storage',
      await createStorage(url, { timeoutMs }).catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error;
        throw new BootError(`The object store can't be used: ${error.message}. Check STORAGE_URL.`, 1);
      }),
    );
  },
  { name: 'storage' },
);
