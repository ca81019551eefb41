# sh minimal.sh OUT SOURCE: all that CPython needs for one program, as the root of an image: the interpreter, the
# libraries that it is linked with, and the modules that the program imports.
set -eu
out=$1 source=$2
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
mkdir -p "$out/app"
cp "$source" driver.py "$out/app"

# every module that is there after the program's own imports, and those of the interpreter's start
python3 - "$out/app" <<'END' > "$out.files"
import ast, importlib, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
for name in sorted(os.listdir(sys.argv[1])):
    for node in ast.walk(ast.parse(open(os.path.join(sys.argv[1], name)).read())):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        for module in names + ([node.module] if isinstance(node, ast.ImportFrom) else []):
            if module != "__future__" and not module.startswith("driver"):
                importlib.import_module(module)
import encodings.ascii, encodings.utf_8, site
for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None)
    if path and path.startswith("/") and not path.startswith(sys.argv[1]):
        print(path)
END
{ echo "$python"; cat "$out.files"; } | while read -r file; do
  cp --parents -L "$file" "$out"
  case $file in *.py) continue ;; esac
  ldd "$file" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do cp --parents -L "$library" "$out"; done
done
rm "$out.files"
mkdir -p "$out/usr/bin"
[ -e "$out/usr/bin/python3" ] || ln -s "$python" "$out/usr/bin/python3"
