# sh build.sh OUT FOLDER SOURCE FLAGS...: ocamlopt writes beside its sources, so they are copied to where it may.
set -eu
out=$1 folder=$2 source=$3
shift 3
cp clock.c driver.ml "$source" "$folder"
cd "$folder"
ocamlopt "$@" -I +unix -o "$out" clock.c driver.ml "$source"
