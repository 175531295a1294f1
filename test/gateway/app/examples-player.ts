import type { LocalAccount, TypedDataDefinition } from 'viem';
import { approverAccounts } from '../../../chains/devnet/keys.ts';
import { EXAMPLES } from '../../../gateway/app/examples/all.ts';
import type { ProblemExample } from '../../../gateway/app/examples/problems.ts';
import { isFromAnswer, type ParameterExample } from '../../../gateway/app/examples/types.ts';
import { until } from '../../helpers/until.ts';
import { type Answer, pick } from '../support/contract.ts';
import { jsonRequest } from '../support/gateway.ts';

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
}

/** A request of an example and what it was answered with. */
export interface Played {
  readonly operation: string;
  /** Which of its examples. */
  readonly name: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly answer: Answer;
  /** The problem type that the example says; null = it succeeds. */
  readonly refused: ProblemExample | null;
}

/** Not yet: a market that has just begun, or a machine that is slow. */
const LATER = ['moment-not-settled', 'attestation-refused', 'forecast-unavailable', 'no-stored-price'];
const PATIENCE_MS = 120_000;
const [SIGNER] = approverAccounts() as [LocalAccount];

/** What stands in the OpenAPI document of a gateway. */
export function operationsOf(document: unknown): Operation[] {
  const paths = pick(document, 'paths') as Record<string, Record<string, object>>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      id: String(pick(operation, 'operationId')),
      method,
      path,
      parameters: (pick(operation, 'parameters') ?? []) as Operation['parameters'],
    })),
  );
}

/** Sends every example of a gateway to it, in the order in which they stand. */
export class ExamplePlayer {
  readonly #url: string;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #answers = new Map<string, unknown>();
  #key: string | null = null;

  constructor(url: string, document: unknown) {
    this.#url = url;
    this.#operations = new Map(operationsOf(document).map((one) => [one.id, one]));
  }

  /** All requests of an operation: bare, with each further parameter alone, and with each body. */
  async play(id: string): Promise<Played[]> {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw new Error(`the gateway has no operation ${id}`);
    await this.#prepare(id);
    const { parameters = {}, requests = {}, refused = null } = EXAMPLES[id] ?? {};
    const required = operation.parameters.filter((one) => one.required).map(({ name }) => name);
    const optional = operation.parameters.filter((one) => !one.required).map(({ name }) => name);
    const [first, ...others] = Object.entries(requests);
    const played: Played[] = [];
    for (const extra of [null, ...optional]) {
      const names = extra === null ? required : [...required, extra];
      const label = [first?.[0], extra].filter(Boolean).join(' with ') || 'bare';
      const given = { ...parameters, ...first?.[1].parameters };
      played.push(
        await this.#send(operation, label, names, given, first?.[1].value, first?.[1].refused ?? refused),
      );
    }
    for (const [name, request] of others) {
      const given = { ...parameters, ...request.parameters };
      played.push(
        await this.#send(operation, name, required, given, request.value, request.refused ?? refused),
      );
    }
    if (id === 'approveProposal') played.push(await this.#approve(operation, parameters));
    return played;
  }

  /** The same with other parameters, whatever comes. */
  ask(id: string, parameters: Readonly<Record<string, ParameterExample>>): Promise<Played> {
    const own = { ...EXAMPLES[id]?.parameters, ...parameters };
    const operation = this.#operations.get(id)!;
    const required = operation.parameters.filter((one) => one.required).map(({ name }) => name);
    return this.#send(operation, 'asked', [...required, ...Object.keys(parameters)], own, undefined, null);
  }

  async #send(
    operation: Operation,
    name: string,
    names: readonly string[],
    given: Readonly<Record<string, ParameterExample>>,
    body: unknown,
    refused: ProblemExample | null,
  ): Promise<Played> {
    const { id, method } = operation;
    const headers: Record<string, string> =
      this.#key === null ? {} : { Authorization: `Bearer ${this.#key}` };
    const query = new URLSearchParams();
    let path = operation.path;
    for (const parameter of operation.parameters.filter((one) => names.includes(one.name))) {
      const value = this.#valueOf(given[parameter.name], `${id} ${parameter.name}`);
      if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
      else if (parameter.in === 'query') query.set(parameter.name, value);
      else headers[parameter.name] = value;
    }
    if (query.size > 0) path += `?${query}`;
    const init =
      body === undefined
        ? { method: method.toUpperCase(), headers }
        : jsonRequest(method.toUpperCase(), body, headers);
    const answer = await until(
      `${id} (${name}) to be answered`,
      async () => {
        const found = await this.#fetch(path, init);
        const type = String(pick(found.json, 'type')).split('/').at(-1)!;
        return refused === null && LATER.includes(type) ? null : found;
      },
      PATIENCE_MS,
    );
    if (answer.status < 300) this.#answers.set(id, answer.json);
    if (id === 'createKey') this.#key ??= String(pick(answer.json, 'secret'));
    return { operation: id, name, method, path, answer, refused };
  }

  async #fetch(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, init);
    const { status, headers } = response;
    const type = headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream')) {
      return { status, headers, text: await firstEvents(response), json: null };
    }
    const text = await response.text();
    return { status, headers, text, json: type.includes('json') ? JSON.parse(text) : null };
  }

  #valueOf(value: ParameterExample | undefined, what: string): string {
    if (value === undefined) throw new Error(`there is no example of ${what}`);
    if (!isFromAnswer(value)) return String(value);
    const found = pick(this.#answers.get(value.of), ...value.at);
    if (typeof found !== 'string') throw new Error(`${value.of} did not give ${what}`);
    return found;
  }

  /** What has to have happened first, as it does while somebody tries one after the other. */
  async #prepare(id: string): Promise<void> {
    if (id === 'approveProposal') {
      await until(
        'the proposal to be open',
        () => this.#stateIs('getProposal', ['state'], 'open'),
        PATIENCE_MS,
      );
    }
    if (id === 'listWebhookDeliveries') {
      // An account that owes: its first sweep tells the webhook.
      const book = {
        sequence: 1,
        cash: '-30000',
        positions: [{ kind: 'perp', id: 'long', market: 'BTC-PERP', size: '1', entryPrice: '60000' }],
      };
      const headers = this.#key === null ? {} : { Authorization: `Bearer ${this.#key}` };
      await this.#fetch('/v1/accounts/sinking/positions', jsonRequest('PUT', book, headers));
      await until(
        'a message for the webhook',
        async () => (await this.ask(id, {})).answer.text.includes('msg_'),
        PATIENCE_MS,
      );
    }
  }

  async #stateIs(id: string, at: readonly string[], wanted: string): Promise<boolean> {
    return pick((await this.ask(id, {})).answer.json, ...at) === wanted;
  }

  /** What the example cannot have: a signature over the proposal that was made. */
  async #approve(
    operation: Operation,
    parameters: Readonly<Record<string, ParameterExample>>,
  ): Promise<Played> {
    const { answer } = await this.ask('getProposal', {});
    const sign = (data: unknown) => SIGNER.signTypedData(data as TypedDataDefinition);
    const changes = (pick(answer.json, 'onChain', 'changes') ?? []) as { typedData: unknown }[];
    const hubSignatures = await Promise.all(
      changes.flatMap(({ typedData }) => (typedData === null ? [] : [sign(typedData)])),
    );
    const body = { signature: await sign(pick(answer.json, 'typedData')), hubSignatures };
    return this.#send(operation, 'signed', ['id'], parameters, body, null);
  }
}

/** A stream up to the end of its first event. */
async function firstEvents(response: Response): Promise<string> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!/^event:.*\ndata:.*\n\n/m.test(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}
