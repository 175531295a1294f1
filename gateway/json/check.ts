import { toUSVString } from 'node:util';
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
  new Scanner(text, limits).document();
}

/** Recursive descent; the depth limit bounds the recursion. Methods, not closures: it runs for every body. */
class Scanner {
  readonly #text: string;
  readonly #limits: JsonLimits;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): void {
    this.#value(0);
    this.#take(BLANK);
    if (this.#at < this.#text.length) this.#fail('has text after its end');
  }

  #value(depth: number): void {
    this.#take(BLANK);
    const first = this.#text[this.#at];
    if (first === '"') this.#string();
    else if (first === '[') this.#array(depth + 1);
    else if (first === '{') this.#object(depth + 1);
    else if (!this.#take(LITERAL) && !this.#take(NUMBER)) this.#unexpected('a JSON value');
  }

  #array(depth: number): void {
    if (this.#isEmpty(']', depth)) return;
    let index = 0;
    do {
      this.#count(index);
      this.#path.push(index);
      this.#value(depth);
      this.#path.pop();
      index += 1;
    } while (this.#goesOn(']'));
  }

  #object(depth: number): void {
    if (this.#isEmpty('}', depth)) return;
    const seen = new Set<string>();
    do {
      this.#count(seen.size);
      this.#take(BLANK);
      if (this.#text[this.#at] !== '"') this.#unexpected('a member name');
      const raw = this.#string();
      const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
      this.#path.push(key);
      if (key === '__proto__') this.#fail('is not a permitted name', false);
      if (seen.has(key)) this.#fail('appears twice in one object', false);
      seen.add(key);
      this.#take(BLANK);
      if (this.#text[this.#at] !== ':') this.#unexpected("':'");
      this.#at += 1;
      this.#value(depth);
      this.#path.pop();
    } while (this.#goesOn('}'));
  }

  /** Steps over the opening bracket, and over the closing one when nothing is between them. */
  #isEmpty(close: string, depth: number): boolean {
    if (depth > this.#limits.maxDepth) this.#fail(`is nested deeper than ${this.#limits.maxDepth} levels`);
    this.#at += 1;
    this.#take(BLANK);
    if (this.#text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  /** Steps over a comma (there is more) or over the closing bracket. */
  #goesOn(close: string): boolean {
    this.#take(BLANK);
    const found = this.#text[this.#at];
    if (found !== ',' && found !== close) this.#unexpected(`',' or '${close}'`);
    this.#at += 1;
    return found === ',';
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      this.#take(PLAIN);
      if (this.#text[this.#at] === '"') break;
      if (this.#text[this.#at] === '\\' && this.#take(ESCAPE)) continue;
      this.#unexpected('the end of a string');
    }
    this.#at += 1;
    const raw = this.#text.slice(start, this.#at);
    // Only an escape can write them: the body was decoded from UTF-8, and control characters must be escaped.
    if (raw.includes('\\u')) this.#storable(JSON.parse(raw) as string);
    return raw;
  }

  /** No database text holds U+0000, and half of a surrogate pair is no character (RFC 7493, section 2.1). */
  #storable(value: string): void {
    if (value.includes('\0')) this.#fail('must not hold U+0000');
    if (toUSVString(value) !== value) this.#fail('must not hold half of a surrogate pair');
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #count(index: number): void {
    if (index >= this.#limits.maxItems) this.#fail(`must have at most ${this.#limits.maxItems} items`, false);
  }

  #unexpected(wanted: string): never {
    const ended = this.#at >= this.#text.length;
    this.#fail(ended ? `ends where ${wanted} is expected` : `must have ${wanted} here`);
  }

  #fail(message: string, withPlace = true): never {
    const before = this.#text.slice(0, this.#at).split('\n');
    const place = withPlace ? ` (line ${before.length}, column ${before.at(-1)!.length + 1})` : '';
    throw new MalformedJsonError(fieldPath(this.#path) || 'body', `${message}${place}`);
  }
}
