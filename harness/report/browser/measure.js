// How kernels are measured: a pilot chooses n and the rows, then all kernels run in rounds.
const MIN_REPETITION_MS = 50; // far above the resolution of a browser's clock, which may be 1 ms
const MAX_CALL_MS = 400; // a slower product is estimated from some of its rows
const MAX_PILOT_MS = 2000; // for a product of JavaScript's unit-stride loops at the chosen n
const ROW_STEP = 4; // the page carries digests for n rows, and for a 4th, a 16th and a 64th of them
const MIN_ROW_SHARE = 1 / 64;

// Return the step of the browser's clock in milliseconds, which browsers make coarse on purpose.
function clockStep() {
  const start = performance.now();
  let now = start;
  while (now === start) now = performance.now();
  return now - start;
}

// Return the milliseconds of some calls.
function timeCalls(kernel, rows, calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) kernel.run(rows);
  return performance.now() - start;
}

// Return the milliseconds of a call, from twice as many calls until they are long enough for the clock.
function timeCall(kernel, rows) {
  for (let calls = 1; ; calls *= 2) {
    const ms = timeCalls(kernel, rows, calls);
    if (ms >= MIN_REPETITION_MS) return ms / calls;
  }
}

// Return the largest n of which JavaScript's unit-stride loops make a product in MAX_PILOT_MS.
function chooseSize(inputs) {
  const sizes = Object.keys(inputs).map(Number), n = Math.min(...sizes);
  const kernel = javaScriptKernels(n, makeInputs(n, inputs[n])).find(one => one.id === "js-interchange");
  const ms = timeCall(kernel, n);
  return Math.max(n, ...sizes.filter(size => ms * (size / n) ** 3 <= MAX_PILOT_MS));
}

// Return how many rows a kernel computes in a call, and how many calls make a repetition.
function pilot(kernel, n) {
  let rows = n * MIN_ROW_SHARE, ms = timeCall(kernel, rows);
  while (rows < n && ms * ROW_STEP <= MAX_CALL_MS) {
    rows *= ROW_STEP;
    ms = timeCall(kernel, rows);
  }
  return {rows, calls: Math.ceil(MIN_REPETITION_MS / ms)};
}

async function kernelsFor(n, inputs, modules) {
  if (typeof WebAssembly === "undefined") {
    const ids = ["wasm-scalar", "wasm-simd", "wasm-packed", "wasm-packed-all"];
    return [...javaScriptKernels(n, inputs), ...ids.map(id => ({id, missing: "this browser has no WebAssembly"}))];
  }
  return [
    ...javaScriptKernels(n, inputs),
    ...(await webAssemblyKernels(n, inputs, modules)),
    await allCoresKernel(n, inputs, modules).catch(error => ({id: "wasm-packed-all", missing: error.message})),
  ];
}

// Measure all kernels, and send each repetition to the page: the milliseconds of a
// product, how many of them are a step of the clock, and the digest of the result.
async function measure({inputs, modules, repetitions, size}) {
  postMessage({progress: "choosing n"});
  const n = size || chooseSize(inputs);
  postMessage({progress: `making the inputs, n = ${n}`, n});
  const kernels = await kernelsFor(n, makeInputs(n, inputs[n]), modules);
  for (const {id, missing, note} of kernels) postMessage({kernel: id, missing, note});
  const stepMs = clockStep();
  const present = kernels.filter(kernel => !kernel.missing);
  postMessage({progress: "a pilot of each kernel"});
  for (const kernel of present) Object.assign(kernel, pilot(kernel, n));
  for (let round = 0; round < repetitions; round++) {
    postMessage({progress: `round ${round + 1} of ${repetitions}`});
    for (const kernel of present) {
      const {id, c, rows, calls} = kernel;
      c.fill(NaN); // so that nothing is left of the repetition before
      const products = (calls * rows) / n;
      const ms = timeCalls(kernel, rows, calls) / products;
      const digest = await sha256(c.subarray(0, rows * n), modules);
      postMessage({kernel: id, ms, stepMs: stepMs / products, rows, digest});
    }
  }
  postMessage({done: true});
}
