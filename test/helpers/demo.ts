import { createLogger } from '../../gateway/app/logger.ts';
import { readEnvironment } from '../../gateway/config/env.ts';
import { parseDemoOptions } from '../../gateway/demo/options.ts';
import { type Demo, startDemo } from '../../gateway/demo/start-demo.ts';
import { Cleanup } from '../../gateway/runtime/cleanup.ts';

export interface TestDemo extends Demo {
  /** Answers of the gateway as JSON. */
  ask(path: string, init?: RequestInit): Promise<{ readonly status: number; readonly body: never }>;
  put(path: string, body: unknown): ReturnType<TestDemo['ask']>;
  /** Stops everything; gives what could not be stopped. */
  close(): Promise<readonly string[]>;
}

/** The whole demo in this process, on free ports. */
export async function startTestDemo(args: readonly string[] = []): Promise<TestDemo> {
  const cleanup = new Cleanup();
  const config = readEnvironment({ LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent' });
  const failures: string[] = [];
  const close = async () => {
    await cleanup.run((name, error) => failures.push(`${name}: ${error}`));
    return failures;
  };
  try {
    const demo = await startDemo({
      // No storm but those that a test begins.
      demo: parseDemoOptions([...args, '--calm', '--port', '0']),
      config,
      logger: createLogger(config.logLevel),
      cleanup,
    });
    const ask: TestDemo['ask'] = async (path, init) => {
      const response = await fetch(`${demo.url}${path}`, init);
      return { status: response.status, body: (await response.json()) as never };
    };
    const put: TestDemo['put'] = (path, body) =>
      ask(path, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    return { ...demo, ask, put, close };
  } catch (error) {
    await close();
    throw error;
  }
}
