"""Before measuring: toolchains made ready, kernels built and checked, inputs made."""
