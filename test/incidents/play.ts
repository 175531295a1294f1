import { type Answer, type Judgement, judge } from './answer.ts';
import type { IncidentCase, Question } from './case.ts';
import { kaminoStyle, plainMedian, synthetixStyle } from './comparators.ts';
import { ours } from './ours.ts';

/** The configurations of the table; the first is the product's. */
export const CONFIGURATIONS: readonly {
  readonly name: string;
  readonly answer: (question: Question) => Answer;
}[] = [
  { name: 'breakwater', answer: ours },
  { name: 'median', answer: plainMedian },
  { name: 'synthetix', answer: synthetixStyle },
  { name: 'kamino', answer: kaminoStyle },
];

export interface Played {
  readonly answer: Answer;
  readonly judgement: Judgement;
}

/** A case through every configuration, in their order. They are given the question and nothing of the answer. */
export function play(incident: IncidentCase): readonly Played[] {
  const { feed, now, quotes, context } = incident;
  return CONFIGURATIONS.map(({ answer: ask }) => {
    const answer = ask({ feed, now, quotes, context });
    return { answer, judgement: judge(incident, answer) };
  });
}

/** What a judgement found wrong, in words. */
export function faultsOf({ price, verdicts, reason, harmful }: Judgement): readonly string[] {
  const faults: string[] = [];
  if (harmful) faults.push('harmful');
  if (!price) faults.push('price');
  if (!verdicts) faults.push('verdicts');
  if (!reason) faults.push('reason');
  return faults;
}
