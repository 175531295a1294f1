import { defineConfig } from 'drizzle-kit';

/** `npm run db:generate` writes the next migration from the tables in db/schema; it needs no database. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema/*.ts',
  out: './db/migrations',
});
