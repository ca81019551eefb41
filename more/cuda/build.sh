#!/bin/sh
# Builds a rung, or the program of the peak: build.sh OUT SOURCE [OPTIONS]. nvcc is the one on the path, or else that of PyPI's package nvidia-cuda-nvcc,
# whose folder holds the headers and libraries of the other packages too.
set -eu
out=$1 source=$2
shift 2
if ! nvcc=$(command -v nvcc); then
    nvcc=$(python3 -c 'import importlib.util as u; print(u.find_spec("nvidia.cu13").submodule_search_locations[0])' \
        2>/dev/null)/bin/nvcc || true
fi
if [ ! -x "$nvcc" ]; then
    echo "nvcc is not installed: docs/gpu.md" >&2
    exit 1
fi
home=$(dirname "$(dirname "$(readlink -f "$nvcc")")")
# 8.0 also runs on 8.6 and 8.9; later chips compile the last one, in PTX, when the program starts
chips="-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90"
case " $* " in *" -DWARP_GROUPS "*) chips="-gencode arch=compute_90a,code=sm_90a" ;; esac
if [ "$source" = library_cublas.cu ]; then
    # PyPI's package has no name without a version
    library=$(find "$home/lib" -name 'libcublas.so.[0-9]*' 2>/dev/null | head -n 1) || library=
    if [ -n "$library" ]; then
        set -- "$@" -Xlinker "$library" -Xlinker "-rpath=$home/lib"
    else
        set -- "$@" -lcublas
    fi
fi
driver=driver.cu
[ "$source" = peak.cu ] && driver='' # it has a main of its own
# shellcheck disable=SC2086
exec "$nvcc" -O3 -std=c++17 $chips -I"$home/include/cccl" -L"$home/lib" -o "$out" "$source" $driver device.cu "$@"
