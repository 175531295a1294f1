import { secureHeaders } from 'hono/secure-headers';

/** Answers are data: no page may frame them, run them or guess their type. /docs sets a policy of its own. */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
  crossOriginResourcePolicy: 'same-origin',
  overwrite: false,
});
