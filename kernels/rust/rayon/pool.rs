// The threads of the rungs that use rayon. (Rungs without a crate do not see this file.)
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::OnceLock;

// `threads` threads, started by the first call and kept from then on.
pub fn pool(threads: usize) -> &'static ThreadPool {
    static POOL: OnceLock<ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| ThreadPoolBuilder::new().num_threads(threads).build().expect("threads of rayon"))
}
