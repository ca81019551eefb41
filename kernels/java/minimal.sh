# sh minimal.sh OUT CLASS SOURCES...: all that the JVM needs for one program, as the root of an image: the classes, a
# runtime with module java.base alone, and the libraries that it is linked with.
set -eu
out=$1 class=$2
shift 2
mkdir -p "$out/classes"
javac -d "$out/classes" "$@"
jlink --add-modules java.base --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-9 --output "$out/java"
find "$out/java" -name '*.so' -o -path '*/bin/java' | while read -r file; do
  ldd "$file" | grep -o '/[^ ]*' | grep -v "^$out" | while read -r library; do cp --parents -L "$library" "$out"; done
done
