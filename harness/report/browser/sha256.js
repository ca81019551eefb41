// SHA-256 of results: the browser's own, or that of the module on a page whose address the browser does not trust.

// Return the digest of doubles in hexadecimal digits.
async function sha256(values, modules) {
  const bytes = new Uint8Array(new Float64Array(values).buffer); // a copy: shared memory is not accepted
  const digest = self.crypto?.subtle ? await crypto.subtle.digest("SHA-256", bytes) : await ownSha256(bytes, modules);
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, "0")).join("");
}

async function ownSha256(bytes, modules) {
  const end = MODULE_BYTES + bytes.length, memory = newMemory(end + 32);
  new Uint8Array(memory.buffer, MODULE_BYTES).set(bytes);
  (await instantiate(modules.scalar, memory)).sha256(MODULE_BYTES, bytes.length, end);
  return memory.buffer.slice(end, end + 32);
}
