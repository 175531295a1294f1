import { type Abi, type AbiFunction, type AbiParameter, type Hex, toFunctionSelector } from 'viem';
import { type WordReader, wordReader } from './answer-words.ts';

/** Turns an argument into its word without 0x; null for what only the general encoder can judge. */
type ArgumentWriter = (value: unknown) => string | null;

/** What an ABI says about one function, worked out once. */
export interface CallPlan {
  readonly selector: Hex;
  /** One per argument; null where a type needs the general encoder. */
  readonly writers: readonly ArgumentWriter[] | null;
  /** One per value that it returns; null where a type needs the general decoder. */
  readonly readers: readonly WordReader[] | null;
}

const BYTES32 = /^0x[0-9a-fA-F]{64}$/;

function argumentWriter({ type }: AbiParameter): ArgumentWriter | null {
  if (type === 'bytes32') {
    return (value) => (typeof value === 'string' && BYTES32.test(value) ? value.slice(2) : null);
  }
  const bits = /^uint(\d+)$/.exec(type)?.[1];
  if (bits === undefined) return null;
  const limit = 1n << BigInt(bits);
  return (value) =>
    typeof value === 'bigint' && value >= 0n && value < limit ? value.toString(16).padStart(64, '0') : null;
}

const allOf = <T>(list: readonly (T | null)[]): readonly T[] | null =>
  list.every((each) => each !== null) ? list : null;

/** Null where a name is no function, or one of several: which one is meant is for the general encoder to say. */
function makePlan(abi: Abi, functionName: string): CallPlan | null {
  const named = abi.filter((item) => 'name' in item && item.name === functionName);
  const [item] = named;
  if (named.length !== 1 || item?.type !== 'function') return null;
  const { inputs, outputs } = item as AbiFunction;
  return {
    selector: toFunctionSelector(item),
    writers: allOf(inputs.map(argumentWriter)),
    readers: outputs.length === 0 ? null : allOf(outputs.map(wordReader)),
  };
}

const plans = new WeakMap<Abi, Map<string, CallPlan | null>>();

/** The plan of a function, made once per ABI object. */
export function callPlan(abi: Abi, functionName: string): CallPlan | null {
  let own = plans.get(abi);
  if (own === undefined) {
    own = new Map();
    plans.set(abi, own);
  }
  let plan = own.get(functionName);
  if (plan === undefined) {
    plan = makePlan(abi, functionName);
    own.set(functionName, plan);
  }
  return plan;
}

/** Data of a call with these arguments, or null: then the general encoder says what is right or wrong. */
export function writeCall({ selector, writers }: CallPlan, args: readonly unknown[]): Hex | null {
  if (writers === null || writers.length !== args.length) return null;
  let data: string = selector;
  for (let index = 0; index < writers.length; index += 1) {
    const word = writers[index]!(args[index]);
    if (word === null) return null;
    data += word;
  }
  return data as Hex;
}
