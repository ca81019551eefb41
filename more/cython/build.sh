# sh build.sh OUT SOURCE FLAGS...: SOURCE becomes C, and the C a module of Python in the folder OUT.
set -eu
out=$1 source=$2
shift 2
mkdir -p "$out"
name=${source%.pyx}
cython -3 "$source" -o "$out/$name.c"
include=$(python3 -c "import sysconfig; print(sysconfig.get_path('include'))")
gcc "$@" -fopenmp -shared -fPIC -I"$include" "$out/$name.c" -o "$out/$name.so"
