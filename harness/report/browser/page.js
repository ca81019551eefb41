// The section "Your machine": starts the worker, checks each digest, and fills the table. Nothing leaves the page.
(() => {
  const section = document.getElementById("browser");
  if (!section) return;
  const {inputs, modules, repetitions, fastest} = JSON.parse(section.dataset.setup);
  const button = section.querySelector("button"), select = section.querySelector("select");
  const status = section.querySelector("[role=status]"), summary = section.querySelector(".summary");
  const rows = new Map([...section.querySelectorAll("tr[data-kernel]")].map(row => [row.dataset.kernel, row]));
  let worker = null, address = "", n = 0, kernels = new Map();

  const cell = (id, name) => rows.get(id).querySelector(`[data-cell=${name}]`);
  const bytesOf = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const gflopsOf = ms => (2 * n ** 3) / ms / 1e6;
  const isVerified = kernel => kernel.times.length > 0 && !kernel.wrong;
  const medianMs = id => medianOf(kernels.get(id).times).value;

  const end = sentence => {
    worker?.terminate();
    URL.revokeObjectURL(address);
    worker = null;
    button.textContent = "Measure";
    select.disabled = false;
    status.textContent = sentence;
  };

  const start = () => {
    kernels = new Map([...rows.keys()].map(id => [id, {times: [], stepMs: 0, rows: 0, wrong: false, note: ""}]));
    for (const row of rows.values()) for (const one of row.querySelectorAll("[data-cell]")) one.textContent = "–";
    summary.textContent = "";
    section.querySelector(".wide").hidden = false;
    button.textContent = "Stop";
    select.disabled = true;
    address = URL.createObjectURL(new Blob([section.dataset.worker], {type: "text/javascript"}));
    const started = (worker = new Worker(address));
    worker.onmessage = ({data}) => started === worker && receive(data); // not what a stopped one had sent before
    worker.onerror = event => end(`The measurement failed: ${event.message || "the worker did not start"}.`);
    const decoded = Object.fromEntries(Object.entries(modules).map(([name, text]) => [name, bytesOf(text)]));
    worker.postMessage({task: "measure", inputs, modules: decoded, repetitions, size: Number(select.value)});
  };

  const receive = message => {
    if (message.failed) return end(`The measurement failed: ${message.failed}.`);
    if (message.n) n = message.n;
    if (message.progress) status.textContent = `Measuring: ${message.progress}.`;
    if (message.missing) cell(message.kernel, "how").textContent = message.missing;
    if (message.note) kernels.get(message.kernel).note = message.note;
    if (message.digest) addRepetition(message);
    if (message.done) finish();
  };

  const addRepetition = ({kernel: id, ms, stepMs, rows: count, digest}) => {
    const kernel = kernels.get(id);
    kernel.times.push(ms);
    kernel.stepMs = stepMs;
    kernel.rows = count;
    kernel.wrong ||= digest !== inputs[n].digests[count];
    if (kernel.wrong) cell(id, "how").textContent = "wrong: the SHA-256 of its result is not the expected one";
  };

  const finish = () => {
    const verified = [...kernels.keys()].filter(id => isVerified(kernels.get(id)));
    const best = verified.reduce((one, other) => (medianMs(other) < medianMs(one) ? other : one), verified[0]);
    for (const id of verified) showRow(id, medianMs(best));
    summary.textContent = summaryOf(verified, best);
    const wrong = [...kernels.values()].filter(kernel => kernel.wrong).length;
    end(wrong ? `Done, n = ${n}: ${wrong} wrong.` : `Done, n = ${n}: all results verified.`);
  };

  const showRow = (id, bestMs) => {
    const {times, stepMs, rows: count, note} = kernels.get(id), {value, low, high} = medianOf(times);
    const gflops = gflopsOf(value);
    const there = Number(rows.get(id).dataset.gflops);
    cell(id, "time").textContent = duration(value) + (count < n ? " est." : "");
    cell(id, "interval").textContent = spread({value, low: low - stepMs, high: high + stepMs});
    cell(id, "gflops").textContent = significant(gflops);
    cell(id, "share").textContent = significant((100 * bestMs) / value);
    if (there) cell(id, "relative").textContent = significant(gflops / there);
    const how = count < n ? `estimated from ${count} of ${n} rows` : "measured whole";
    cell(id, "how").textContent = [`${how}, verified`, note].filter(Boolean).join("; ");
  };

  // Return the ratio of two kernels' times, round by round, in words.
  const ratioOf = (slow, fast) => {
    const over = kernels.get(slow), under = kernels.get(fast);
    const ratio = medianOf(over.times.map((ms, round) => ms / under.times[round]));
    return ratioWithInterval(ratio) + (Math.min(over.rows, under.rows) < n ? ", est." : ".");
  };

  const summaryOf = (verified, best) => {
    const sentences = [];
    const fastestOf = prefix => verified.filter(id => id.startsWith(prefix) && id !== "wasm-packed-all")
      .sort((one, other) => medianMs(one) - medianMs(other))[0];
    const script = fastestOf("js-"), module = fastestOf("wasm-");
    if (script && module)
      sentences.push(`WebAssembly over JavaScript, the fastest of each on one core: ${ratioOf(script, module)}`);
    if (verified.includes("js-interchange") && verified.includes("wasm-scalar"))
      sentences.push(`With the same loops: ${ratioOf("js-interchange", "wasm-scalar")}`);
    if (best && fastest) {
      const share = (100 * gflopsOf(medianMs(best))) / fastest.gflops;
      const there = `${fastest.name}: ${significant(fastest.gflops)} GFLOPS at n = ${fastest.n}`;
      sentences.push(`The fastest here reaches ${significant(share)}% of this page's fastest, ${there}.`);
    }
    return sentences.join(" ");
  };

  button.addEventListener("click", () => {
    if (worker) return end("Stopped.");
    try {
      start();
    } catch (error) {
      end(`The measurement failed: ${error.message}.`);
    }
  });
  section.hidden = false;
})();
