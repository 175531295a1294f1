/** Reads RFC 4180 as its grammar has it: records of fields, quoted ones with doubled quotes. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        if (text[at] !== '"') field += text[at++];
        else if (text[at + 1] === '"') {
          field += '"';
          at += 2;
        } else break;
        if (at > text.length) throw new Error('a quote is not closed');
      }
      at += 1;
    } else {
      while (at < text.length && !',\r\n'.includes(text[at]!)) {
        if (text[at] === '"') throw new Error('a quote inside of a bare field');
        field += text[at++];
      }
    }
    record.push(field);
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) throw new Error('no line end');
    } else if (text.startsWith('\r\n', at)) {
      at += 2;
      records.push(record);
      record = [];
    } else throw new Error(`neither comma nor line end at ${at}`);
  }
  return records;
}
