import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from '../devnet/artifacts.ts';
import type { RiskContract } from './targets.ts';

const loaded = new Map<string, Artifact>();

/** A contract of this project, compiled by `npm run contracts:build` and committed; read when first asked for. */
export function riskArtifact(contract: RiskContract): Artifact {
  const known = loaded.get(contract);
  if (known) return known;
  const path = join(import.meta.dirname, 'artifacts', `${contract}.json`);
  const artifact = JSON.parse(readFileSync(path, 'utf8')) as Artifact;
  loaded.set(contract, artifact);
  return artifact;
}
