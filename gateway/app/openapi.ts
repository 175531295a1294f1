import { requiredScope } from '../auth/scopes.ts';
import type { GatewayApp } from './context.ts';
import { addExamples } from './examples/add-examples.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

const DESCRIPTION = `Robust prices, volatility forecasts and margin for DeFi derivatives.

Amounts are decimal strings, exact in both directions. Times are ISO 8601 in UTC and follow market time.
Every risk answer says until when it is valid (\`validUntil\`), whether it may be taken as current
(\`stale\`, with \`reasons\`), and what it was made from. Errors are problem details (RFC 9457).

## Try it

Every operation has an example that runs: open it and press *Test Request*. What only you can sign (approvals, consents) says
so. The examples are those of \`npm run demo\`, which asks for no key:

\`\`\`sh
curl -s http://127.0.0.1:8080/v1/accounts/demo/margin
\`\`\`

To try with keys, make the first one. From then on the gateway asks for a key, the demo too:

\`\`\`sh
curl -s -X POST http://127.0.0.1:8080/v1/keys -H 'Content-Type: application/json' \\
  -d '{"name": "operator", "scopes": ["read", "write", "govern", "admin"]}'
\`\`\`

Put \`secret\` of the answer under *Authentication* here, or send it as \`Authorization: Bearer <key>\`. On a gateway that is
not yours its operator gives you one (\`npm run keys -- create\`). Moments in the examples (\`at\`, \`from\`, \`to\`) are over half a
minute after the demo has started; ids of proposals, keys and webhooks come from the answer that the parameter names.`;

const TAGS = [
  { name: 'prices', description: 'Many sources, one price with a verdict per purpose.' },
  { name: 'forecasts', description: 'The volatility ahead.' },
  { name: 'markets', description: 'What may be held, and what venues know better about it.' },
  { name: 'accounts', description: 'Books pushed by the protocol.' },
  { name: 'margin', description: 'Requirements and status, now and ahead.' },
  { name: 'analysis', description: 'What an account may still do, and what would break it.' },
  { name: 'attestations', description: 'Answers signed for a contract on one chain (EIP-712).' },
  { name: 'modules', description: 'Standard risk modules; a version never changes.' },
  {
    name: 'governance',
    description: 'Parameters in force, proposals to change them, freezes, the audit log.',
  },
  { name: 'consents', description: 'Netting with an account at another protocol, as its owner signed it.' },
  { name: 'chains', description: 'What was published on chain, and decisions taken there.' },
  { name: 'tenants', description: 'API keys of the protocol.' },
  { name: 'webhooks', description: 'Events sent to the protocol, signed and repeated until they arrive.' },
  { name: 'stream', description: 'Changes as they happen.' },
  { name: 'operations', description: 'Health, readiness, metrics.' },
];

/** The OpenAPI 3.1 document of everything registered on the app so far. */
export function openApiDocument(app: GatewayApp, { authenticated }: { authenticated: boolean }) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Breakwater', version: '1', description: DESCRIPTION, license: { name: 'MIT' } },
    servers: [{ url: '/' }],
    tags: TAGS,
    security: authenticated ? [{ apiKey: [] }] : [{}, { apiKey: [] }],
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    if (!path.startsWith('/v1/')) continue;
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const key = { apiKey: [requiredScope(method, path)] };
      operation.security = authenticated ? [key] : [{}, key];
    }
  }
  addExamples(document);
  return document;
}

/** Serves the document at /openapi.json. Call it after every route; each text is made once. */
export function serveOpenApi(app: GatewayApp, options: { authenticated: () => boolean }): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description:
      'API key of a protocol, with scopes; without configured keys the server needs none and serves its own machine.',
  });
  const texts = new Map<boolean, string>();
  app.get('/openapi.json', (c) => {
    const authenticated = options.authenticated();
    const text = texts.get(authenticated) ?? JSON.stringify(openApiDocument(app, { authenticated }));
    texts.set(authenticated, text);
    return c.body(text, 200, { 'Content-Type': 'application/json' });
  });
}
