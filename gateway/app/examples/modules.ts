import { writeCursor } from '../../schemas/page.ts';
import type { Examples } from './types.ts';

export const MODULE_EXAMPLES: Examples = {
  listModules: {},
  getModule: { parameters: { id: 'standard', version: '1.0.0' }, problems: ['module-not-found'] },
  shadowModule: {
    parameters: {
      id: 'standard',
      version: '1.0.0',
      limit: 10,
      cursor: writeCursor('shadow', ['1000000000', 'demo']),
      show: 'all',
    },
    requests: {
      'other-parameters': {
        summary: 'The module in force with higher rates for perpetuals',
        value: { parameters: { perp: { initial: 0.1, maintenance: 0.07 } } },
      },
      'other-version': {
        summary: 'Another version with its default parameters',
        description: 'For `standard` in version `1.1.0`.',
        value: { parameters: {} },
        parameters: { id: 'standard', version: '1.1.0' },
      },
    },
    problems: ['module-not-found'],
  },
};
