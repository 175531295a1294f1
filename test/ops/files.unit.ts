import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jobRuns } from '../../gateway/app/job-runs.ts';
import { VARIABLES } from '../../gateway/config/env.ts';
import { createWorld } from '../gateway/support/gateway.ts';

const ROOT = join(import.meta.dirname, '../..');
const OPS = join(ROOT, 'ops');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
const rules = (parse(read('ops/prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('ops/grafana/dashboard.json')) as {
  panels: { type: string; title: string; targets?: { expr: string }[] }[];
};
const compose = parse(read('ops/compose.yaml'), { merge: true }) as {
  services: Record<
    string,
    {
      user?: string;
      build?: { context: string; dockerfile: string };
      command?: string[];
      environment?: Record<string, string>;
      secrets?: string[];
      volumes?: string[];
      depends_on?: Record<string, unknown>;
    }
  >;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
};

describe('alerts and dashboard', () => {
  /** Every metric of an answer of /metrics, with its labels. */
  const told = new Map<string, string>();
  beforeAll(async () => {
    const operations = {
      figures: async () => ({ backlog: null, queues: null }),
      chains: () => [],
      runs: jobRuns(),
      queues: () => Promise.reject(new Error('not here')),
    };
    const { app } = createWorld({ override: (ports) => ({ ...ports, operations }) });
    const text = await (await app.request('/metrics')).text();
    for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) told.set(name!, type!);
  });

  const metricsOf = (expression: string) => [
    ...new Set([...expression.matchAll(/\b(?:breakwater|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name)),
  ];
  const isTold = (name: string) =>
    told.has(name) || told.get(name.replace(/_(bucket|count|sum)$/, '')) === 'histogram';

  test('every alert reads metrics that a gateway tells', () => {
    expect(rules.length).toBeGreaterThan(15);
    for (const { alert, expr } of rules) {
      const names = metricsOf(expr);
      expect(names.length > 0 || expr.startsWith('up{'), alert).toBe(true);
      expect(
        names.filter((name) => !isTold(name)),
        alert,
      ).toEqual([]);
    }
  });

  test('every panel reads metrics that a gateway tells', () => {
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(panels.length).toBeGreaterThan(15);
    for (const { title, targets = [] } of panels) {
      const names = targets.flatMap(({ expr }) => metricsOf(expr));
      expect(names.length, title).toBeGreaterThan(0);
      expect(
        names.filter((name) => !isTold(name)),
        title,
      ).toEqual([]);
    }
  });

  test('every runbook names metrics that a gateway or a worker tells', () => {
    for (const file of readdirSync(join(ROOT, 'docs/runbooks'))) {
      const names = metricsOf(read(`docs/runbooks/${file}`));
      expect(
        names.filter((name) => !isTold(name)),
        file,
      ).toEqual([]);
    }
  });

  test('runs of jobs have panels and alerts for their time, failures, dead letters and the sweep', async () => {
    const runs = jobRuns();
    for (const outcome of ['done', 'retried', 'failed'] as const) runs.observe('margin-sweep', outcome, 1);
    const { values } = await runs.metric.get();
    const labels = new Set(values.flatMap((value) => Object.keys(value.labels)));
    const outcomes = new Set(values.map((value) => value.labels.outcome));
    const read = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ];
    const ofRuns = read.filter((expr) => expr.includes('breakwater_job_duration_seconds'));
    expect(ofRuns.length).toBeGreaterThan(6);
    for (const expr of ofRuns) {
      const filters = [...expr.matchAll(/breakwater_job_duration_seconds_\w+\{([^}]*)\}/g)].map(
        ([, all]) => all!,
      );
      for (const [, label, value] of filters.join(',').matchAll(/(\w+)!?="([^"]*)"/g)) {
        expect(labels, expr).toContain(label);
        if (label === 'outcome') expect(outcomes, expr).toContain(value);
      }
      for (const [, group] of expr.matchAll(/ by \(([^)]*)\)/g))
        for (const label of group!.split(', ')) expect(labels, expr).toContain(label);
    }
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(['JobsFailing', 'JobsSlow', 'DeadLetters', 'SweepLag', 'QueueBacklog']),
    );
  });

  test('every metric of ours is documented, and nothing else is', () => {
    const documented = [...read('docs/runbooks/README.md').matchAll(/^\| `(breakwater_[a-z0-9_]+)` \|/gm)];
    const own = [...told.keys()].filter((name) => name.startsWith('breakwater_'));
    expect(documented.map(([, name]) => name!).sort()).toEqual(own.sort());
  });

  test('every alert has a page with its expression and severity, and every page an alert', () => {
    const pages = readdirSync(join(ROOT, 'docs/runbooks')).filter((file) => file !== 'README.md');
    expect(rules.map(({ annotations }) => annotations.runbook).sort()).toEqual(
      pages.map((file) => `docs/runbooks/${file}`).sort(),
    );
    const index = read('docs/runbooks/README.md');
    for (const { alert, expr, labels, annotations } of rules) {
      const page = read(annotations.runbook);
      expect(page.startsWith(`# ${alert}\n`), alert).toBe(true);
      expect(page, alert).toContain(`\`\`\`\n${expr}\n\`\`\``);
      expect(page, alert).toContain(`Severity: ${labels.severity}.`);
      for (const part of ['## What it means', '## What callers see', '## Look', '## Do']) {
        expect(page, alert).toContain(part);
      }
      expect(index, alert).toContain(`[${alert}](${annotations.runbook.split('/').at(-1)})`);
      expect(['info', 'warning', 'critical']).toContain(labels.severity);
    }
  });

  test('parentheses, braces and quotes of every expression are closed', () => {
    const all = [
      ...rules.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ];
    for (const expression of all) {
      const count = (sign: string) => expression.split(sign).length - 1;
      expect([
        count('(') - count(')'),
        count('{') - count('}'),
        count('[') - count(']'),
        count('"') % 2,
      ]).toEqual([0, 0, 0, 0]);
    }
  });
});

/** References of network files, which an operator may give beside our own variables. */
const NETWORK_VARIABLES = new Set(
  readdirSync(join(OPS, 'networks')).flatMap((file) => {
    const text = read(`ops/networks/${file}`);
    return [
      ...[...text.matchAll(/\$\{([A-Z0-9_]+)\}/g)].map(([, name]) => name!),
      ...[...text.matchAll(/"apiKeyEnv": *"([A-Z0-9_]+)"/g)].map(([, name]) => name!),
    ];
  }),
);
const isVariable = (name: string) => {
  const plain = VARIABLES.includes(name) ? name : name.replace(/_FILE$/, '');
  return VARIABLES.includes(plain) || NETWORK_VARIABLES.has(plain) || plain === 'NODE_ENV';
};

describe('compose file and image', () => {
  const own = ['gateway', 'worker'];
  const dockerfile = read('ops/Dockerfile');

  test('have the six services; each runs as a user without privileges', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'gateway',
      'grafana',
      'postgres',
      'prometheus',
      'redis',
      'worker',
    ]);
    expect(dockerfile).toMatch(/^USER node$/m);
    for (const [name, { user }] of Object.entries(compose.services)) {
      if (own.includes(name)) expect(user, name).toBeUndefined();
      else expect(user, name).toMatch(/^(postgres|redis|nobody|grafana)$/);
    }
  });

  test('name variables that the service reads, and secrets that are declared', () => {
    for (const name of own) {
      const { environment = {}, secrets = [] } = compose.services[name]!;
      expect(
        Object.keys(environment).filter((variable) => !isVariable(variable)),
        name,
      ).toEqual([]);
      for (const value of Object.values(environment)) {
        const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
        if (secret !== undefined) expect(secrets, name).toContain(secret);
      }
      expect(environment.NETWORK_FILE).toContain('ops/networks/ethereum.json');
    }
    const used = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets);
    expect([...new Set(used)].sort()).toEqual(Object.keys(compose.secrets).sort());
    const guide = read('ops/README.md');
    for (const secret of Object.keys(compose.secrets)) expect(guide).toContain(`> ${secret}`);
    expect(read('.gitignore')).toMatch(/^ops\/secrets$/m);
  });

  test('point at files that exist', () => {
    for (const { volumes = [], build, command = [] } of Object.values(compose.services)) {
      for (const [source] of volumes.map((volume) => volume.split(':'))) {
        if (source!.startsWith('.')) expect(existsSync(join(OPS, source!)), source).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      if (build) expect(existsSync(join(OPS, build.context, build.dockerfile))).toBe(true);
      const entry = command.find((part) => part.endsWith('.ts'));
      if (entry !== undefined) expect(existsSync(join(ROOT, entry)), entry).toBe(true);
    }
    for (const [, sources] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const source of sources!.split(' ')) expect(existsSync(join(ROOT, source)), source).toBe(true);
    }
  });

  test('the image holds every folder that the programs import from', () => {
    const copied = [...dockerfile.matchAll(/^COPY ([a-z]+) \.\/\1$/gm)].map(([, folder]) => folder);
    const needed = ['risk', 'oracles', 'models', 'chains', 'db', 'jobs', 'gateway', 'docs'];
    expect(copied.sort()).toEqual(needed.sort());
    const ignored = read('.dockerignore').split('\n').filter(Boolean);
    expect(needed.filter((folder) => ignored.includes(folder))).toEqual([]);
    for (const variable of /^ENV HOST=.*$/m.exec(dockerfile)![0].slice(4).split(' ')) {
      expect(isVariable(variable.split('=')[0]!), variable).toBe(true);
    }
  });
});

describe('the other files', () => {
  test('every YAML file parses', () => {
    const files = (folder: string): string[] =>
      readdirSync(folder).flatMap((name) => {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) return files(path);
        return /\.ya?ml$/.test(name) ? [path] : [];
      });
    const all = files(OPS);
    expect(all.length).toBeGreaterThanOrEqual(5);
    for (const file of all)
      expect(parse(readFileSync(file, 'utf8'), { merge: true }), file).toBeTypeOf('object');
  });

  test('Prometheus loads the rules, and opens /metrics with the key that compose gives it', () => {
    const path = 'ops/prometheus/prometheus.yml';
    const { rule_files, scrape_configs } = parse(read(path)) as {
      rule_files: string[];
      scrape_configs: {
        job_name: string;
        authorization: { credentials_file: string };
        dns_sd_configs: { names: string[]; port: number }[];
      }[];
    };
    for (const file of rule_files) expect(existsSync(join(ROOT, dirname(path), file))).toBe(true);
    expect(scrape_configs.map(({ job_name }) => job_name)).toEqual([
      'breakwater-gateway',
      'breakwater-worker',
    ]);
    for (const { authorization, dns_sd_configs } of scrape_configs) {
      const secret = authorization.credentials_file.split('/').at(-1)!;
      expect(compose.services.prometheus!.secrets).toContain(secret);
      for (const { names } of dns_sd_configs) {
        for (const name of names) {
          expect(compose.services[name]!.environment!.METRICS_KEY_SHA256_FILE).toBe(
            `/run/secrets/${secret}_sha256`,
          );
        }
      }
    }
    expect(scrape_configs[1]!.dns_sd_configs[0]!.port).toBe(
      Number(compose.services.worker!.environment!.METRICS_PORT),
    );
  });

  test.each(['gateway', 'worker'])(
    'the unit of the %s names variables and credentials that exist',
    (name) => {
      const unit = read(`ops/systemd/breakwater-${name}.service`);
      const credentials = [...unit.matchAll(/^LoadCredential=([a-z0-9_]+):/gm)].map(([, id]) => id);
      for (const [, variable, value] of unit.matchAll(/^Environment=([A-Z0-9_]+)=(.*)$/gm)) {
        expect(isVariable(variable!), variable).toBe(true);
        const credential = /^%d\/(.+)$/.exec(value!)?.[1];
        if (credential !== undefined) expect(credentials).toContain(credential);
      }
      const entry = /^ExecStart=\S+ --import tsx (\S+)$/m.exec(unit)![1]!;
      expect(existsSync(join(ROOT, entry))).toBe(true);
      for (const setting of [
        'User=breakwater',
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'CapabilityBoundingSet=',
      ]) {
        expect(unit).toMatch(new RegExp(`^${setting}$`, 'm'));
      }
    },
  );
});
