# sh build.sh OUT [ZIG...]: the WebAssembly of the page, into the folder OUT; the same bytes on every machine.
set -eu
out=$1
shift
zig=${*:-python3 -m ziglang}
# the page imports the memory, whose first MiB it leaves to a module: 64 KiB of stack, and constants
common="-target wasm32-freestanding -O ReleaseFast -fstrip -fno-entry -fno-unwind-tables --stack 65536"
common="$common --import-memory --max-memory=268435456"
kernels="--export=interchange --export=pack --export=multiply --export=fuses"

build() { # SOURCE NAME FEATURES OPTION...
  source=$1 name=$2 features=$3
  shift 3
  $zig build-exe $common -mcpu "mvp$features" "$@" -femit-bin="$out/$name.wasm" "$source"
}

build scalar.zig scalar "" --export=interchange --export=sha256
build simd.zig simd +simd128 $kernels
build simd.zig relaxed +simd128+relaxed_simd $kernels
build simd.zig simd-shared +simd128+atomics+bulk_memory $kernels --shared-memory
build simd.zig relaxed-shared +simd128+relaxed_simd+atomics+bulk_memory $kernels --shared-memory
