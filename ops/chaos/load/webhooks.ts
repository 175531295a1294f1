import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../gateway/demo/market/random.ts';
import { signedHeaders } from '../../../gateway/webhooks/sign.ts';
import type { ClusterProtocol } from '../../cluster/configuration.ts';
import { waitFor } from '../../cluster/wait.ts';
import { ask } from '../ask.ts';
import type { SentBook } from '../ledger.ts';
import { pick, type Scene } from '../scene.ts';
import { sendBook } from './positions.ts';

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly protocol: string;
  readonly signed: boolean;
}

export interface Receiver {
  readonly received: readonly Received[];
  urlOf(protocol: string): string;
  expectSecret(protocol: string, secret: string): void;
  /** From now on every message is taken. */
  behave(): void;
  stop(): Promise<void>;
}

/** Takes webhooks; of some it says nothing after taking them, of some that it failed, so that they come again. */
export async function startReceiver(random: Random): Promise<Receiver> {
  const received: Received[] = [];
  const secrets = new Map<string, string>();
  let moody = true;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const id = String(request.headers['webhook-id']);
    const protocol = request.url!.slice(1);
    const timestampSeconds = Number(request.headers['webhook-timestamp']);
    const secret = secrets.get(protocol);
    const signed =
      secret !== undefined &&
      signedHeaders(secret, { id, timestampSeconds, body })['webhook-signature'] ===
        request.headers['webhook-signature'];
    const mood = moody ? random.uniform() : 1;
    if (mood < 0.1) {
      response.writeHead(500).end();
      return;
    }
    received.push({ id, body, protocol, signed });
    if (mood < 0.2) response.destroy();
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    urlOf: (protocol) => `http://127.0.0.1:${port}/${protocol}`,
    expectSecret: (protocol, secret) => void secrets.set(protocol, secret),
    behave() {
      moody = false;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns id of the webhook */
export async function subscribe(
  scene: Scene,
  receiver: Receiver,
  protocol: ClusterProtocol,
): Promise<string> {
  const answer = await waitFor(
    'a webhook to be made',
    async () => {
      const made = await ask(scene.cluster.gateways[0]!.url!, protocol, '/v1/webhooks', {
        method: 'POST',
        body: {
          url: receiver.urlOf(protocol.id),
          events: ['margin.call', 'liquidation.required', 'oracle.halted', 'regime.onset'],
        },
      });
      return made?.status === 201 ? made : null;
    },
    30_000,
  );
  receiver.expectSecret(protocol.id, answer.body.secret);
  return answer.body.id as string;
}

const long = (sequence: number, cash: string, size: string): SentBook => ({
  ...{ sequence, cash },
  positions: [{ id: 'eth', kind: 'perp', market: 'ETH-PERP', size, entryPrice: '3000', chain: 'hub' }],
});

/**
 * Brings an account into liquidation and out of it again; every time it is in, a webhook must come. It stays in until
 * the webhook has come, so that no sweep can overlook it.
 */
export async function writeCalls(
  scene: Scene,
  receiver: Receiver,
  protocol: ClusterProtocol,
  account: string,
): Promise<void> {
  const { cluster, ledger, ended, random } = scene;
  const record = ledger.account(protocol.id, account);
  const send = async (book: SentBook) => {
    while (!ended.aborted) {
      if ((await sendBook(scene, protocol, record, book, () => pick(random, cluster.gateways))) !== null)
        return;
    }
  };
  for (let sequence = 1; !ended.aborted; sequence += 2) {
    await send(long(sequence, '1000000', '1'));
    while (!ended.aborted && !(await isHealthy(scene, protocol.id, account, sequence))) await delay(500);
    if (ended.aborted) return;
    await send(long(sequence + 1, '-100000', '1'));
    if (!record.acknowledged.has(sequence + 1)) return;
    ledger.calls.push({ protocol: protocol.id, account, sequence: sequence + 1, atMs: Date.now() });
    while (!ended.aborted && !wasTold(receiver, protocol.id, account, sequence + 1)) await delay(200);
  }
}

/** Whether a message about the account at the sequence or later has come. */
export function wasTold(receiver: Receiver, protocol: string, account: string, sequence: number): boolean {
  return receiver.received.some((message) => {
    if (message.protocol !== protocol) return false;
    const { data } = JSON.parse(message.body) as { data: { accountId?: string; sequence?: number } };
    return data.accountId === account && (data.sequence ?? 0) >= sequence;
  });
}

async function isHealthy(
  scene: Scene,
  protocol: string,
  account: string,
  sequence: number,
): Promise<boolean> {
  const rows = await scene.cluster.postgres
    .query<{ status: string }>(
      'select status from margin_statuses where protocol = $1 and account = $2 and sequence = $3',
      [protocol, account, sequence],
    )
    .catch(() => []);
  return rows[0]?.status === 'healthy';
}
