import type { AlarmEvent } from '../../oracles/book/alarm-log.ts';
import type { MarginResult, MarginStatus } from '../../risk/modules/module.ts';
import { type Wad, wadToDecimal } from '../../risk/units/wad.ts';
import type { ForecastsPort, PricesPort } from '../app/ports.ts';
import { alarmDto } from '../schemas/alarm.ts';
import { iso } from '../schemas/common.ts';
import { forecastDto } from '../schemas/forecast.ts';
import { type PriceDto, priceDto } from '../schemas/price.ts';
import type { NewEvent } from './event.ts';

/** One account whose status is not what it was. */
export interface MarginChange {
  readonly protocol: string;
  readonly accountId: string;
  readonly sequence: bigint;
  /** null when the account had none before. */
  readonly previousStatus: MarginStatus | null;
  readonly asOfMs: number;
  readonly result: MarginResult;
}

export interface PublisherOptions {
  readonly publish: (event: NewEvent) => unknown;
  readonly prices: PricesPort;
  readonly forecasts: ForecastsPort;
}

/** Turns the state of the engine into events: what has changed since it was last said, and nothing else. */
export class StreamPublisher {
  readonly #options: PublisherOptions;
  readonly #said = new Map<string, string>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Call it after every round of the oracles; `nowMs` is market time. Returns how many prices were published. */
  pricesMoved(nowMs: number): number {
    const { prices } = this.#options;
    let published = 0;
    for (const feedId of prices.ids()) {
      const dto = priceDto(prices.get(feedId), nowMs, prices.validForMs);
      if (this.#sayOnce('price', feedId, priceFingerprint(dto), dto)) published += 1;
    }
    return published;
  }

  /** Call it after every refresh; `nowMs` is market time. Returns how many assets were published. */
  forecastsRefreshed(nowMs: number): number {
    const { forecasts } = this.#options;
    let published = 0;
    for (const asset of forecasts.assets()) {
      const [first, ...rest] = forecasts.get(asset);
      if (first === undefined) continue;
      const dto = forecastDto(asset, [first, ...rest], nowMs, forecasts.validForMs);
      const fingerprint = JSON.stringify([dto.asOf, dto.modelVersion, dto.stale, first.meanVariance]);
      if (this.#sayOnce('forecast', asset, fingerprint, dto)) published += 1;
    }
    return published;
  }

  /** Call it when the status of an account has changed; whoever sees the same change later says nothing new. */
  marginChanged(change: MarginChange): void {
    const { protocol, accountId, sequence, previousStatus, asOfMs, result } = change;
    const account = `margin:${protocol}\n${accountId}`;
    if (this.#said.get(account) === result.status) return;
    this.#said.set(account, result.status);
    const { status, equityWad, netInitialWad, netMaintenanceWad } = result;
    const figures = { status, equityWad, netInitialWad, netMaintenanceWad };
    const data = marginEvent({ accountId, sequence, previousStatus, asOfMs, ...figures });
    this.#options.publish({ topic: 'margin', subject: accountId, protocol, data });
  }

  /** Call it with every alarm of the price book. */
  alarmChanged(event: AlarmEvent): void {
    this.#options.publish({ topic: 'alarm', subject: event.feedId, protocol: null, data: alarmDto(event) });
  }

  #sayOnce(topic: 'price' | 'forecast', subject: string, fingerprint: string, data: unknown): boolean {
    const key = `${topic}:${subject}`;
    if (this.#said.get(key) === fingerprint) return false;
    this.#said.set(key, fingerprint);
    this.#options.publish({ topic, subject, protocol: null, data });
    return true;
  }
}

/** Data of a `margin` event. */
export function marginEvent(change: {
  readonly accountId: string;
  readonly sequence: bigint;
  readonly status: MarginStatus;
  readonly previousStatus: MarginStatus | null;
  readonly asOfMs: number;
  readonly equityWad: Wad;
  readonly netInitialWad: Wad;
  readonly netMaintenanceWad: Wad;
}) {
  return {
    accountId: change.accountId,
    sequence: Number(change.sequence),
    status: change.status,
    previousStatus: change.previousStatus,
    asOf: iso(change.asOfMs),
    equity: wadToDecimal(change.equityWad),
    net: {
      initial: wadToDecimal(change.netInitialWad),
      maintenance: wadToDecimal(change.netMaintenanceWad),
    },
  };
}

/** What makes a price another one; ages and the confidence that grows with them do not. */
function priceFingerprint(dto: PriceDto): string {
  const { verdicts } = dto;
  return JSON.stringify([
    dto.price,
    dto.publishTime,
    dto.stale,
    dto.reasons.map((reason) => reason.code),
    [verdicts.open.usable, verdicts.margin.usable, verdicts.liquidate.usable],
    dto.sources.map((source) => source.included),
  ]);
}
