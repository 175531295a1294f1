import { decodeAbiParameters, type Hex, keccak256, parseAbiParameters, recoverMessageAddress } from 'viem';
import { type AnchorConfig, anchorPrice, isNearAnchor } from '../../oracles/comparators/anchored-view.ts';
import { exactly } from '../../oracles/support/exact.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface Pair {
  readonly reserve0: string;
  readonly reserve1: string;
  readonly blockTimestampLast: number;
  readonly price0CumulativeLast: string;
  readonly price1CumulativeLast: string;
  readonly isUniswapReversed: boolean;
}

interface File {
  readonly reporter: string;
  readonly anchorPeriodSeconds: number;
  readonly pairs: Readonly<Record<string, Pair>>;
  readonly messages_set1: readonly Hex[];
  readonly signatures_set1: readonly Hex[];
  readonly messages_set2: readonly Hex[];
  readonly signatures_set2: readonly Hex[];
  readonly expected_view_price_6dp: Readonly<Record<string, string>>;
  readonly expected_anchor_price_6dp: Readonly<Record<string, string>>;
}

const MESSAGE = parseAbiParameters('string kind, uint64 timestamp, string key, uint64 value');
const TOLERANCE = 10n ** 17n;

function configOf(symbol: string, pair: Pair): AnchorConfig {
  return {
    baseUnit: 10n ** (symbol === 'BTC' ? 8n : 18n),
    reversed: pair.isUniswapReversed,
    pair: {
      reserve0: BigInt(pair.reserve0),
      reserve1: BigInt(pair.reserve1),
      updatedAtSeconds: pair.blockTimestampLast,
      price0Cumulative: BigInt(pair.price0CumulativeLast),
      price1Cumulative: BigInt(pair.price1CumulativeLast),
    },
  };
}

/** Key and value of a signed price message, and who signed it. */
async function signed(message: Hex, signature: Hex): Promise<{ key: string; value: bigint; signer: string }> {
  const [, , key, value] = decodeAbiParameters(MESSAGE, message);
  const [r, s, v] = decodeAbiParameters(parseAbiParameters('bytes32, bytes32, uint8'), signature);
  const compact: Hex = `${r}${s.slice(2)}${v.toString(16)}`;
  return {
    key,
    value,
    signer: await recoverMessageAddress({ message: { raw: keccak256(message) }, signature: compact }),
  };
}

/** Anchors of eight pools exact, every message signed by the reporter, and its price accepted beside its anchor. */
export async function run(dir: string) {
  const tally = new Tally('compound-open-oracle', { relative: 0 });
  const file = readJson<File>(dir, 'real-world-2020-07-02.json');
  const posted = new Map<string, bigint>();
  const signers = new Set<string>();
  const pairs = [
    ...file.messages_set2.map((message, index) => [message, file.signatures_set2[index]!] as const),
    ...file.messages_set1.map((message, index) => [message, file.signatures_set1[index]!] as const),
  ];
  for (const [message, signature] of pairs) {
    const { key, value, signer } = await signed(message, signature);
    posted.set(key, value);
    signers.add(signer);
  }
  const period = file.anchorPeriodSeconds;
  const eth = anchorPrice(configOf('ETH', file.pairs.ETH!), 10n ** 18n, period);
  for (const [symbol, expected] of Object.entries(file.expected_anchor_price_6dp)) {
    tally.case(symbol, (near) => {
      const conversion = symbol === 'ETH' ? 10n ** 18n : eth;
      const anchor = anchorPrice(configOf(symbol, file.pairs[symbol]!), conversion, period);
      exactly(near, 'anchor', anchor, BigInt(expected));
      exactly(near, 'signers', [...signers].join(), file.reporter);
      exactly(near, 'price', posted.get(symbol)!, BigInt(file.expected_view_price_6dp[symbol]!));
      exactly(near, 'accepted', isNearAnchor(posted.get(symbol)!, anchor, TOLERANCE), true);
      exactly(
        near,
        'refused beyond 10 %',
        isNearAnchor((posted.get(symbol)! * 12n) / 10n, anchor, TOLERANCE),
        false,
      );
    });
  }
  return tally.result();
}
