// interchange, with the rows of C shared out evenly over workers that share the matrices.
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { run } from "./driver.mjs";
import { multiplyRows } from "./interchange.mjs";

if (isMainThread) {
  let team = [];
  await run(async (a, b, c, n, rows, threads) => {
    // started by the first repetition, and kept
    while (team.length < threads) team.push(new Worker(fileURLToPath(import.meta.url)));
    await Promise.all(
      team.map((worker, t) => new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
        const [first, last] = [t, t + 1].map((part) => Math.floor((rows * part) / threads));
        worker.postMessage({ a, b, c, n, first, last });
      })),
    );
  });
  for (const worker of team) worker.unref();
} else {
  parentPort.on("message", ({ a, b, c, n, first, last }) => {
    multiplyRows(a, b, c, n, first, last);
    parentPort.postMessage("done");
  });
}
