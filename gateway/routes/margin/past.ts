import type { UnixMs } from '../../../risk/units/time.ts';
import { UnknownAccountError } from '../../app/errors.ts';
import type { GatewayPorts } from '../../app/ports.ts';
import type { ModuleRef } from '../../engine/risk-configuration.ts';
import { marginDto } from '../../schemas/margin.ts';
import { ofPast } from '../../schemas/past.ts';

/** The margin of an account as of a past moment. @throws UnknownAccountError, NoStoredBookError */
export async function pastMarginDto(
  { margin, prices }: Pick<GatewayPorts, 'margin' | 'prices'>,
  protocol: string,
  accountId: string,
  atMs: UnixMs,
  module: ModuleRef | null,
) {
  // Nothing is kept where the ports are not over a database.
  if (margin.at === undefined) throw new UnknownAccountError(accountId);
  const answer = await margin.at(protocol, accountId, atMs, module);
  return ofPast(marginDto(answer, atMs, prices.validForMs), atMs);
}
