"""config.yaml, kernel.yaml and the command line, read strictly into a Config and its kernels."""
