import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { LOG_HARX168 } from '../baselines/log-harx168.ts';
import type { ColumnReference } from './feature-monitor.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import type { Network, TrainingOptions } from './train-network.ts';

const FORMAT = 1;
const MANIFEST = 'manifest.json';
const WEIGHTS = 'weights.bin';
/** The form that `sha256sum --check` reads. */
const SUMS = 'SHA256SUMS';
/** The linear model whose residual a network of this code predicts. */
const BASE = `${LOG_HARX168.name} ${LOG_HARX168.version}`;

/** What an artifact says about itself beside its weights. */
export interface ArtifactInfo {
  readonly name: string;
  readonly version: string;
  /** No target of the training data ended after this time. */
  readonly trainedUntilMs: UnixMs;
  readonly assets: readonly string[];
  /** SHA-256 of the data files read, by asset. */
  readonly dataSha256: Readonly<Record<string, string>>;
  readonly options: TrainingOptions;
  readonly seeds: readonly number[];
  /** Backend that trained it. */
  readonly backend: string;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface Artifact {
  readonly info: ArtifactInfo;
  /** Predictions of fixed inputs by the backend that trained it (see probe.ts). */
  readonly probe: readonly number[];
  readonly networks: readonly Network[];
  /** Distribution of every input in the training rows; absent in artifacts of old. */
  readonly reference?: readonly ColumnReference[];
  /** SHA-256 over all of it (that of its list of hashes); the first twelve digits are part of the served version. */
  readonly sha256: string;
}

interface Manifest {
  readonly format: number;
  readonly info: ArtifactInfo;
  /** Name and version of the linear model whose residual it predicts. */
  readonly base: string;
  readonly columns: readonly string[];
  readonly probe: readonly number[];
  readonly reference?: readonly ColumnReference[];
  readonly members: readonly {
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
    readonly shrink: readonly number[];
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly offset: number;
    }[];
  }[];
}

/** An artifact that is absent, damaged or of another make than this code. */
export class ArtifactError extends BreakwaterError {
  override readonly name = 'ArtifactError';
  constructor(dir: string, problem: string, cause?: unknown) {
    super(`model artifact ${dir}: ${problem}`, {
      type: 'bad-model-artifact',
      kind: 'internal',
      details: { dir, problem },
      cause,
    });
  }
}

/**
 * Writes the manifest, the weights (float32, little-endian, in the manifest's order) and last the hashes of both.
 * @returns the artifact's SHA-256
 */
export async function saveArtifact(
  dir: string,
  info: ArtifactInfo,
  networks: readonly Network[],
  probe: readonly number[],
  reference?: readonly ColumnReference[],
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  const members = networks.map((network) => ({
    mean: [...network.statistics.mean],
    deviation: [...network.statistics.deviation],
    shrink: network.shrink,
    weights: [...network.weights].map(([name, { shape, values }]) => {
      const entry = { name, shape, offset };
      chunks.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      offset += values.length;
      return entry;
    }),
  }));
  const bytes = Buffer.concat(chunks);
  const manifest: Manifest = {
    format: FORMAT,
    info,
    base: BASE,
    columns: NETWORK_COLUMNS,
    probe,
    ...(reference === undefined ? {} : { reference }),
    members,
  };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  const sums = sumsOf(text, bytes);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, WEIGHTS), bytes);
  await writeFile(join(dir, MANIFEST), text);
  await writeFile(join(dir, SUMS), sums);
  return sha256Of(sums);
}

function sha256Of(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Its hash is the artifact's: it changes with any byte of any file. */
function sumsOf(manifest: Buffer, weights: Buffer): string {
  return `${sha256Of(manifest)}  ${MANIFEST}\n${sha256Of(weights)}  ${WEIGHTS}\n`;
}

/**
 * Reads an artifact and refuses it when any byte of its files differs from what was saved, when it stands on another
 * linear model or other columns than this code makes, or when a weight has no room. Throws ArtifactError.
 */
export async function loadArtifact(dir: string): Promise<Artifact> {
  const [text, bytes, recorded] = await readFiles(dir);
  const sums = sumsOf(text, bytes);
  if (recorded.toString('latin1') !== sums)
    throw new ArtifactError(dir, `${MANIFEST} or ${WEIGHTS} does not match the hashes of ${SUMS}`);
  const manifest = parse(dir, text);
  if (manifest.base !== BASE)
    throw new ArtifactError(dir, `stands on ${manifest.base ?? 'an unnamed base'}, not on ${BASE}`);
  const same =
    manifest.columns.length === NETWORK_COLUMNS.length &&
    manifest.columns.every((name, k) => name === NETWORK_COLUMNS[k]);
  if (!same) throw new ArtifactError(dir, 'was trained on other columns than this code makes');
  const values = new Float32Array(bytes.byteLength / 4);
  new Uint8Array(values.buffer).set(bytes);
  const networks = manifest.members.map((member) => ({
    statistics: { mean: Float64Array.from(member.mean), deviation: Float64Array.from(member.deviation) },
    shrink: member.shrink,
    weights: new Map(
      member.weights.map(({ name, shape, offset }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        if (offset + size > values.length)
          throw new ArtifactError(dir, `${name} lies beyond the weights file`);
        return [name, { shape, values: values.slice(offset, offset + size) }] as const;
      }),
    ),
  }));
  const { info, probe, reference } = manifest;
  if (reference !== undefined && reference.length !== NETWORK_COLUMNS.length)
    throw new ArtifactError(dir, 'does not describe the inputs of every column');
  return { info, probe, networks, sha256: sha256Of(sums), ...(reference === undefined ? {} : { reference }) };
}

async function readFiles(dir: string): Promise<readonly [Buffer, Buffer, Buffer]> {
  try {
    const [manifest, weights, sums] = await Promise.all(
      [MANIFEST, WEIGHTS, SUMS].map((name) => readFile(join(dir, name))),
    );
    return [manifest!, weights!, sums!];
  } catch (error) {
    throw new ArtifactError(dir, 'cannot be read', error);
  }
}

function parse(dir: string, text: Buffer): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text.toString('utf8')) as Manifest;
  } catch (error) {
    throw new ArtifactError(dir, `${MANIFEST} is no JSON`, error);
  }
  if (manifest.format !== FORMAT)
    throw new ArtifactError(dir, `format ${manifest.format}, this code reads ${FORMAT}`);
  return manifest;
}
