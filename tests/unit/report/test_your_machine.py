"""Test the section in which the page measures its reader's machine."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from harness.model.result import Rate
from harness.prepare.inputs import dyadic
from harness.report import your_machine
from harness.report.render import environment, render
from harness.report.your_machine import KERNELS, MODULES, ROW_SHARES, SIZES, confidence, inputs_of, module, nearest
from tests import factories

MAX_MODULES_BYTES = 20_000

STACK_POINTER = rb"[\x23\x24](\x00|\x80\x80\x80\x80\x00)"
"""The instructions that get and set global 0, the pointer to the stack; its number takes one or five bytes."""


def test_digests_are_those_of_the_exact_products_first_rows():
    """The digests are of the product in whole numbers, which NumPy's library for doubles has no part in."""
    a, b = ((matrix * 2**20).astype(np.int64) for matrix in dyadic(256, 7))

    product = (a @ b / 2.0**40).astype("<f8")

    assert inputs_of(256, 7)["digests"] == {
        256 // share: hashlib.sha256(product[: 256 // share].tobytes()).hexdigest() for share in ROW_SHARES
    }


def test_state_is_that_from_which_numpy_makes_the_inputs():
    setup = inputs_of(256, 7)
    bits = np.random.PCG64()
    state = {"state": int(setup["state"], 16), "inc": int(setup["increment"], 16)}
    bits.state = bits.state | {"state": state, "has_uint32": 0, "uinteger": 0}

    first = np.random.Generator(bits).integers(-(2**19), 2**19, (256, 256), endpoint=True) / 2**20

    assert np.array_equal(first, dyadic(256, 7)[0])


def test_modules_are_small():
    assert sum(len(module(name)) for name in MODULES) <= MAX_MODULES_BYTES


def test_nine_repetitions_give_an_interval_of_96_percent():
    """Of nine values, at most one is below the median in 10 of 512 cases, and at most one above in as many."""
    assert confidence(9) == 1 - 20 / 512


def test_nearest_kernel_is_of_the_same_language_where_the_run_has_it(tmp_path):
    rows = factories.measured_results(tmp_path, {"c/naive": 1.0, "javascript/naive": 2.0}).rows

    assert nearest(KERNELS[0], rows).kernel == "javascript/naive"
    assert nearest(KERNELS[0], rows[:1]).kernel == "c/naive"
    assert nearest(KERNELS[-1], rows) is None


def test_section_shows_this_machine_beside_each_kernel(tmp_path):
    results = factories.measured_results(tmp_path, {"c/packed": 2.0})
    row = replace(results.rows[0], rate=Rate(68.7), threads=2)

    section = section_of(render(replace(results, rows=[row])))

    assert section.count('<a href="#c/packed">c/packed</a>, 2 threads</td><td class="n">68.7</td>') == 2
    assert section.count("not measured in this run") == len(KERNELS) - 2


def test_section_carries_inputs_of_the_run_s_seed(tmp_path):
    results = factories.measured_results(tmp_path, {"c/packed": 2.0})
    setup = json.loads(html.unescape(re.search(r'data-setup="([^"]*)"', section_of(render(results)))[1]))

    assert setup["inputs"]["256"]["state"] == inputs_of(256, results.config.seed)["state"]
    assert setup["inputs"].keys() == {str(n) for n in SIZES}
    assert setup["modules"].keys() == set(MODULES)


def test_section_says_that_it_needs_scripts(tmp_path):
    section = section_of(render(factories.measured_results(tmp_path, {"c/packed": 2.0})))

    assert "<noscript><p>This section needs scripts" in section


def test_name_of_the_fastest_kernel_stays_data(tmp_path):
    results = factories.measured_results(tmp_path, {"c/naive": 5.0, "c/packed": 2.0})
    fastest = replace(results.rows[-1], language_name="\"'><script>alert(1)</script>", rate=Rate(68.7))

    setup = your_machine.your_machine(replace(results, answer=factories.answer(fastest=fastest)))["setup"]
    text = render(replace(results, answer=factories.answer(fastest=fastest)))

    assert json.loads(setup)["fastest"]["name"].startswith("\"'><script>")
    assert text.count("<script") == 1


def test_only_the_report_may_start_workers_and_webassembly(tmp_path):
    report = render(factories.measured_results(tmp_path, {"c/packed": 2.0}))

    assert policy_of(report).count("unsafe") == policy_of(report).count("'wasm-unsafe-eval'") == 1
    assert "worker-src blob:;" in policy_of(report)
    assert re.search("unsafe|worker", str(environment().globals["policy"])) is None


@pytest.mark.parametrize("name", [name for name in MODULES if name != "scalar"])
def test_modules_that_share_memory_keep_nothing_in_it(name):
    """A module with a stack or with constants in memory could not run in several workers on one memory."""
    code, data = 10, 11

    content = sections(module(name))

    assert data not in content
    assert re.search(STACK_POINTER, content[code], re.S) is None


def sections(content: bytes) -> dict[int, bytes]:
    """Return a module's sections by their numbers: each has a byte, a length (LEB128) and so many bytes."""
    found, at = {}, 8
    while at < len(content):
        number = content[at]
        length, shift, at = 0, 0, at + 1
        while True:
            length |= (content[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if content[at - 1] < 128:
                break
        found[number] = content[at : at + length]
        at += length
    return found


def section_of(text: str) -> str:
    """Return the section of a page."""
    return re.search(r'<h2 id="your-machine">.*?</section>', text, re.S)[0]


def policy_of(text: str) -> str:
    """Return the policy of a page."""
    return html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
