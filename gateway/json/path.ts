/** `['positions', 3, 'size']` as people write it: `positions[3].size`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? shortened(String(part)) : `.${shortened(String(part))}`;
  }
  return text;
}

function shortened(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}...` : name;
}
