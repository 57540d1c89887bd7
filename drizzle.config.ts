import { defineConfig } from 'drizzle-kit';
import { readDatabaseUrl } from './src/platform/db/url.ts';

const url = process.env['DATABASE_URL'];

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/platform/db/schema.ts',
  out: './migrations',
  // Files are made without a database. Left to itself drizzle-kit would try TLS where the URL says nothing of it.
  ...(url && { dbCredentials: { ssl: false, ...readDatabaseUrl(url) } }),
});
