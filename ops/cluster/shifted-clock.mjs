/**
 * Preloaded into a process whose clock is to jump: `Date` runs ahead or behind by the milliseconds that stand in the
 * file CLOCK_OFFSET_FILE, which is read every 50 ms. Timers and `performance` go on as they did, as those of a machine
 * do whose wall clock is set.
 */
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_OFFSET_FILE;
const Wall = globalThis.Date;
let offset = 0;
const look = () => {
  try {
    offset = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offset = 0;
  }
};
if (file !== undefined) {
  look();
  setInterval(look, 50).unref();
  globalThis.Date = new Proxy(Wall, {
    apply: (target) => new target(target.now() + offset).toString(),
    construct: (target, given, type) =>
      Reflect.construct(target, given.length === 0 ? [target.now() + offset] : given, type === Date ? target : type),
    get: (target, name) =>
      name === 'now' ? () => target.now() + offset : Reflect.get(target, name, target),
  });
}
