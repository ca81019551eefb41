// The entry of a worker: it measures, or it is one of those that multiply on all cores.
self.onmessage = async ({data}) => {
  try {
    await (data.task === "join" ? join(data.member) : measure(data));
  } catch (error) {
    postMessage({failed: String(error.message || error)});
  }
};
