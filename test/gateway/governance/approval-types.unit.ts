import { hashTypedData, hexToBytes, keccak256, stringToHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { concatHex, encodeAbiParameters, parseAbiParameters } from 'viem/utils';
import { describe, expect, test } from 'vitest';
import { approvalTypedData } from '../../../gateway/governance/approval-types.ts';

const APPROVAL = {
  proposal: `0x${'01'.repeat(32)}`,
  protocol: 'venue',
  baseParametersHash: `0x${'02'.repeat(32)}`,
  parametersHash: `0x${'03'.repeat(32)}`,
  timeLockSeconds: 86_400,
  noticeSeconds: 3_600,
  deadline: 1_800_000_000,
} as const;
const DOMAIN = { chainId: 31337, verifyingContract: '0x00000000000000000000000000000000000000AA' } as const;

/** The digest as a contract forms it, from the text of EIP-712 alone. */
function digestOnChain(): string {
  const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
  const type =
    'ProposalApproval(bytes32 proposal,bytes32 protocol,bytes32 baseParametersHash,bytes32 parametersHash,' +
    'uint64 timeLockSeconds,uint64 noticeSeconds,uint64 deadline)';
  const hash = (text: string) => keccak256(stringToHex(text));
  const domain = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32, bytes32, bytes32, uint256, address'), [
      hash(domainType),
      hash('Breakwater Governance'),
      hash('1'),
      31337n,
      DOMAIN.verifyingContract,
    ]),
  );
  const struct = keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, bytes32, bytes32, bytes32, bytes32, uint64, uint64, uint64'),
      [
        hash(type),
        APPROVAL.proposal,
        hash('venue'),
        APPROVAL.baseParametersHash,
        APPROVAL.parametersHash,
        86_400n,
        3_600n,
        1_800_000_000n,
      ],
    ),
  );
  return keccak256(concatHex(['0x1901', domain, struct]));
}

describe('the typed data of an approval', () => {
  test('has the digest that a contract forms from the same fields', () => {
    expect(hashTypedData(approvalTypedData(DOMAIN, APPROVAL))).toBe(digestOnChain());
  });

  test('differs with every field and with the domain', async () => {
    const changes = [
      { proposal: `0x${'09'.repeat(32)}` as const },
      { protocol: 'venue2' },
      { baseParametersHash: `0x${'09'.repeat(32)}` as const },
      { parametersHash: `0x${'09'.repeat(32)}` as const },
      { timeLockSeconds: 0 },
      { noticeSeconds: 0 },
      { deadline: 1_800_000_001 },
    ];
    const digests = [
      hashTypedData(approvalTypedData(DOMAIN, APPROVAL)),
      hashTypedData(approvalTypedData({ ...DOMAIN, chainId: 1 }, APPROVAL)),
      hashTypedData(
        approvalTypedData(
          { ...DOMAIN, verifyingContract: '0x00000000000000000000000000000000000000bb' },
          APPROVAL,
        ),
      ),
      ...changes.map((change) => hashTypedData(approvalTypedData(DOMAIN, { ...APPROVAL, ...change }))),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('is signed by a wallet in 65 bytes', async () => {
    const account = privateKeyToAccount(`0x${'11'.repeat(32)}`);
    expect(hexToBytes(await account.signTypedData(approvalTypedData(DOMAIN, APPROVAL)))).toHaveLength(65);
  });
});
