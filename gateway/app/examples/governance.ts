import { writeCursor } from '../../schemas/page.ts';
import { FAR_AHEAD_MS, LATER } from './moments.ts';
import type { Examples, FromAnswer } from './types.ts';

const MARKET = 'BTC-PERP';
const PROPOSAL: FromAnswer = {
  example: '0x7d2f1c5e9a3b48d6f0e1c2b3a49586778899aabbccddeeff0011223344556677',
  of: 'propose',
  at: ['id'],
};

const SIGNATURE =
  '0xcc2e7cd9c33b1c2b24bd3cdf7229ea06cb4f3e93f6f643f76db3434027a81c0966268a0bc28a6bcbc444df9f7d44e07d292fc74f7b8e7651a2c67a1dee4629981c';

export const GOVERNANCE_EXAMPLES: Examples = {
  listProtocolMarkets: { parameters: { protocol: 'local' }, problems: ['unknown-protocol'] },
  listParameters: { problems: ['unknown-market'] },
  getParameters: {
    parameters: { market: MARKET, at: LATER },
    problems: ['unknown-market', 'moment-not-settled'],
  },
  freezeMarket: {
    parameters: { market: MARKET },
    requests: {
      stop: {
        summary: 'Stop new risk while an incident is looked into',
        value: { reason: 'the venue on hub reports a wrong mark price' },
      },
    },
    problems: ['unknown-market', 'freeze-conflict'],
  },
  unfreezeMarket: { parameters: { market: MARKET }, problems: ['unknown-market', 'freeze-conflict'] },
  propose: {
    requests: {
      parameters: {
        summary: 'Other parameters of the module in force',
        value: {
          title: 'Raise the rates of perpetuals before the upgrade',
          parameters: { perp: { initial: 0.08, maintenance: 0.06 } },
        },
      },
      version: {
        summary: 'Another version of the module',
        value: {
          title: 'Move to standard 1.1.0',
          module: { id: 'standard', version: '1.1.0' },
          parameters: {},
        },
      },
      bounds: {
        summary: 'New bounds for what forecasts may publish alone',
        description: 'Approvers of RiskHub sign it too: `onChain.changes` of the proposal has what.',
        value: {
          title: 'Let the forecast raise BTC-PERP to 60 %',
          parameters: {},
          onChain: [
            { kind: 'bounds', market: MARKET, updateType: 'initialMarginRate', min: '0.05', max: '0.6' },
          ],
        },
      },
    },
    problems: ['module-not-found', 'unknown-parameter-line', 'governance-not-configured', 'out-of-bounds'],
  },
  listProposals: {
    parameters: { limit: 10, cursor: writeCursor('proposals', [FAR_AHEAD_MS, PROPOSAL.example]) },
  },
  getProposal: { parameters: { id: PROPOSAL }, problems: ['unknown-proposal'] },
  getProposalImpact: {
    parameters: { id: PROPOSAL, limit: 10, cursor: writeCursor('impact', ['demo']) },
    problems: ['unknown-proposal'],
  },
  approveProposal: {
    parameters: { id: PROPOSAL },
    requests: {
      approval: {
        summary: 'The approval of one signer',
        description:
          'A signature holds for one proposal only. Once yours is open, sign its `typedData` (EIP-712) with the key of a signer, ' +
          'and `typedData` of each change in `onChain` for RiskHub. These are of another proposal, and refused.',
        value: { signature: SIGNATURE, hubSignatures: [SIGNATURE] },
        refused: 'approval-refused',
      },
    },
    problems: ['unknown-proposal', 'proposal-state', 'duplicate-approval', 'approval-refused'],
  },
  vetoProposal: {
    parameters: { id: PROPOSAL },
    requests: {
      veto: { summary: 'Stop it, and say why', value: { reason: 'the impact on account demo is too large' } },
    },
    problems: ['unknown-proposal', 'proposal-state'],
  },
  listAudit: {
    parameters: { limit: 10, cursor: writeCursor('audit', [1]), order: 'newest', format: 'json' },
  },
};
