import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('./answers/', import.meta.url);

/** Body of a successful answer by status and media type. */
export type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Answers that the demo gave to the examples, by operationId: long lists are cut, nothing else is changed. They are
 * written by `node --import tsx test/gateway/app/record-answers.ts`.
 */
export function readAnswers(): ReadonlyMap<string, Answers> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [
      name.slice(0, -'.json'.length),
      JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Answers,
    ]),
  );
}
