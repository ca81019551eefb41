# sh build.sh OUT [ZIG...]: the server as a static program without libc, and how large it is.
set -eu
out=$1
shift
[ $# -gt 0 ] || set -- python3 -m ziglang
"$@" build-exe -O ReleaseSmall -target "$(uname -m)-linux-none" -mcpu baseline -fstrip -fsingle-threaded \
  -fno-unwind-tables -z max-page-size=4096 -z norelro --gc-sections -femit-bin="$out" server.zig
