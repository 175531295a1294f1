import { type Hex, keccak256, stringToHex } from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';

/** Private keys of the local chains: the hashes of their names, known to everybody. Never use them elsewhere. */
export function devnetKey(name: string): Hex {
  return keccak256(stringToHex(`breakwater devnet ${name}`));
}

const known = new Map<string, PrivateKeyAccount>();

function account(name: string): PrivateKeyAccount {
  const found = known.get(name) ?? privateKeyToAccount(devnetKey(name));
  known.set(name, found);
  return found;
}

/** Publishes on the hub and pays for it. */
export const gatewayAccount = () => account('gateway');
/** Signs attestations. */
export const attesterAccount = () => account('attester');
export const attesterKey = () => devnetKey('attester');
/** May veto and stop the gateway's key. */
export const guardianAccount = () => account('guardian');
/** Three approvers, of whom two must sign. */
export const approverAccounts = () => [1, 2, 3].map((index) => account(`approver ${index}`));
export const APPROVAL_THRESHOLD = 2;

/** Three signers of each of the two DVNs, of whom two must sign. */
export const dvnSignerAccounts = (dvn: number) =>
  [1, 2, 3].map((signer) => account(`dvn ${dvn} signer ${signer}`));
export const DVN_QUORUM = 2;
