// The packed kernel on all cores: workers that share one memory, where the browser allows that.
const TILE = 4; // rows and columns of a tile of C: see simd.zig

// Wait until all workers are here. control[0] counts those that have arrived, control[1] the meetings.
function meet(control, workers) {
  const meeting = Atomics.load(control, 1);
  if (Atomics.add(control, 0, 1) === workers - 1) {
    Atomics.store(control, 0, 0);
    Atomics.add(control, 1, 1);
    Atomics.notify(control, 1);
  } else while (Atomics.load(control, 1) === meeting) Atomics.wait(control, 1, meeting);
}

// Return where the part of a worker begins: tiles are divided evenly.
const partBegins = (count, index, workers) => TILE * Math.floor(((count / TILE) * index) / workers);

// Return a function with which a worker does its part of one product. control[2] is the number of rows.
async function partOfProduct({bytes, memory, n, index, workers}) {
  const places = placesOf(n, workers), packedA = places.packedA + index * PACKED_A_BYTES;
  const control = new Int32Array(memory.buffer, places.control, 3);
  const {pack, multiply} = await instantiate(bytes, memory);
  const part = count => [partBegins(count, index, workers), partBegins(count, index + 1, workers)];
  return () => {
    meet(control, workers);
    pack(places.b, places.packedB, n, ...part(n));
    meet(control, workers);
    multiply(places.a, places.packedB, places.c, packedA, n, ...part(control[2]));
    meet(control, workers);
  };
}

// Do this worker's part of every product, until the page ends it.
async function join(member) {
  const work = await partOfProduct(member);
  postMessage("ready");
  for (;;) work();
}

function startWorker(member) {
  const worker = new Worker(self.location.href);
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = () => reject(new Error("a worker did not start"));
    worker.postMessage({task: "join", member});
  });
}

// Return the packed kernel on all cores, or the reason why there is none.
async function allCoresKernel(n, inputs, modules) {
  const id = "wasm-packed-all";
  if (!self.crossOriginIsolated) return {id, missing: "one core only: workers of this page may not share memory"};
  const name = vectorModule(modules, "-shared");
  if (!name) return {id, missing: "this browser's WebAssembly has no SIMD"};
  const workers = Math.min(navigator.hardwareConcurrency, n / TILE);
  const places = placesOf(n, workers), memory = memoryWith(n, inputs, places, true);
  const member = index => ({bytes: modules[name], memory, n, index, workers});
  await Promise.all(Array.from({length: workers - 1}, (_, i) => startWorker(member(i + 1))));
  const work = await partOfProduct(member(0));
  const control = new Int32Array(memory.buffer, places.control, 3);
  const run = rows => {
    control[2] = rows;
    work();
  };
  return {id, c: new Float64Array(memory.buffer, places.c, n * n), note: `${workers} workers`, run};
}
