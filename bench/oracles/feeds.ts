import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PriceBook } from '../../oracles/book/price-book.ts';
import { cpuSeconds, median, printTable } from '../timing.ts';
import { firstPrice, makeFeed, makeRandom, makeReport, makeReports, makeUsdcFeed, NOW_MS } from './data.ts';

const SIZES = [50, 200, 800];
const ROUNDS = 15;

/** A garbage collector that can be called, without a flag for the whole process. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** (c) Memory per feed of the price book, and what one update and its verdict cost, by number of feeds. */
export function costByFeeds(): void {
  const collect = collector();
  const heap = () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  const random = makeRandom();
  const books = SIZES.map((size) => {
    const before = heap();
    const feeds = Array.from({ length: size }, (_, feed) => makeFeed(feed));
    const book = new PriceBook([makeUsdcFeed(), ...feeds]);
    book.ingest(makeReports(makeUsdcFeed(), 1, random, NOW_MS, 0.0001));
    feeds.forEach((feed, index) => {
      book.ingest(makeReports(feed, firstPrice(index), random, NOW_MS));
    });
    book.all(NOW_MS);
    return { feeds, book, bytes: heap() - before };
  });
  const times = SIZES.map((): number[] => []);
  for (let round = -5; round < ROUNDS; round++) {
    books.forEach(({ feeds, book }, index) => {
      const nowMs = NOW_MS + 1000 * (round + 6);
      const repeats = 800 / feeds.length;
      const updates = Array.from({ length: repeats }, () =>
        feeds.map((feed, f) => makeReport(feed, 0, firstPrice(f) * (1 + 0.001 * (random() - 0.5)), nowMs)),
      );
      const seconds = cpuSeconds(() => {
        for (const batch of updates) {
          batch.forEach((report, f) => {
            book.ingest([report]);
            book.price(feeds[f]!.id, nowMs);
          });
        }
      });
      if (round >= 0) times[index]!.push(seconds / 800);
    });
  }
  console.log(`(c) the price book by number of feeds, 7 sources each; CPU time, median of ${ROUNDS} rounds`);
  const least = Math.min(...times.map(median));
  printTable([
    ['', 'KB per feed', 'update and verdict, microseconds', 'x least'],
    ...books.map(({ feeds, bytes }, index) => [
      `${feeds.length} feeds`,
      (bytes / feeds.length / 1024).toFixed(1),
      (median(times[index]!) * 1e6).toFixed(2),
      (median(times[index]!) / least).toFixed(2),
    ]),
  ]);
}
