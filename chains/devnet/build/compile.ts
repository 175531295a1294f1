import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import type { Artifact } from '../artifacts.ts';
import type { BuildTarget } from './targets.ts';

const require = createRequire(import.meta.url);
/** Permissive licences; the text of Apache-2.0 stands beside the artifacts, as it asks for. */
const COMMITTABLE_LICENCES: readonly string[] = ['MIT', 'Apache-2.0'];
const projectRoot = join(import.meta.dirname, '..', '..', '..');

interface Compiler {
  version(): string;
  compile(input: string): string;
}

interface CompilerOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<
    Record<
      string,
      Record<string, { readonly abi: Artifact['abi']; readonly evm: { bytecode: { object: string } } }>
    >
  >;
}

/**
 * Compiles targets of one package and one compiler in one run, which is faster than one by one; each artifact's hash
 * still covers only what that contract imports.
 * @throws Error when a licence forbids it, an import is missing, or the compiler reports an error.
 */
export function compileTargets(targets: readonly BuildTarget[]): readonly Artifact[] {
  const [first] = targets;
  if (first === undefined) return [];
  const root = first.package === null ? projectRoot : packageRoot(first.package);
  const sources = targets.map((target) => collectSources(root, target.source));
  const compiler = require(first.compiler) as Compiler;
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      sources.flatMap((own) => [...own].map(([path, content]) => [path, { content }])),
    ),
    settings: {
      optimizer: { enabled: true, runs: 1_000_000 },
      // The metadata hash depends on the layout of the disk's sources, not on what the contract does.
      metadata: { bytecodeHash: 'none' },
      ...(first.compiler === 'solc' ? { evmVersion: 'paris' } : {}),
      outputSelection: Object.fromEntries(
        targets.map(({ source, contract }) => [source, { [contract]: ['abi', 'evm.bytecode.object'] }]),
      ),
    },
  };
  const output = JSON.parse(compiler.compile(JSON.stringify(input))) as CompilerOutput;
  const failures = (output.errors ?? []).filter((entry) => entry.severity === 'error');
  if (failures.length > 0) throw new Error(failures.map((entry) => entry.formattedMessage).join('\n'));
  return targets.map((target, index) => {
    const compiled = output.contracts?.[target.source]?.[target.contract];
    if (!compiled) throw new Error(`${target.source} has no contract ${target.contract}`);
    const own = sources[index]!;
    return {
      contract: target.contract,
      source: { package: sourcePackage(target), path: target.source, sha256: hashSources(own) },
      licence: licenceOf(own),
      compiler: compiler.version(),
      abi: compiled.abi,
      bytecode: `0x${compiled.evm.bytecode.object}`,
    };
  });
}

function packageRoot(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

function sourcePackage(target: BuildTarget): string {
  if (target.package === null) return 'breakwater';
  const { name, version } = require(`${target.package}/package.json`) as { name: string; version: string };
  return `${name}@${version}`;
}

/** The source and all that it imports: by path inside its root, or as named where another package holds it. */
function collectSources(root: string, entry: string): Map<string, string> {
  const sources = new Map<string, string>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (sources.has(path)) continue;
    const content = readFileSync(path.startsWith('@') ? require.resolve(path) : join(root, path), 'utf8');
    sources.set(path, content);
    for (const match of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm)) {
      const imported = match[1]!;
      const relative = imported.startsWith('.');
      if (!relative && !imported.startsWith('@')) throw new Error(`${path} imports ${imported}`);
      open.push(relative ? posix.join(posix.dirname(path), imported) : imported);
    }
  }
  return new Map([...sources].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** @throws Error when one source's licence does not let its compiled form stand in this repository. */
function licenceOf(sources: ReadonlyMap<string, string>): string {
  const licences = new Set<string>();
  for (const [path, content] of sources) {
    const licence = /SPDX-License-Identifier:\s*([^\s*]+)/.exec(content)?.[1] ?? 'no stated licence';
    if (!COMMITTABLE_LICENCES.includes(licence)) throw new Error(`${path} is under ${licence}`);
    licences.add(licence);
  }
  return [...licences].sort().reverse().join(' AND ');
}

function hashSources(sources: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [path, content] of sources) hash.update(`${path}\0${content}\0`);
  return hash.digest('hex');
}
