import { UnknownMarketError } from '../../app/errors.ts';
import type { GatewayPorts } from '../../app/ports.ts';

/** Kind of a market that a venue may tell about. @throws UnknownMarketError */
export function requireMarket(ports: GatewayPorts, id: string): 'options' | 'perp' | 'collateral' {
  if (ports.listing.series.has(id)) return 'options';
  const kind = ports.listing.fixed.get(id)?.kind;
  if (kind === 'perp' || kind === 'collateral') return kind;
  throw new UnknownMarketError(id);
}
