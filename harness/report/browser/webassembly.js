// The kernels in WebAssembly: memory for the matrices, and the modules that the browser can run.
const MODULE_BYTES = 2 ** 20; // left to a module's stack and constants: see build.sh
const PACKED_A_BYTES = 8 * 64 * 256; // mc x kc doubles: see simd.zig
const PAGE_BYTES = 65536;

// Return where the matrices lie in a memory, in bytes; each worker has its own room for packed blocks of A.
function placesOf(n, workers) {
  const matrix = 8 * n * n;
  const a = MODULE_BYTES, b = a + matrix, c = b + matrix, packedB = c + matrix, packedA = packedB + matrix;
  const control = packedA + workers * PACKED_A_BYTES;
  return {a, b, c, packedB, packedA, control, end: control + 64};
}

// Return a memory of a size that never changes.
function newMemory(bytes, shared = false) {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({initial: pages, maximum: pages, shared});
}

// Return a memory that holds A and B at their places.
function memoryWith(n, {a, b}, places, shared) {
  const memory = newMemory(places.end, shared);
  new Float64Array(memory.buffer, places.a, n * n).set(a);
  new Float64Array(memory.buffer, places.b, n * n).set(b);
  return memory;
}

async function instantiate(bytes, memory) {
  return (await WebAssembly.instantiate(bytes, {env: {memory}})).instance.exports;
}

// Return the name of the fastest module with vectors that this browser can run; undefined if it has none.
function vectorModule(modules, suffix = "") {
  return [`relaxed${suffix}`, `simd${suffix}`].find(name => WebAssembly.validate(modules[name]));
}

// Describe the arithmetic of a module with vectors. 1 + 2^-30 has a square with more bits than a double.
function arithmetic(name, exports) {
  if (!name.startsWith("relaxed")) return "without relaxed SIMD";
  return `relaxed SIMD, multiply-adds ${exports.fuses(1 + 2 ** -30) ? "fused" : "not fused"}`;
}

// Return the kernels in WebAssembly on one core. One that this browser cannot run has the reason in `missing`.
async function webAssemblyKernels(n, inputs, modules) {
  const places = placesOf(n, 1), memory = memoryWith(n, inputs, places, false);
  const c = new Float64Array(memory.buffer, places.c, n * n);
  const scalar = await instantiate(modules.scalar, memory);
  const kernels = [{id: "wasm-scalar", c, run: rows => scalar.interchange(places.a, places.b, places.c, n, rows)}];
  const name = vectorModule(modules);
  if (!name) {
    const missing = "this browser's WebAssembly has no SIMD";
    return [...kernels, {id: "wasm-simd", missing}, {id: "wasm-packed", missing}];
  }
  const simd = await instantiate(modules[name], memory), note = arithmetic(name, simd);
  const packed = rows => {
    simd.pack(places.b, places.packedB, n, 0, n);
    simd.multiply(places.a, places.packedB, places.c, places.packedA, n, 0, rows);
  };
  return [
    ...kernels,
    {id: "wasm-simd", c, note, run: rows => simd.interchange(places.a, places.b, places.c, n, rows)},
    {id: "wasm-packed", c, note, run: packed},
  ];
}
