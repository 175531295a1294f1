import { describe, expect, it } from 'vitest';
import { DemoOptionsError, parseDemoOptions } from '../../../gateway/demo/options.ts';

describe('parseDemoOptions', () => {
  it('has defaults', () => {
    expect(parseDemoOptions([])).toEqual({
      dataFiles: [],
      startMs: null,
      speed: 60,
      seed: 12,
      check: false,
      port: null,
      months: 14,
      stormMinutes: 20,
      help: false,
    });
  });

  it('reads every flag, files listed or repeated', () => {
    const args =
      '--data a.csv b.csv --data c.csv --start 2024-08-05T06:00Z --speed 12.5 --seed 7 --check --port 0 --months 20';
    expect(parseDemoOptions(args.split(' '))).toEqual({
      dataFiles: ['a.csv', 'c.csv', 'b.csv'],
      startMs: Date.UTC(2024, 7, 5, 6),
      speed: 12.5,
      seed: 7,
      check: true,
      port: 0,
      months: 20,
      stormMinutes: null,
      help: false,
    });
    expect(parseDemoOptions(['--start', '2024-08-05']).startMs).toBe(Date.UTC(2024, 7, 5));
  });

  it('begins a storm when asked to, never in a calm demo, and leaves it to the check, which runs faster', () => {
    expect(parseDemoOptions(['--storm', '5']).stormMinutes).toBe(5);
    expect(parseDemoOptions(['--calm']).stormMinutes).toBeNull();
    expect(parseDemoOptions(['--check'])).toMatchObject({ stormMinutes: null, speed: 300 });
  });

  it.each([
    [['--storm', '1441'], '--storm', "must be a whole number from 0 to 1440, not '1441'"],
    [['--sped', '3'], '--sped', "Unknown option '--sped'"],
    [['--speed', '0.5'], '--speed', "must be a number from 1 to 3600, not '0.5'"],
    [['--speed', 'fast'], '--speed', "must be a number from 1 to 3600, not 'fast'"],
    [['--seed=-1'], '--seed', "must be a whole number from 0 to 9007199254740991, not '-1'"],
    [['--months', '13'], '--months', "must be a whole number from 14 to 120, not '13'"],
    [['--port', '65536'], '--port', "must be a whole number from 0 to 65535, not '65536'"],
    [
      ['--start', '2024-02-30'],
      '--start',
      "must be a day or a full hour in UTC, e.g. 2024-08-05 or 2024-08-05T06:00Z, not '2024-02-30'",
    ],
    [
      ['--start', '2024-08-05T06:30Z'],
      '--start',
      "must be a day or a full hour in UTC, e.g. 2024-08-05 or 2024-08-05T06:00Z, not '2024-08-05T06:30Z'",
    ],
    [['file.csv'], 'file.csv', 'is not an option; a file goes after --data'],
    [['--check=yes'], '--check', "Option '--check' does not take an argument"],
    [['--data'], '--data', "Option '--data <value>' argument missing"],
  ])('refuses %j', (args, field, message) => {
    let caught: unknown;
    try {
      parseDemoOptions(args);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(DemoOptionsError);
    expect((caught as DemoOptionsError).issues).toEqual([{ field, message }]);
  });

  it('names every wrong flag at once', () => {
    expect(() => parseDemoOptions(['--speed', 'x', '--seed', 'y'])).toThrow(/--speed: .*\n--seed: /s);
  });
});
