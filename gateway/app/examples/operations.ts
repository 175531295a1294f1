import type { Examples } from './types.ts';

export const OPERATION_EXAMPLES: Examples = {
  openStream: {
    parameters: { topics: 'price,margin', subjects: 'BTC-USD,demo', 'last-event-id': '1782000000000-0' },
    problems: ['too-many-streams'],
  },
  getHealth: {},
  getReadiness: {},
  getMetrics: { problems: ['metrics-closed'] },
};
