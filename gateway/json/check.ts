import { MalformedJsonError } from './errors.ts';
import { fieldPath } from './path.ts';

export interface JsonLimits {
  readonly maxDepth: number;
  /** Elements per array and members per object. */
  readonly maxItems: number;
}

const BLANK = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not hold them (RFC 8259, section 7)
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Checks that `text` is one JSON value that every reader understands alike (RFC 8259, I-JSON): no repeated
 * keys, no `__proto__`, bounded depth and length. Costs one pass and stops at the first fault.
 * @throws MalformedJsonError naming the place as a path and as line and column.
 */
export function checkJson(text: string, limits: JsonLimits): void {
  let at = 0;
  const path: (string | number)[] = [];

  const fail = (message: string, withPlace = true): never => {
    const before = text.slice(0, at).split('\n');
    const place = withPlace ? ` (line ${before.length}, column ${before.at(-1)!.length + 1})` : '';
    throw new MalformedJsonError(fieldPath(path) || 'body', `${message}${place}`);
  };
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const unexpected = (wanted: string): never =>
    at >= text.length ? fail(`ends where ${wanted} is expected`) : fail(`must have ${wanted} here`);

  const string = (): string => {
    const start = at;
    at += 1;
    for (;;) {
      take(PLAIN);
      if (text[at] === '"') break;
      if (text[at] === '\\' && take(ESCAPE)) continue;
      unexpected('the end of a string');
    }
    at += 1;
    return text.slice(start, at);
  };

  /** Reads members up to `close`; `member` reads one. */
  const members = (close: string, depth: number, member: (index: number) => void): void => {
    if (depth > limits.maxDepth) fail(`is nested deeper than ${limits.maxDepth} levels`);
    at += 1;
    take(BLANK);
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (let index = 0; ; index += 1) {
      if (index >= limits.maxItems) fail(`must have at most ${limits.maxItems} items`, false);
      member(index);
      take(BLANK);
      if (text[at] === ',') {
        at += 1;
        continue;
      }
      if (text[at] !== close) unexpected(`',' or '${close}'`);
      at += 1;
      return;
    }
  };

  const value = (depth: number): void => {
    take(BLANK);
    const first = text[at];
    if (first === '"') string();
    else if (first === '[') {
      members(']', depth + 1, (index) => {
        path.push(index);
        value(depth + 1);
        path.pop();
      });
    } else if (first === '{') {
      const seen = new Set<string>();
      members('}', depth + 1, () => {
        take(BLANK);
        if (text[at] !== '"') unexpected('a member name');
        const raw = string();
        const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
        path.push(key);
        if (key === '__proto__') fail('is not a permitted name', false);
        if (seen.has(key)) fail('appears twice in one object', false);
        seen.add(key);
        take(BLANK);
        if (text[at] !== ':') unexpected("':'");
        at += 1;
        value(depth + 1);
        path.pop();
      });
    } else if (!take(LITERAL) && !take(NUMBER)) unexpected('a JSON value');
  };

  value(0);
  take(BLANK);
  if (at < text.length) fail('has text after its end');
}
