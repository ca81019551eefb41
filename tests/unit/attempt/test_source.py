"""Whether a file is a function or a program."""

from __future__ import annotations

from harness.attempt.source import Form, RungSource, class_name, drivers_in, form_of, left_out, lines_of_driver

C = RungSource('#include "driver.h"\n\nvoid multiply(int n) {\n}', frozenset({"driver", "packed_rung"}), linked=True)

PYTHON = RungSource(
    "from driver import main\n\n\ndef multiply(a, b):\n    return a\n\n\n"
    'if __name__ == "__main__":\n    main(multiply)\n',
    frozenset({"driver", "ndarrays"}),
    linked=False,
)

JAVA = RungSource(
    "final class Naive {\n    static void multiply() {\n    }\n\n    public static void main(String[] args) {\n"
    "        Driver.main(args, Naive::multiply);\n    }\n}\n",
    frozenset({"Driver"}),
    linked=True,
)


def test_function_is_called_by_a_driver_that_the_build_names():
    assert form_of("void multiply(int n) {}", C) == Form.FUNCTION


def test_program_starts_itself():
    assert form_of("int main(int argc, char **argv) { return 0; }", C) == Form.PROGRAM


def test_program_may_name_the_header_of_the_driver():
    assert form_of('#include "driver.h"\nint main(int argc, char **argv) {}', C) == Form.PROGRAM


def test_script_that_reads_its_arguments_is_a_program():
    assert form_of("import sys\npath = sys.argv[1]\n", PYTHON) == Form.PROGRAM


def test_copy_of_a_rung_is_a_function():
    assert [form_of(rung.code, rung) for rung in (C, PYTHON, JAVA)] == [Form.FUNCTION] * 3


def test_program_may_start_as_a_rung_does():
    """Java's rungs have the function main, too; what they start is the driver."""
    assert form_of("class My {\n    public static void main(String[] args) {\n    }\n}", JAVA) == Form.PROGRAM


def test_function_that_nothing_starts_is_bare():
    assert form_of("def multiply(a, b):\n    return b\n", PYTHON) == Form.BARE_FUNCTION
    assert form_of("class My {\n    static void multiply() {\n    }\n}", JAVA) == Form.BARE_FUNCTION


def test_file_without_the_function_is_neither():
    assert form_of("void product(int n) {}", C) == Form.NEITHER
    assert form_of("x = 1\n", PYTHON) == Form.NEITHER


def test_function_of_a_rung_may_have_another_name():
    """packed.c has packed_product, of which packed_rung.c makes a rung."""
    packed = RungSource("void packed_product(void) {\n}", C.drivers, linked=True)

    assert form_of("void packed_product(void) {}", packed) == Form.FUNCTION
    assert left_out("void packed_product(void) {}", Form.FUNCTION, C.drivers) == frozenset()


def test_function_takes_the_place_of_a_file_that_makes_a_rung():
    assert left_out("void multiply(void) {}", Form.FUNCTION, C.drivers) == {"packed_rung"}


def test_program_has_no_driver():
    assert left_out("int main(void) {}", Form.PROGRAM, C.drivers) == {"driver", "packed_rung"}


def test_bare_function_gets_the_lines_that_start_it():
    before, after = lines_of_driver("def multiply(a, b):\n    return b\n", PYTHON)

    assert before == ""
    assert after == 'from driver import main\n\nif __name__ == "__main__":\n    main(multiply)'


def test_lines_that_a_file_has_are_not_added():
    _, after = lines_of_driver('#include "driver.h"\nvoid multiply(int n) {}', C)

    assert after == ""


def test_file_that_limits_a_library_precedes_it():
    numpy = RungSource(
        "from ndarrays import main\n\nimport numpy\n\nif __name__ == '__main__':\n    main(multiply)\n",
        PYTHON.drivers,
        linked=False,
    )

    assert lines_of_driver("def multiply(): pass", numpy)[0] == "from ndarrays import main"


def test_drivers_are_the_driver_and_what_names_it():
    sources = {"driver.py": "", "ndarrays.py": "import driver", "machine.py": "def caches(): pass"}

    assert drivers_in(sources) == {"driver", "ndarrays"}


def test_class_is_the_one_with_main():
    text = "class Help {\n}\n\npublic class My {\n    static void main(String[] a) {\n    }\n}\n\nclass Last {\n}"

    assert class_name(text) == "My"
    assert class_name("final class Only {\n}") == "Only"
    assert class_name("void main() {}") is None
