"""How a file becomes a kernel, with the sources of all languages."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from harness.attempt.language import languages_for
from harness.attempt.own_kernel import make_kernel, read_source
from harness.attempt.source import Form
from harness.config.load import load_config
from harness.model.errors import UsageError

KERNELS = languages_for(load_config())

NAIVE = [kernel for kernel in KERNELS if kernel.variant == "naive"]

WITHOUT_DRIVER = ("perl", "php")
"""Languages whose rungs are whole programs."""


def like(name):
    return next(kernel for kernel in KERNELS if kernel.id == name)


def tried(folder, file, text, name):
    return make_kernel(Path(file), text, like(name), KERNELS, folder)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.id)
def test_copy_of_a_rung_is_built_as_the_rung_is(tmp_path, kernel):
    """Nothing is added to it, and nothing is left out of its build."""
    text = kernel.source_path.read_text()

    attempt = make_kernel(Path("my"), text, kernel, KERNELS, tmp_path)

    assert attempt.form == (Form.PROGRAM if kernel.language in WITHOUT_DRIVER else Form.FUNCTION)
    assert attempt.kernel.source_path.read_text() == text
    assert attempt.kernel.source == kernel.source
    assert [shlex.split(command) for command in attempt.kernel.build] == list(map(shlex.split, kernel.build))


def test_kernel_is_a_copy_of_the_folder(tmp_path):
    attempt = tried(tmp_path, "my.c", "void multiply(void) {}", "c/naive")

    assert attempt.kernel.id == "c/try" and attempt.kernel.folder == tmp_path / "c"
    assert (tmp_path / "c" / "driver.c").is_file()


@pytest.mark.parametrize(("name", "driver"), [("c/naive", "driver.c"), ("go/naive", "driver.go")])
def test_program_is_built_without_the_driver(tmp_path, name, driver):
    text = "int main(int argc, char **argv) {}" if name == "c/naive" else "package main\n\nfunc main() {\n}\n"

    attempt = tried(tmp_path, "my", text, name)

    assert attempt.form == Form.PROGRAM
    assert driver in shlex.split(like(name).build[0]) and driver not in shlex.split(attempt.kernel.build[0])


def test_function_takes_the_place_of_what_makes_a_rung(tmp_path):
    [command] = tried(tmp_path, "my.c", "void multiply(void) {}", "c/packed").kernel.build

    assert "packed_rung.c" not in command and "driver.c" in command and "machine.c" in command


@pytest.mark.parametrize(
    ("name", "text", "last"),
    [
        ("python/naive", "def multiply(a, b, c, n, rows, threads):\n    pass\n", "    main(multiply)"),
        ("rust/naive", "fn multiply(a: &[f64]) {\n}\n", "}"),
        ("zig/naive", 'const std = @import("std");\n\nfn multiply() !void {}\n', "}"),
        ("ocaml/naive", "let multiply a b c n rows = ()\n", "let () = Driver.run multiply"),
    ],
)
def test_bare_function_begins_the_source(tmp_path, name, text, last):
    """The compiler's line numbers are then those of the file."""
    attempt = tried(tmp_path, "my", text, name)

    source = attempt.kernel.source_path.read_text()
    assert attempt.form == Form.BARE_FUNCTION
    assert source.startswith(text) and source.rstrip("\n").splitlines()[-1] == last
    assert source.count('@import("std")') == text.count('@import("std")')


def test_class_names_the_source_where_it_is_started_by_its_name(tmp_path):
    text = (
        "public class Mine {\n    static void multiply() {}\n    public static void main(String[] args) {\n"
        "        Driver.main(args, Mine::multiply);\n    }\n}\n"
    )

    attempt = tried(tmp_path, "my.java", text, "java/naive")

    assert attempt.kernel.source == "Mine.java" and attempt.form == Form.FUNCTION


def test_interpreter_without_sources_gets_a_copy_of_the_folder_that_it_uses(tmp_path):
    attempt = tried(tmp_path, "my.py", "def multiply(a, b, c, n, rows, threads):\n    pass\n", "pypy/naive")

    assert attempt.kernel.uses == tmp_path / "python" and attempt.kernel.folder == like("pypy/naive").folder
    assert "def multiply" in (tmp_path / "python" / "naive.py").read_text()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("c/naive", "int answer = 42;\n", "my.c: is neither a program, which reads its arguments"),
        (
            "java/naive",
            "class My {\n    static void multiply() {}\n}",
            "my.c: nothing in it starts its function multiply",
        ),
        ("javascript/naive", "function multiply(a, b) {}", "my.c: nothing in it starts its function multiply"),
    ],
)
def test_file_that_cannot_be_started_is_refused(tmp_path, name, text, expected):
    with pytest.raises(UsageError) as error:
        tried(tmp_path, "my.c", text, name)

    assert str(error.value).startswith(expected) and "\n" not in str(error.value)


def test_messages_have_the_name_of_the_file(tmp_path):
    attempt = tried(tmp_path, "my.c", "void multiply(void) {}", "c/naive")

    text = attempt.by_own_name(f"naive.c:3: error, {tmp_path}/c/naive.c:4, /kernel/naive.c, divide/naive.c, naive.cpp")

    assert text == "my.c:3: error, my.c:4, my.c, divide/naive.c, naive.cpp"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\x7fELF\0\0", "is no text in UTF-8"),
        (b"// caf\xe9\n", "is no text in UTF-8"),
        (b"x" * (2**20 + 1), "is larger than 1048576 bytes"),
    ],
)
def test_what_is_no_source_is_refused(tmp_path, data, expected):
    file = tmp_path / "my.c"
    if data is not None:
        file.write_bytes(data)

    with pytest.raises(UsageError, match=f"^{file}: {expected}"):
        read_source(file)


def test_folder_is_no_file(tmp_path):
    with pytest.raises(UsageError, match=f"^{tmp_path}: is no file"):
        read_source(tmp_path)
