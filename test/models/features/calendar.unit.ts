import { describe, expect, it } from 'vitest';
import {
  isEmploymentReportHour,
  newYorkHourOfWeek,
  newYorkHoursBehind,
} from '../../../models/features/calendar.ts';

describe("New York's clock", () => {
  it('agrees with the time zone database around every change of 2018 to 2030', () => {
    const zone = new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/New_York',
      hour: 'numeric',
      hourCycle: 'h23',
    });
    for (let year = 2018; year <= 2030; year++) {
      for (const month of [2, 10]) {
        for (let hour = 0; hour < 15 * 24; hour++) {
          const ms = Date.UTC(year, month, 1, hour);
          const local = Number(zone.format(ms));
          expect(((hour - newYorkHoursBehind(ms) + 240) % 24) - local, new Date(ms).toISOString()).toBe(0);
        }
      }
    }
  });

  it('counts hours of the week as UTC does, so much earlier', () => {
    expect(newYorkHourOfWeek(Date.UTC(2024, 0, 1, 5))).toBe((Date.UTC(2024, 0, 1, 0) / 3_600_000) % 168);
  });

  it('knows the hour of the employment report', () => {
    expect(isEmploymentReportHour(Date.UTC(2024, 1, 2, 13))).toBe(true);
    expect(isEmploymentReportHour(Date.UTC(2024, 5, 7, 12))).toBe(true);
    expect(isEmploymentReportHour(Date.UTC(2024, 5, 7, 13))).toBe(false);
    expect(isEmploymentReportHour(Date.UTC(2024, 5, 14, 12))).toBe(false);
    expect(isEmploymentReportHour(Date.UTC(2024, 5, 6, 12))).toBe(false);
  });
});
