# sh build.sh OUT DEPS SOURCES...: a Go program has one folder, so its sources are copied into one.
set -eu
out=$1 deps=$2
shift 2
mkdir "$deps/source"
cp "$@" go.mod go.sum "$deps/source"
cd "$deps/source"
export CGO_LDFLAGS=-lopenblas GOMODCACHE="$deps/mod" GOPROXY=off GOAMD64=v3
go build -o "$out" .
rm -r "$deps"
