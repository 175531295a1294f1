import type { ProblemExample } from './problems.ts';

/** A value that another operation gives; the example stands for it and is of no running gateway. */
export interface FromAnswer {
  readonly example: string;
  /** operationId. */
  readonly of: string;
  /** Where in its answer. */
  readonly at: readonly (string | number)[];
}

export type ParameterExample = string | number | FromAnswer;

export interface RequestExample {
  readonly summary: string;
  readonly description?: string;
  /** The whole body. */
  readonly value: unknown;
  /** Parameters that go with it, in place of those of the operation. */
  readonly parameters?: Readonly<Record<string, ParameterExample>>;
  /** The problem type that it is answered with, where it cannot succeed as it stands; `description` says why. */
  readonly refused?: ProblemExample;
}

/** Examples of one operation. Everything but `FromAnswer` works on `npm run demo` as it stands. */
export interface OperationExamples {
  /** By name; each works alone, beside those that are required. */
  readonly parameters?: Readonly<Record<string, ParameterExample>>;
  /** By name, in the order shown; they may be sent in this order. */
  readonly requests?: Readonly<Record<string, RequestExample>>;
  /** What it may be refused with, beside what every operation may. */
  readonly problems?: readonly ProblemExample[];
  /** The problem type that it is answered with on the demo, where that is not set up for it. */
  readonly refused?: ProblemExample;
}

/** By operationId, in an order in which they can be sent. */
export type Examples = Readonly<Record<string, OperationExamples>>;

export const isFromAnswer = (value: ParameterExample): value is FromAnswer => typeof value === 'object';
