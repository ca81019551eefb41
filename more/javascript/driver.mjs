// Started as: node RUNG A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
import { readSync, openSync, closeSync, writeFileSync } from "node:fs";

// The first `count` values of a file, in memory that workers can share.
function load(path, count) {
  const values = new Float64Array(new SharedArrayBuffer(8 * count));
  const bytes = new Uint8Array(values.buffer), file = openSync(path, "r");
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30));
    if (read === 0) throw new Error(`${path}: too short`);
    done += read;
  }
  closeSync(file);
  return values;
}

export async function run(multiply) {
  if (process.argv.length !== 9) throw new Error("usage: A B C n rows threads reps");
  const [aPath, bPath, cPath, ...numbers] = process.argv.slice(2);
  const [n, rows, threads, reps] = numbers.map(Number);
  const a = load(aPath, rows * n), b = load(bPath, n * n);
  const c = new Float64Array(new SharedArrayBuffer(8 * rows * n));
  for (let rep = 0; rep < reps; rep++) {
    const start = process.hrtime.bigint();
    await multiply(a, b, c, n, rows, threads);
    console.log(String(process.hrtime.bigint() - start));
  }
  writeFileSync(cPath, c);
}
