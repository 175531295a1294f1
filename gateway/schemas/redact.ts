/**
 * Addresses may carry credentials (RPC keys in paths, passwords in user info), and messages of clients quote
 * them: none leaves the process.
 */
export function withoutAddresses(text: string): string {
  return text.replace(/(?:https?|wss?|postgres(?:ql)?|rediss?):\/\/[^\s'")\],]+/gi, '<address>');
}
