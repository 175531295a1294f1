// A thread does not inherit the TypeScript loader of its process, so it registers its own first.
import { register } from 'tsx/esm/api';

register();
await import('./forecast-worker.ts');
