import { type Artifact, ArtifactError, loadArtifact } from '../../models/network/artifact.ts';
import { SHIPPED_ARTIFACT_DIR } from '../../models/serving/load-models.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { type Finding, findingsOf, inWords } from './finding.ts';

const { ok, warning, failed } = findingsOf('model');

/** The walk-forward tests hold a model for at most this long before it is trained again (docs/forecast.md). */
const OLD_MS = 730 * 86_400_000;

function describe(subject: string, { info, sha256, networks }: Artifact, nowMs: UnixMs): Finding {
  const until = new Date(info.trainedUntilMs).toISOString().slice(0, 10);
  const ageMs = nowMs - info.trainedUntilMs;
  const detail = `${info.name} ${info.version}, SHA-256 ${sha256.slice(0, 12)} as recorded, ${networks.length} members, trained until ${until} (${inWords(Math.abs(ageMs))} ${ageMs < 0 ? 'ahead' : 'ago'})`;
  if (ageMs < 0) {
    const action =
      'an artifact must not know the future of the market that it serves; check the clock and the artifact';
    return failed(subject, detail, action);
  }
  if (ageMs > OLD_MS) return warning(subject, detail, 'train a new one (npm run train) and run it in shadow');
  return ok(subject, detail);
}

/** Reads the artifact that ships and the candidate, with their hashes. `nowMs` is market time. */
export async function checkModels(
  nowMs: UnixMs,
  candidateDir: string | null,
  artifactDir = SHIPPED_ARTIFACT_DIR,
): Promise<readonly Finding[]> {
  const look = async (subject: string, dir: string, without: string): Promise<Finding> => {
    try {
      return describe(subject, await loadArtifact(dir), nowMs);
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      return failed(subject, String(error.details.problem), `restore ${dir}; ${without}`);
    }
  };
  const found = [await look('artifact', artifactDir, 'until then logHARX168 serves')];
  if (candidateDir !== null) {
    found.push(await look('candidate', candidateDir, 'until then nothing runs in shadow'));
  }
  return found;
}
