/** With BREAKWATER_REQUIRE_SERVICES=1 a service that is not there is a failure, not a skip. */
export const servicesRequired = process.env.BREAKWATER_REQUIRE_SERVICES === '1';

/**
 * What to do without a service: prints the skip with its reason, or throws where skips are not allowed.
 * @returns null, so that a helper can return it.
 */
export function unavailable(service: string, reason: string): null {
  if (servicesRequired) throw new Error(`${service} is required (BREAKWATER_REQUIRE_SERVICES=1): ${reason}`);
  console.warn(`SKIPPED: tests that need ${service}: ${reason}`);
  return null;
}
