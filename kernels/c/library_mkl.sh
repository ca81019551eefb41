# library_mkl.sh COMPILER [ARGUMENT ...]: compiles, and links with MKL from the Python environment that is first on
# the path. MKL is named by its file, since the package has no link libmkl_rt.so for -lmkl_rt to find.
set -eu
folder=$(python3 -c 'import sys; print(sys.prefix + "/lib")')
for library in "$folder"/libmkl_rt.so.*; do :; done
# -Xlinker takes a path as it is, where -Wl would split it at a comma
exec "$@" "$library" -Xlinker -rpath -Xlinker "$folder"
