/** Contracts of this project that are deployed, by name; each has a source file of its name in chains/contracts/solidity. */
export const RISK_CONTRACTS = [
  'RiskOracle',
  'RiskHub',
  'RiskReceiver',
  'RiskConsumer',
  'RiskAttestationVerifier',
  'ExampleVenue',
  'RiskPriceFeed',
  'RiskQuote',
] as const;

export type RiskContract = (typeof RISK_CONTRACTS)[number];

/** Contracts that only tests deploy; sources in test/chains/contracts/solidity. */
export const TEST_CONTRACTS = ['PlainOracle'] as const;

export type TestContract = (typeof TEST_CONTRACTS)[number];
