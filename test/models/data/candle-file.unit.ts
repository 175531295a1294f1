import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCandles, readHourlyBars } from '../../../models/data/candle-file.ts';
import { DataFileError } from '../../../models/data/errors.ts';
import { readFunding } from '../../../models/data/funding-file.ts';

const HEADER = 'ts,open,high,low,close,volume';
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'breakwater-candles-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

async function failure(work: Promise<unknown>): Promise<DataFileError> {
  try {
    await work;
  } catch (error) {
    expect(error).toBeInstanceOf(DataFileError);
    return error as DataFileError;
  }
  throw new Error('it did not fail');
}

describe('candle files', () => {
  it('reads plain and gzipped files alike, with either line ending', async () => {
    const rows = [HEADER, '3600000,10,12,9,11,5', '7200000,11,11.5,1.05e1,11,0'];
    const expected = [
      { tsMs: 3_600_000, open: 10, high: 12, low: 9, close: 11, volume: 5 },
      { tsMs: 7_200_000, open: 11, high: 11.5, low: 10.5, close: 11, volume: 0 },
    ];
    expect(await readCandles(await file('a.csv', rows.join('\n')))).toEqual(expected);
    expect(await readCandles(await file('b.csv', `${rows.join('\r\n')}\r\n`))).toEqual(expected);
    expect(await readHourlyBars(await file('c.csv.gz', gzipSync(`${rows.join('\n')}\n`)))).toEqual(expected);
  });

  it.each([
    ['a word for a price', '3600000,ten,12,9,11,5', 2, /open is not a number: "ten"/],
    ['an empty cell', '3600000,10,12,9,11,', 2, /volume is not a number/],
    ['NaN', '3600000,10,NaN,9,11,5', 2, /high is not a number/],
    ['hexadecimal', '0x10,10,12,9,11,5', 2, /ts is not a number/],
    ['an overflow', '3600000,10,1e999,9,11,5', 2, /high is out of range/],
    ['a column too few', '3600000,10,12,9,11', 2, /6 columns expected, found 5/],
    ['a high below the close', '3600000,10,10.5,9,11,5', 2, /do not enclose/],
    ['a price of zero', '3600000,10,12,0,11,5', 2, /low must be above zero/],
    ['a negative volume', '3600000,10,12,9,11,-1', 2, /volume is negative/],
    ['a fraction of a millisecond', '3600000.5,10,12,9,11,5', 2, /ts is not a time/],
    ['a duplicate', '3600000,10,12,9,11,5\n3600000,10,12,9,11,5', 3, /ts 3600000 appears twice/],
    ['a step back', '7200000,10,12,9,11,5\n3600000,10,12,9,11,5', 3, /is before the line above/],
    [
      'an empty line inside',
      '3600000,10,12,9,11,5\n\n7200000,10,12,9,11,5',
      3,
      /6 columns expected, found 1/,
    ],
  ])('refuses %s with file and line', async (_, rows, line, message) => {
    const path = await file('bad.csv', `${HEADER}\n${rows}\n`);
    const error = await failure(readCandles(path));
    expect(error.message).toMatch(message);
    expect(error.type).toBe('bad-data-file');
    expect({ file: error.file, line: error.line }).toEqual({ file: path, line });
  });

  it('refuses another header, an absent file, a cut gzip and a bar off the hour', async () => {
    expect((await failure(readCandles(await file('h.csv', 'time,o,h,l,c,v\n')))).message).toMatch(
      /header must be/,
    );
    expect((await failure(readCandles(await file('e.csv', '')))).message).toMatch(/header must be/);
    expect((await failure(readCandles(join(dir, 'absent.csv')))).message).toMatch(/cannot be read: ENOENT/);
    const whole = gzipSync(`${HEADER}\n${'3600000,10,12,9,11,5\n'.repeat(1)}`);
    expect((await failure(readCandles(await file('cut.csv.gz', whole.subarray(0, 30))))).message).toMatch(
      /cannot be read/,
    );
    const off = await failure(readHourlyBars(await file('off.csv', `${HEADER}\n3900000,10,12,9,11,5\n`)));
    expect(off.message).toMatch(/:2: ts 3900000 is not a full hour/);
  });
});

describe('funding files', () => {
  it('reads payments and refuses repeated times and rates above 100 %', async () => {
    const good = await file('f.csv', 'ts,rate\n1000,0.0001\n2000,-5e-05\n');
    expect(await readFunding(good)).toEqual([
      { tsMs: 1000, rate: 0.0001 },
      { tsMs: 2000, rate: -0.00005 },
    ]);
    const repeated = await failure(readFunding(await file('g.csv', 'ts,rate\n1000,0.0001\n1000,0.0001\n')));
    expect(repeated.message).toMatch(/:3: ts 1000 does not rise above 1000/);
    const large = await failure(readFunding(await file('l.csv', 'ts,rate\n1000,1.5\n')));
    expect(large.message).toMatch(/:2: rate 1.5 is above 100 %/);
  });
});
