import { afterAll, afterEach } from 'vitest';
import { type PublishingWorld, publishingWorld } from './publishing-world.ts';

/** The world for all tests of a file, opened at its top; after each test its DVNs and its executor work again. */
export async function usePublishingWorld(chains: readonly string[]): Promise<PublishingWorld> {
  const world = await publishingWorld(chains);
  afterAll(() => world.close());
  afterEach(() => {
    world.workers.switches.dvns.fill('verifying');
    world.workers.switches.executor = 'executing';
  });
  return world;
}
