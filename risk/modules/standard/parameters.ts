import { z } from 'zod';
import { type BufferParameters, bufferSchema } from '../../buffer/parameters.ts';
import { addOnsSchema } from '../addons/parameters.ts';
import { assetTable } from '../asset-table.ts';
import { depegSchema } from '../depeg.ts';
import { fundingSchema } from '../funding/parameters.ts';

const ratio = (text: string) => z.number().min(0).max(1).describe(`${text}, fraction (0.05 = 5 %)`);

const perpFields = {
  initial: ratio('Initial margin of a perp, of the notional'),
  maintenance: ratio('Maintenance margin of a perp, of the notional'),
};
const collateralFields = {
  initialHaircut: ratio('Share of collateral value that gives no initial credit'),
  maintenanceHaircut: ratio('Share of collateral value that gives no maintenance credit'),
};
const loanFields = {
  initial: ratio('Initial margin of a loan, of its value'),
  maintenance: ratio('Maintenance margin of a loan, of its value'),
};
const buffered = z.boolean().describe('Whether the predictive buffer scales the rates of this asset');

const assetSchema = z.strictObject({
  perp: z
    .strictObject({ initial: perpFields.initial.optional(), maintenance: perpFields.maintenance.optional() })
    .optional(),
  collateral: z
    .strictObject({
      initialHaircut: collateralFields.initialHaircut.optional(),
      maintenanceHaircut: collateralFields.maintenanceHaircut.optional(),
    })
    .optional(),
  loan: z
    .strictObject({ initial: loanFields.initial.optional(), maintenance: loanFields.maintenance.optional() })
    .optional(),
  buffered: buffered.optional(),
  stressFactor: bufferSchema.shape.stressFactor.unwrap().optional(),
  longRunVolatility: bufferSchema.shape.longRunVolatility.unwrap().optional(),
});

/** Cash-like assets: small haircut, no volatility buffer. */
const STABLE = {
  collateral: { initialHaircut: 0.02, maintenanceHaircut: 0.01 },
  loan: { initial: 0.02, maintenance: 0.01 },
  buffered: false,
};
const MAJOR = { collateral: { initialHaircut: 0.15, maintenanceHaircut: 0.1 } };

const DEFAULT_ASSETS = {
  USDC: STABLE,
  USDT: {
    collateral: { initialHaircut: 0.03, maintenanceHaircut: 0.02 },
    loan: { initial: 0.03, maintenance: 0.02 },
    buffered: false,
  },
  DAI: {
    collateral: { initialHaircut: 0.03, maintenanceHaircut: 0.02 },
    loan: { initial: 0.03, maintenance: 0.02 },
    buffered: false,
  },
  BTC: MAJOR,
  ETH: { ...MAJOR, longRunVolatility: 1 },
  SOL: { longRunVolatility: 1.4 },
};

export const standardSchema = z
  .strictObject({
    perp: z
      .strictObject({
        initial: perpFields.initial.default(0.065),
        maintenance: perpFields.maintenance.default(0.05),
      })
      .prefault({})
      .describe('Perps: requirement = |net size| x price x rate x buffer factor'),
    collateral: z
      .strictObject({
        initialHaircut: collateralFields.initialHaircut.default(0.3),
        maintenanceHaircut: collateralFields.maintenanceHaircut.default(0.2),
      })
      .prefault({})
      .describe('Spot collateral: credit = value x (1 - haircut x buffer factor), never below nothing'),
    option: z
      .strictObject({
        maxSpot: ratio('Short option, initial: share of spot at the money').default(0.15),
        minSpot: ratio('Short option, initial: least share of spot').default(0.1),
        maintenanceCall: ratio('Short call, maintenance: share of spot').default(0.075),
        maintenancePut: ratio('Short put, maintenance: share of spot').default(0.075),
        maintenancePutOfPremium: ratio('Short put, maintenance: share of the premium').default(0.075),
        putOffset: z
          .number()
          .min(1)
          .max(2)
          .default(1.05)
          .describe('Short put: initial at least maintenance x this'),
        unpairedInitial: z
          .number()
          .min(1)
          .max(5)
          .default(1.2)
          .describe('Initial: share of forward per unpaired short call'),
        unpairedMaintenance: z.number().min(1).max(5).default(1.1).describe('Maintenance: the same'),
        maxDataAgeSeconds: z
          .number()
          .positive()
          .max(86_400)
          .default(300)
          .describe('Age at which forward and smile no longer price, seconds'),
      })
      .prefault({})
      .describe('Options, per asset and expiry; see docs/modules/standard.md'),
    loan: z
      .strictObject({
        initial: loanFields.initial.default(0.1),
        maintenance: loanFields.maintenance.default(0.05),
      })
      .prefault({})
      .describe('Loans: requirement = value x rate x buffer factor, for a rise of what is owed'),
    oracleContingency: z
      .strictObject({
        threshold: ratio('Confidence score below which the charge starts').default(0.4),
        factor: z.number().min(0).max(10).default(0.4).describe('Charge = (1 - score) x factor x notional'),
      })
      .prefault({})
      .describe('Initial margin only: charge for prices that the oracles are not sure of'),
    depeg: depegSchema,
    capCollateralCharges: z
      .boolean()
      .default(true)
      .describe('Haircut, buffer and oracle charge of collateral never exceed its value'),
    buffer: bufferSchema.prefault({}).describe('Predictive buffer; see docs/risk.md'),
    buffered: buffered.default(true),
    warningRatio: ratio(
      'Warned when net initial margin is below this share of the initial requirement',
    ).default(0.1),
    liquidationCostRate: ratio('Cost of closing perps, of the notional; decides `insolvent` only').default(
      0.01,
    ),
    assets: assetTable(assetSchema, DEFAULT_ASSETS),
  })
  .superRefine((p, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const check = (path: string[], rates: ReturnType<typeof ratesOf>) => {
      if (rates.perpInitial < rates.perpMaintenance) {
        problem([...path, 'perp', 'initial'], 'must not be below the maintenance rate');
      }
      if (rates.initialHaircut < rates.maintenanceHaircut) {
        problem([...path, 'collateral', 'initialHaircut'], 'must not be below the maintenance haircut');
      }
      if (rates.loanInitial < rates.loanMaintenance) {
        problem([...path, 'loan', 'initial'], 'must not be below the maintenance rate');
      }
      if (p.liquidationCostRate > rates.perpMaintenance) {
        problem(['liquidationCostRate'], 'must not exceed any maintenance rate');
      }
    };
    if (p.option.unpairedInitial < p.option.unpairedMaintenance) {
      problem(['option', 'unpairedInitial'], 'must not be below the maintenance scale');
    }
    if (p.option.minSpot < p.option.maintenanceCall) {
      problem(['option', 'minSpot'], 'must not be below the maintenance share of a call');
    }
    check([], ratesOf(p, null));
    for (const asset of Object.keys(p.assets)) check(['assets', asset], ratesOf(p, asset));
  });

type Shape = {
  readonly perp: { readonly initial: number; readonly maintenance: number };
  readonly collateral: { readonly initialHaircut: number; readonly maintenanceHaircut: number };
  readonly loan: { readonly initial: number; readonly maintenance: number };
  readonly assets: Readonly<Record<string, z.output<typeof assetSchema>>>;
};

/** Version 1.1.0: with add-ons. */
export const standardWithAddOnsSchema = standardSchema.safeExtend({ addOns: addOnsSchema.prefault({}) });
export type StandardWithAddOns = z.output<typeof standardWithAddOnsSchema>;

/** Version 1.2.0: with funding. */
export const standardWithFundingSchema = standardWithAddOnsSchema.safeExtend({ funding: fundingSchema });
export type StandardWithFunding = z.output<typeof standardWithFundingSchema>;

/** Validated parameters of `standard` 1.0.0. */
export type StandardParameters = z.output<typeof standardSchema>;

/** The override of an asset, if any; own keys only. */
export function overrideOf<T>(assets: Readonly<Record<string, T>>, asset: string | null): T | undefined {
  return asset !== null && Object.hasOwn(assets, asset) ? assets[asset] : undefined;
}

/** Rates of one asset after overrides, before the buffer; `null` for an asset without any. */
export function ratesOf(p: Shape, asset: string | null) {
  const own = overrideOf(p.assets, asset);
  return {
    perpInitial: own?.perp?.initial ?? p.perp.initial,
    perpMaintenance: own?.perp?.maintenance ?? p.perp.maintenance,
    loanInitial: own?.loan?.initial ?? p.loan.initial,
    loanMaintenance: own?.loan?.maintenance ?? p.loan.maintenance,
    initialHaircut: own?.collateral?.initialHaircut ?? p.collateral.initialHaircut,
    maintenanceHaircut: own?.collateral?.maintenanceHaircut ?? p.collateral.maintenanceHaircut,
  };
}

/** By the parameters, which are never changed in place: every margin asks for them. */
const buffers = new WeakMap<StandardParameters, Map<string, BufferParameters | null>>();

/** Buffer parameters of one asset, null where it is not buffered. The same object each time. */
export function bufferOf(p: StandardParameters, asset: string): BufferParameters | null {
  let known = buffers.get(p);
  if (known === undefined) {
    known = new Map();
    buffers.set(p, known);
  }
  let buffer = known.get(asset);
  if (buffer === undefined) {
    buffer = bufferFor(p, asset);
    known.set(asset, buffer);
  }
  return buffer;
}

function bufferFor(p: StandardParameters, asset: string): BufferParameters | null {
  const own = overrideOf(p.assets, asset);
  if (!(own?.buffered ?? p.buffered)) return null;
  return {
    ...p.buffer,
    stressFactor: own?.stressFactor ?? p.buffer.stressFactor,
    longRunVolatility: own?.longRunVolatility ?? p.buffer.longRunVolatility,
  };
}
