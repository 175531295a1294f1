import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Link, startProxy } from '../../../ops/cluster/proxy.ts';
import { until } from '../../helpers/until.ts';

/** Says back whatever it hears. */
let echo: Server;
let proxy: Link;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  proxy = await startProxy((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  await new Promise((resolve) => echo.close(resolve));
});

async function connect() {
  const socket = createConnection(proxy.port, '127.0.0.1');
  clients.push(socket);
  const state = { heard: '', ended: false };
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    state.heard += data.toString();
  });
  socket.on('close', () => {
    state.ended = true;
  });
  // A connection that is refused may end before it is made.
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  return { socket, state };
}

describe('a proxy', () => {
  it('holds back what is said during a cut, and delivers it in order when it is healed', async () => {
    const { socket, state } = await connect();
    socket.write('a');
    await until('the first word', () => state.heard === 'a');
    proxy.cut();
    socket.write('b');
    const other = await connect();
    other.socket.write('lost');
    proxy.delay(1);
    expect(state).toEqual({ heard: 'a', ended: false });
    proxy.heal();
    socket.write('c');
    await until('the other words', () => state.heard === 'abc');
    await until('the connection made during the cut to end', () => other.state.ended);
    expect(other.state.heard).toBe('');
  });

  it('resets the connections of before when it is healed with a drop', async () => {
    const { socket, state } = await connect();
    proxy.cut();
    socket.write('a');
    proxy.heal('drop');
    await until('the connection to end', () => state.ended);
    expect(state.heard).toBe('');
    const again = await connect();
    again.socket.write('b');
    await until('an answer', () => again.state.heard === 'b');
  });

  it('refuses until it is healed, and says all that is delayed in order', async () => {
    proxy.refuse();
    const { state } = await connect();
    await until('the connection to end', () => state.ended);
    proxy.heal();
    proxy.delay(20);
    const slow = await connect();
    for (const word of 'abc') slow.socket.write(word);
    await until('an answer', () => slow.state.heard === 'abc');
  });
});
