import type { Database } from '../../db/connection.ts';
import { bufferSchedulesAt } from '../../db/queries/buffer-schedules.ts';
import { bookAt } from '../../db/queries/position-history.ts';
import { venueDataAt } from '../../db/queries/venue-data.ts';
import type { VolatilityForecast } from '../../models/forecast.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { NoStoredBookError, UnknownAccountError } from '../app/errors.ts';
import type { ForecastsPort, PastMargin, PricesPort } from '../app/ports.ts';
import type { PastNetting } from '../consents/past-netting.ts';
import { type OnChains, withBooksOn } from '../venues/on-chains.ts';
import { type PastVenues, requireKnown } from '../venues/past-venues.ts';
import { portfolioOf } from './accounts.ts';
import { ForecastStore } from './forecast-store.ts';
import { differenceSteps, type Mixture } from './margin-difference.ts';
import { answerOf } from './margin-port.ts';
import { MarginService, type MarginServiceOptions } from './margin-service.ts';
import type { RiskModel } from './risk-configuration.ts';
import type { RequireSettled } from './settled-moments.ts';
import type { VenueData } from './venue-data.ts';
import { VenueDataStore } from './venue-data-store.ts';

/** What was stored of a moment. */
interface PastState {
  readonly atMs: UnixMs;
  readonly pinned: RiskModel | null;
  readonly prices: ReadonlyMap<string, RobustPrice>;
  readonly store: ForecastStore;
  /** Funding, settlement prices and totals; surfaces and order books are not kept. */
  readonly said: VenueDataStore;
}

/** What an account had at a past moment. */
interface PastBook {
  /** Of the pushed book, 0 without one; and when it was pushed. */
  readonly sequence: bigint;
  readonly marketTimeMs: UnixMs;
  readonly portfolio: AnyPortfolio;
  /** What of it lay on chains; null = nothing can have. */
  readonly onChains: OnChains | null;
}

/**
 * Margins at past moments, from what was stored then: books, pushed and read on chain, robust prices, forecasts, buffer schedules, accepted
 * parameters, funding and settlement prices of venues. Their surfaces, and returns, are not kept: what needs them fails and says so. Nothing is taken from the memory of
 * this process, and only settled moments are answered: every gateway gives the same answer, byte for byte.
 */
export function pastMargin(options: {
  readonly database: Database;
  /** As stored; whether the moment is settled is seen to here. */
  readonly prices: Pick<Required<PricesPort>, 'ids' | 'at'>;
  readonly forecasts: Pick<Required<ForecastsPort>, 'assets' | 'at'>;
  readonly requireSettled: RequireSettled;
  /** What a protocol had put in force then, read from the database; null = the configuration of the deployment. */
  readonly pinned?: (protocol: string, atMs: UnixMs) => Promise<RiskModel | null>;
  readonly isCurrent: (schedule: BufferSchedule) => boolean;
  readonly service: Pick<MarginServiceOptions, 'configuration' | 'validForMs'>;
  /** What accounts had on chain; nothing where no protocol has venues. */
  readonly venues?: PastVenues;
  /** Counts consents that were in force; none where nothing is netted across protocols. */
  readonly netting?: PastNetting | null;
}): PastMargin {
  const { database, prices, forecasts, requireSettled, isCurrent, service } = options;

  const stateAt = async (protocol: string, atMs: UnixMs): Promise<PastState> => {
    const pinned = (await options.pinned?.(protocol, atMs)) ?? null;
    const stored = new Map<string, RobustPrice>();
    for (const id of prices.ids()) {
      const price = await prices.at(id, atMs);
      if (price !== null) stored.set(id, price);
    }
    const store = new ForecastStore();
    for (const asset of forecasts.assets()) store.setForecasts(asset, await forecasts.at(asset, atMs));
    for (const { schedule } of await bufferSchedulesAt(database.orm, atMs)) {
      if (isCurrent(schedule as BufferSchedule)) store.setBuffer(schedule as BufferSchedule);
    }
    const said = new VenueDataStore();
    for (const row of await venueDataAt(database.orm, protocol, atMs))
      said.set({ ...row, data: row.data as VenueData });
    return { atMs, pinned, prices: stored, store, said };
  };
  const serviceOf = ({ atMs, pinned, prices: stored, store, said }: PastState): MarginService =>
    new MarginService({
      ...service,
      pinned: () => pinned,
      prices: { feedIds: [...stored.keys()], price: (id) => stored.get(id)! },
      store,
      venues: said,
      history: () => null,
      clock: { nowMs: () => atMs },
    });
  const evaluate: PastMargin['of'] = async (protocol, portfolio, atMs, module) => {
    const margin = serviceOf(await stateAt(protocol, atMs));
    const { basis, result } = margin.evaluate(protocol, portfolio, { module });
    return { ...basis, result };
  };
  const bookOf = async (protocol: string, accountId: string, atMs: UnixMs): Promise<PastBook> => {
    await requireSettled(atMs);
    const found = await bookAt(database.orm, protocol, accountId, atMs);
    const onChains = (await options.venues?.at(protocol, accountId, atMs)) ?? null;
    if ('book' in found) {
      const { sequence, marketTimeMs } = found.book;
      return { sequence, marketTimeMs, portfolio: withBooksOn(portfolioOf(found.book), onChains), onChains };
    }
    if (onChains?.venues.some(({ sequence }) => sequence > 0n)) {
      const portfolio = withBooksOn({ accountId, cashWad: 0n, positions: [] }, onChains);
      return { sequence: 0n, marketTimeMs: atMs, portfolio, onChains };
    }
    const since = [found.sinceMs, (await options.venues?.sinceMs(protocol, accountId)) ?? null];
    const known = since.filter((ms) => ms !== null);
    if (known.length === 0) throw new UnknownAccountError(accountId);
    throw new NoStoredBookError(accountId, atMs, Math.min(...known));
  };
  return {
    async of(protocol, portfolio, atMs, module) {
      await requireSettled(atMs);
      return evaluate(protocol, portfolio, atMs, module);
    },
    async at(protocol, accountId, atMs, module) {
      const book = await bookOf(protocol, accountId, atMs);
      const state = await stateAt(protocol, atMs);
      const { portfolio: held, onChains } = book;
      const own = serviceOf(state).evaluate(protocol, held, { module, onChains });
      const netted =
        options.netting == null || module !== null
          ? own
          : await options.netting({ protocol, accountId, bookAtMs: book.marketTimeMs }, own, atMs, {
              alone: async (of, portfolio) => serviceOf(await stateAt(of, atMs)).evaluate(of, portfolio),
              pinned: (portfolio, model) => serviceOf(state).evaluate('', portfolio, { model }),
            });
      return answerOf(netted, accountId, book.sequence);
    },
    async difference(protocol, accountId, { fromMs, toMs }, module) {
      const books = {
        from: await bookOf(protocol, accountId, fromMs),
        to: await bookOf(protocol, accountId, toMs),
      };
      for (const { onChains } of [books.from, books.to]) requireKnown(accountId, onChains);
      const states = { from: await stateAt(protocol, fromMs), to: await stateAt(protocol, toMs) };
      const evaluated = (mixture: Mixture) => {
        const state: PastState = {
          prices: states[mixture.prices].prices,
          pinned: states[mixture.parameters].pinned,
          // Time goes with the forecast: an old forecast read at the later moment would be refused as too old.
          store: states[mixture.forecast].store,
          said: states[mixture.forecast].said,
          atMs: states[mixture.forecast].atMs,
        };
        const { portfolio, onChains } = books[mixture.positions];
        return serviceOf(state).evaluate(protocol, portfolio, { module, onChains });
      };
      const { from, to, steps } = differenceSteps((mixture) => evaluated(mixture).result);
      const side = (moment: 'from' | 'to') => {
        const all: Mixture = { positions: moment, prices: moment, parameters: moment, forecast: moment };
        const { sequence } = books[moment];
        const answer = answerOf(evaluated(all), accountId, sequence);
        return { ...answer, result: moment === 'from' ? from : to };
      };
      return { from: side('from'), to: side('to'), steps };
    },
  };
}

/** Forecasts as they were stored, in force at a past market time. */
export const forecastsOf = (rows: readonly { readonly body: unknown }[]): readonly VolatilityForecast[] =>
  rows.map((row) => row.body as VolatilityForecast);
