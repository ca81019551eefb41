# sh cargo.sh fetch FOLDER DEPS: gets the crates that FOLDER's lock file names into DEPS.
# sh cargo.sh build FOLDER DEPS OUT BIN FLAGS...: builds a program of FOLDER into OUT, from DEPS alone, without a network.
set -eu
command=$1 manifest=$2/Cargo.toml deps=$3
shift 3
export CARGO_HOME="$deps/home"
if [ "$command" = fetch ]; then
  exec cargo vendor --locked --manifest-path "$manifest" "$deps/vendor"
fi
out=$1 bin=$2
shift 2
export RUSTFLAGS="$*"
features=
if grep -q '^avx512 = ' "$manifest" && grep -qw avx512f /proc/cpuinfo; then features=avx512; fi
cargo build --release --locked --offline --features "$features" \
  --config 'source.crates-io.replace-with="vendored"' --config "source.vendored.directory=\"$deps/vendor\"" \
  --manifest-path "$manifest" --bin "$bin" --target-dir "$deps/target"
# a program for another CPU is in a folder of its own
mv "$deps/target/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}release/$bin" "$out"
rm -r "$deps" # sources and objects, a hundred times the program
