import {
  assetTakenFor,
  baseToCover,
  liabilityPaidBy,
  liabilityToCover,
  perpInsuranceFee,
  spotInsuranceFee,
} from '../../../risk/liquidation/cover.ts';
import { depositLossShare, perpLossPerBase } from '../../../risk/liquidation/socialise.ts';
import {
  depositScaledWeight,
  sizeDiscountedAssetWeight,
  sizePremiumLiabilityWeight,
  worstCaseOrders,
} from '../../../risk/sizing/weights.ts';
import { WAD } from '../../../risk/units/wad.ts';
import { Tally } from '../check.ts';
import { jsonFiles, readJson } from '../files.ts';

type Row = Readonly<Record<string, number>>;
interface Sheet {
  readonly baseToCoverMarginShortage: readonly Row[];
  readonly liabilityTransferToCoverMarginShortage: readonly (Row & { readonly expected: number | null })[];
  readonly liabilityImpliedByAsset: readonly Row[];
  readonly assetTransferForLiability: readonly Row[];
  readonly perpIfFee: { readonly common: Row; readonly cases: readonly Row[] };
  readonly spotIfFee: { readonly common: Row; readonly cases: readonly Row[] };
  readonly socialisedPerpLoss: readonly Row[];
  readonly socialisedSpotLoss: readonly (Row & { readonly depositBalance: string })[];
  readonly sizePremiumWeights: readonly (Row & { readonly kind: string })[];
  readonly scaledInitialAssetWeight: Row & { readonly cases: readonly Row[] };
  readonly unrealizedPnlAssetWeight: Row & { readonly cases: readonly Row[] };
  readonly worstCaseOpenOrders_spot: Row & { readonly cases: readonly Row[] };
}

/** An integer with `decimals` as Wad, and back, cutting off what the venue cannot hold. */
const wad = (value: number | undefined, decimals: number) =>
  BigInt(value ?? 0) * 10n ** BigInt(18 - decimals);
const units = (value: bigint, decimals: number) => Number(value / 10n ** BigInt(18 - decimals));
const [PRICE, WEIGHT, BASE] = [6, 4, 9];
const exact = { relative: 0 };

/**
 * 47 of the file's cases, integers exactly. Intermediate figures are cut to the venue's digits where those decide the result (a
 * weighted ratio has five). The two `perpAccount` rows are transcriptions of a client's account views without their inputs
 * and are not computed.
 */
export function run(dir: string) {
  const tally = new Tally('drift', { relative: 1e-12 });
  const each = <R>(
    name: string,
    rows: readonly R[],
    compute: (row: R) => number,
    expected: (row: R) => number,
  ) => {
    rows.forEach((row, i) => {
      tally.case(`${name} ${i + 1}`, (near) => near(name, compute(row), expected(row), exact));
    });
  };
  for (const sheet of jsonFiles(dir).map((file) => readJson<Sheet>(dir, file))) {
    const expected = (row: Row) => row.expected!;
    each(
      'base to cover',
      sheet.baseToCoverMarginShortage,
      (row) => {
        const price = (wad(row.oraclePrice, PRICE) * wad(row.quotePrice, PRICE)) / WAD;
        const fees = wad(row.liquidationFee! + row.ifLiquidationFee!, PRICE);
        return units(
          baseToCover(wad(row.marginShortage, PRICE), price, wad(row.marginRatio, WEIGHT), fees, 'floor')!,
          BASE,
        );
      },
      (row) => row.expectedBase!,
    );
    const composedWeight = (asset: number, assetMultiplier: number, liabilityMultiplier: number) =>
      BigInt(Math.floor((asset * 10 * assetMultiplier) / liabilityMultiplier)) * 10n ** 13n;
    each(
      'liability to cover',
      sheet.liabilityTransferToCoverMarginShortage,
      (row) => {
        const result = liabilityToCover({
          shortageWad: wad(row.marginShortage!, PRICE),
          liabilityPriceWad: wad(row.liabilityPrice!, PRICE),
          liabilityWeightWad: wad(row.liabilityWeight!, WEIGHT),
          insuranceFeeWad: wad(row.ifLiquidationFee!, PRICE),
          assetWeightPerLiabilityWad: composedWeight(
            row.assetWeight!,
            row.assetLiquidationMultiplier!,
            row.liabilityLiquidationMultiplier!,
          ),
        });
        return result === null ? -1 : units(result, row.liabilityDecimals!);
      },
      (row) => row.expected ?? -1,
    );
    each(
      'liability paid',
      sheet.liabilityImpliedByAsset,
      (row) => {
        const paid = liabilityPaidBy(
          wad(row.assetAmount, row.assetDecimals!),
          wad(row.assetPrice, PRICE),
          wad(row.assetMult, PRICE),
          wad(row.liabPrice, PRICE),
          wad(row.liabMult, PRICE),
        );
        // rounded up at the venue's digits too
        return units(paid + 10n ** BigInt(18 - row.liabDecimals!) - 1n, row.liabDecimals!);
      },
      expected,
    );
    each(
      'asset taken',
      sheet.assetTransferForLiability,
      (row) => {
        // one liability token (9 decimals) at 100, assets of 6 decimals at 1, as in the source of the case
        const taken = assetTakenFor(
          wad(row.liabTransfer, BASE),
          100n * WAD,
          wad(row.liabMult, PRICE),
          WAD,
          wad(row.assetMult, PRICE),
          wad(row.assetAmount, PRICE),
        );
        return units(taken, PRICE);
      },
      expected,
    );
    const { common: perp } = sheet.perpIfFee;
    each(
      'perp insurance fee',
      sheet.perpIfFee.cases,
      (row) => {
        const notional = (wad(perp.baseAssetAmount, BASE) * wad(perp.oraclePrice, PRICE)) / WAD;
        const fee = perpInsuranceFee(
          wad(row.marginShortage, PRICE),
          notional,
          wad(perp.marginRatio, WEIGHT),
          wad(row.liquidatorFee, PRICE),
          wad(perp.maxIfFee, PRICE),
        );
        return units(fee, PRICE);
      },
      expected,
    );
    const { common: spot } = sheet.spotIfFee;
    each(
      'spot insurance fee',
      sheet.spotIfFee.cases,
      (row) => {
        const value = (wad(spot.tokenAmount, spot.decimals!) * wad(spot.oraclePrice, PRICE)) / WAD;
        const weight = composedWeight(spot.assetWeight!, spot.assetMultiplier!, spot.liabilityMultiplier!);
        const shortage = wad(row.marginShortage, PRICE);
        const maximum = wad(spot.maxIfFee, PRICE);
        return units(
          spotInsuranceFee(shortage, value, wad(spot.liabilityWeight, WEIGHT), weight, maximum),
          PRICE,
        );
      },
      expected,
    );
    each(
      'socialised perp loss',
      sheet.socialisedPerpLoss,
      (row) => {
        const loss = wad(-row.loss!, PRICE);
        // the venue keeps six decimals of the loss per base unit and shows nine
        return units(
          perpLossPerBase(loss, wad(row.baseLong, BASE), wad(row.baseShort, BASE), 10n ** 12n),
          BASE,
        );
      },
      (row) => row.expectedCumulativeFundingDelta!,
    );
    each(
      'socialised spot loss',
      sheet.socialisedSpotLoss,
      (row) => {
        const deposits = BigInt(Number.parseInt(row.depositBalance, 10)) * WAD;
        const share = depositLossShare(wad(row.loss!, PRICE), deposits);
        const scaled = BigInt(row.cumulativeDepositInterest!) * share;
        return Number((scaled + WAD - 1n) / WAD);
      },
      (row) => row.expectedDelta!,
    );
    each(
      'size premium',
      sheet.sizePremiumWeights,
      (row) => {
        const [weight, imf] = [row.weight! / 1e4, row.imfFactor! / 1e6];
        const scaled =
          row.kind === 'asset'
            ? sizeDiscountedAssetWeight(weight, row.sizeTokens!, imf)
            : sizePremiumLiabilityWeight(weight, row.sizeTokens!, imf);
        return Math.floor(scaled * 1e4 + 1e-6);
      },
      (row) => row.expected!,
    );
    const scaling = sheet.scaledInitialAssetWeight;
    each(
      'deposit scaling',
      scaling.cases,
      (row) => {
        const deposits = row.depositsTokens! * scaling.price!;
        return Math.floor(depositScaledWeight(scaling.initialAssetWeight!, deposits, scaling.scaleStartUsd!));
      },
      expected,
    );
    const pnl = sheet.unrealizedPnlAssetWeight;
    each(
      'unrealised PnL weight',
      pnl.cases,
      (row) =>
        Math.floor(sizeDiscountedAssetWeight(pnl.weight! / 1e4, row.pnl! / 1e6, pnl.imfFactor! / 1e6) * 1e4),
      expected,
    );
    const orders = sheet.worstCaseOpenOrders_spot;
    orders.cases.forEach((row, i) => {
      tally.case(`open orders ${i + 1}`, (near) => {
        const given = { balance: row.balance!, bids: row.openBids!, asks: Math.abs(row.openAsks!) };
        const worst = worstCaseOrders(
          given,
          orders.price!,
          orders.initialAssetWeight! / 1e4,
          orders.initialLiabilityWeight! / 1e4,
        );
        for (const key of [
          'tokenAmount',
          'tokenValue',
          'weighted',
          'ordersValue',
          'freeCollateral',
        ] as const) {
          near(key, worst[key], row[key]!);
        }
      });
    });
  }
  return tally.result();
}
