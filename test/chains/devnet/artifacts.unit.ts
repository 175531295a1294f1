import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import { RISK_CONTRACTS, TEST_CONTRACTS } from '../../../chains/contracts/targets.ts';
import { findAnvil } from '../../../chains/devnet/anvil/find-anvil.ts';
import { spawnAnvil } from '../../../chains/devnet/anvil/spawn-anvil.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { BUILD_TARGETS } from '../../../chains/devnet/build/targets.ts';
import { AnvilUnavailableError } from '../../../chains/devnet/errors.ts';

const run = promisify(execFile);

/** Several runs of two compilers; a busy machine takes long. */
const REBUILD_TIMEOUT_MS = 240_000;

describe('compiled contracts', () => {
  it('match a rebuild of their sources', { timeout: REBUILD_TIMEOUT_MS }, async () => {
    const script = join(import.meta.dirname, '..', '..', '..', 'chains', 'devnet', 'build', 'main.ts');
    // In a process of its own: the compilers install handlers for the whole process.
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script, '--check']);
    expect(stdout.trim().split('\n')).toEqual(
      [...BUILD_TARGETS.map(({ contract }) => contract), ...RISK_CONTRACTS, ...TEST_CONTRACTS].map(
        (contract) => `${contract}: matches its sources`,
      ),
    );
  });

  it('say what they were made from, under licences that allow to pass them on', () => {
    const origins = BUILD_TARGETS.map(({ contract }) => builtArtifact(contract)).map((artifact) => [
      artifact.contract,
      artifact.source.package,
      artifact.licence,
      artifact.compiler.split('+')[0],
    ]);
    expect(origins).toEqual([
      ['FluxAggregator', '@chainlink/contracts@0.8.0', 'MIT', '0.6.6'],
      ['EACAggregatorProxy', '@chainlink/contracts@0.8.0', 'MIT', '0.6.6'],
      ['SimpleReadAccessController', '@chainlink/contracts@0.8.0', 'MIT', '0.6.6'],
      ['Flags', '@chainlink/contracts@1.5.0', 'MIT', '0.8.26'],
      ['ArbitrumSequencerUptimeFeed', '@chainlink/contracts@1.5.0', 'MIT AND Apache-2.0', '0.8.26'],
      ['Multicall3', '@chainlink/contracts@1.5.0', 'MIT', '0.8.26'],
      ['DevnetToken', 'breakwater', 'MIT', '0.8.26'],
    ]);
    expect(RISK_CONTRACTS.map((contract) => riskArtifact(contract).licence)).toEqual(
      RISK_CONTRACTS.map(() => 'MIT'),
    );
  });
});

describe('anvil', () => {
  let directory: string;
  let binary: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'breakwater-anvil-'));
    binary = join(directory, 'anvil');
    writeFileSync(binary, '#!/bin/sh\necho no good >&2\nexit 3\n');
    chmodSync(binary, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is taken from the package, else from ANVIL_BIN, else from PATH', () => {
    expect(findAnvil({ ANVIL_BIN: binary }, '/packaged/anvil')).toBe('/packaged/anvil');
    expect(findAnvil({ ANVIL_BIN: binary, PATH: '' }, null)).toBe(binary);
    expect(findAnvil({ PATH: `/nowhere:${directory}` }, null)).toBe(binary);
  });

  it('is named with the remedy where there is none', () => {
    const missing = () => findAnvil({ PATH: '/nowhere' }, null);
    expect(missing).toThrow(AnvilUnavailableError);
    expect(missing).toThrow(/install Foundry .* or set ANVIL_BIN/);
    expect(() => findAnvil({ ANVIL_BIN: '/nowhere/anvil', PATH: directory }, null)).toThrow(
      'ANVIL_BIN: /nowhere/anvil is not an executable file',
    );
  });

  it('that does not start is reported with what it printed', async () => {
    const error = await spawnAnvil(binary, []).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AnvilUnavailableError);
    expect((error as AnvilUnavailableError).details).toEqual({ binary, output: ['no good'] });
    const absent = await spawnAnvil('/nowhere/anvil', []).catch((caught: unknown) => caught);
    expect(absent).toBeInstanceOf(AnvilUnavailableError);
  });
});
