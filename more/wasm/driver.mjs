// Started as: node driver.mjs MODULE A B C n rows threads reps. The matrices lie in the module's memory.
import { readSync, readFileSync, openSync, closeSync, writeFileSync } from "node:fs";

if (process.argv.length !== 10) throw new Error("usage: MODULE A B C n rows threads reps");
const [modulePath, aPath, bPath, cPath, ...numbers] = process.argv.slice(2);
const [n, rows, , reps] = numbers.map(Number);
const { instance } = await WebAssembly.instantiate(readFileSync(modulePath));
const { memory, multiply, __heap_base } = instance.exports;

const a = Math.ceil(__heap_base.value / 64) * 64, b = a + 8 * rows * n, c = b + 8 * n * n, end = c + 8 * rows * n;
memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / 65536)));

function load(path, place, count) {
  const bytes = new Uint8Array(memory.buffer, place, 8 * count), file = openSync(path, "r");
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done);
    if (read === 0) throw new Error(`${path}: too short`);
    done += read;
  }
  closeSync(file);
}

load(aPath, a, rows * n);
load(bPath, b, n * n);
for (let rep = 0; rep < reps; rep++) {
  const start = process.hrtime.bigint();
  multiply(a, b, c, n, rows);
  console.log(String(process.hrtime.bigint() - start));
}
writeFileSync(cPath, new Uint8Array(memory.buffer, c, 8 * rows * n));
