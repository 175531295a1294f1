import { EXAMPLES } from './all.ts';
import { type Answers, readAnswers } from './answers.ts';
import { BODY_PROBLEM_TYPES, COMMON_PROBLEMS, PROBLEM_EXAMPLES, type ProblemExample } from './problems.ts';
import {
  type Examples,
  isFromAnswer,
  type OperationExamples,
  type ParameterExample,
  type RequestExample,
} from './types.ts';

interface Media {
  schema?: unknown;
  example?: unknown;
  examples?: Record<string, unknown>;
}
interface Parameter {
  readonly name: string;
  description?: string;
  schema?: Record<string, unknown>;
  readonly required?: boolean;
  example?: unknown;
  examples?: Record<string, unknown>;
}
interface Response {
  content?: Record<string, Media>;
}
interface Operation {
  readonly operationId?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses?: Record<string, Response>;
}
interface Document {
  paths?: object;
  components?: object;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const PROBLEM = 'application/problem+json';

/** Writes the examples into an OpenAPI document: parameters, whole bodies, whole answers, and problems as shared components. */
export function addExamples(document: Document, examples: Examples = EXAMPLES): void {
  const answers = readAnswers();
  const operations = Object.entries(
    (document.paths ?? {}) as Record<string, Record<string, unknown>>,
  ).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      path,
      method,
      operation: item[method] as Operation,
    })),
  );
  const titles = new Map(
    operations.map(({ path, method, operation }) => [
      operation.operationId,
      `${method.toUpperCase()} ${path}`,
    ]),
  );
  for (const { operation } of operations) {
    const id = operation.operationId ?? '';
    const own = examples[id];
    if (own !== undefined) addRequests(operation, own, titles);
    addAnswers(operation, answers.get(id) ?? {});
    addProblems(operation, own?.problems ?? []);
  }
  const components = (document.components ?? {}) as { examples?: Record<string, unknown> };
  components.examples = Object.fromEntries(
    Object.entries(PROBLEM_EXAMPLES).map(([type, value]) => [type, { summary: value.title, value }]),
  );
  document.components = components;
}

function addRequests(
  operation: Operation,
  own: OperationExamples,
  titles: ReadonlyMap<string | undefined, string>,
): void {
  if (operation.parameters !== undefined) {
    operation.parameters = operation.parameters.map((one) => withExample(one, own, titles));
  }
  const media = operation.requestBody?.content['application/json'];
  if (media !== undefined && own.requests !== undefined) {
    media.examples = Object.fromEntries(
      Object.entries(own.requests).map(([name, { summary, description, value }]) => [
        name,
        { summary, ...(description === undefined ? {} : { description }), value },
      ]),
    );
  }
  if (own.refused !== undefined) {
    const where = `On the demo, which is not set up for it, the answer is \`${own.refused}\`.`;
    operation.description = [operation.description, where].filter(Boolean).join('\n\n');
  }
}

/**
 * A required parameter has the example itself. Others have it under the name of each body (`default` without one), and
 * switched off for the page that sends requests: a plain request is the better first one.
 */
function withExample(
  parameter: Parameter,
  own: OperationExamples,
  titles: ReadonlyMap<string | undefined, string>,
): Parameter {
  const value = own.parameters?.[parameter.name];
  if (value === undefined) return parameter;
  // The example of the type, which other operations share, may not work here.
  const { example: _, ...schema } = parameter.schema ?? {};
  const described = { ...parameter, schema };
  if (isFromAnswer(value)) {
    const source = `From the answer of \`${titles.get(value.of) ?? value.of}\`.`;
    described.description = [parameter.description, source].filter(Boolean).join(' ');
  }
  const bodies = Object.entries(own.requests ?? { default: {} as RequestExample });
  const differs = bodies.some(([, { parameters }]) => parameters?.[parameter.name] !== undefined);
  if (parameter.required && !differs) return { ...described, example: plain(value) };
  const off = parameter.required ? {} : { 'x-disabled': true };
  const examples = bodies.map(([name, { parameters }]) => [
    name,
    { value: plain(parameters?.[parameter.name] ?? value), ...off },
  ]);
  return { ...described, examples: Object.fromEntries(examples) };
}

const plain = (value: ParameterExample) => (isFromAnswer(value) ? value.example : value);

function addAnswers(operation: Operation, answers: Answers): void {
  for (const [status, byType] of Object.entries(answers)) {
    for (const [type, example] of Object.entries(byType)) {
      const media = operation.responses?.[status]?.content?.[type];
      if (media !== undefined) media.example = example;
    }
  }
}

function addProblems(operation: Operation, own: readonly ProblemExample[]): void {
  const body = operation.requestBody === undefined ? [] : BODY_PROBLEM_TYPES;
  for (const type of new Set([...own, ...COMMON_PROBLEMS, ...body])) {
    const media = operation.responses?.[PROBLEM_EXAMPLES[type].status]?.content?.[PROBLEM];
    if (media === undefined) continue;
    media.examples = { ...media.examples, [type]: { $ref: `#/components/examples/${type}` } };
  }
}
