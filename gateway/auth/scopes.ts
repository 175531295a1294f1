/** What a key may do. A scope implies no other. */
export const SCOPES = ['read', 'write', 'govern', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES);

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** Routes whose scope is not that of their method; the first that matches counts. `*` stands for one segment. */
const EXCEPTIONS: readonly (readonly [methods: string, pattern: string, scope: Scope])[] = [
  // They compute and store nothing.
  ['POST', '/v1/margin/simulate', 'read'],
  ['POST', '/v1/accounts/*/margin/simulate', 'read'],
  ['POST', '/v1/modules/*/*/shadow', 'read'],
  // What is signed can move value on chain.
  ['GET', '/v1/attestations/*/*', 'write'],
  ['GET', '/v1/attestations/*/*/*', 'write'],
  ['POST', '/v1/proposals', 'govern'],
  ['POST', '/v1/proposals/*/approvals', 'govern'],
  ['POST', '/v1/proposals/*/veto', 'govern'],
  ['POST', '/v1/publications', 'govern'],
  // What an account need not hold is a decision about risk. A revocation is the owner's, and needs no more than `write`.
  ['POST', '/v1/consents', 'govern'],
  ['DELETE', '/v1/consents/*', 'govern'],
  ['POST DELETE', '/v1/markets/*/freeze', 'govern'],
  ['GET', '/v1/audit', 'govern'],
  ['GET POST', '/v1/keys', 'admin'],
  ['POST', '/v1/keys/*/rotate', 'admin'],
  ['DELETE', '/v1/keys/*', 'admin'],
  ['GET POST', '/v1/webhooks', 'admin'],
  ['DELETE', '/v1/webhooks/*', 'admin'],
  ['GET', '/v1/webhooks/*/deliveries', 'admin'],
  ['POST', '/v1/webhooks/*/deliveries/*/replay', 'admin'],
];

const RULES = EXCEPTIONS.map(([methods, pattern, scope]) => ({
  methods: new Set(methods.split(' ')),
  path: new RegExp(`^${pattern.replaceAll('*', '[^/]+')}$`),
  scope,
}));

/**
 * Scope that a request needs, by its path or the pattern of its route. Without an exception reading needs `read` and
 * everything else `write`, so that a new route is never open by mistake.
 */
export function requiredScope(method: string, path: string): Scope {
  const name = method === 'HEAD' ? 'GET' : method.toUpperCase();
  const rule = RULES.find(({ methods, path: pattern }) => methods.has(name) && pattern.test(path));
  return rule?.scope ?? (name === 'GET' ? 'read' : 'write');
}
