import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHub } from '../../../gateway/stream/event-hub.ts';

const scope = fc.constantFrom(null, 'alpha', 'beta');

test('a client that comes back misses nothing, sees nothing twice and nothing of others', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ scope, later: fc.integer({ min: -5, max: 2 }) }), { minLength: 1, maxLength: 60 }),
      fc.nat(),
      fc.constantFrom('alpha', 'beta'),
      (steps, cut, protocol) => {
        let ms = 1000;
        const hub = new EventHub({ window: 1000, nowMs: () => ms });
        const live: string[] = [];
        hub.subscribe(protocol, (event) => live.push(event.id));
        steps.forEach((step, n) => {
          ms += step.later;
          hub.publish({ topic: 'margin', subject: 's', protocol: step.scope, data: n });
        });
        const visible = steps.filter((step) => step.scope === null || step.scope === protocol).length;
        expect(live.length).toBe(visible);
        expect(new Set(live).size).toBe(visible);
        if (visible === 0) return;
        const at = cut % visible;
        expect(hub.replay(protocol, live[at]!)?.map((event) => event.id)).toEqual(live.slice(at + 1));
      },
    ),
    { numRuns: 300, seed: 3 },
  );
});

test('ids of one protocol do not depend on what others do', () => {
  const idsOf = (noise: number) => {
    const hub = new EventHub({ window: 100, nowMs: () => 5 });
    for (let i = 0; i < noise; i += 1)
      hub.publish({ topic: 'margin', subject: 'x', protocol: 'beta', data: 0 });
    return hub.publish({ topic: 'margin', subject: 'x', protocol: 'alpha', data: 0 }).id;
  };
  expect(idsOf(7)).toBe(idsOf(0));
});

test('an id of another protocol, of another process or out of the window is not known', () => {
  const hub = new EventHub({ window: 3, nowMs: () => 5 });
  const publish = (protocol: string | null) =>
    hub.publish({ topic: 'price', subject: 'x', protocol, data: 0 }).id;
  const foreign = publish('beta');
  const first = publish(null);
  expect(hub.replay('alpha', foreign)).toBeNull();
  expect(hub.replay('alpha', '4-0')).toBeNull();
  expect(hub.replay('alpha', first)).toEqual([]);
  for (let i = 0; i < 6; i += 1) publish(null);
  expect(hub.replay('alpha', first)).toBeNull();
});
