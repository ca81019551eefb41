"""Test the page of many hosts."""

from __future__ import annotations

import re
from html import unescape

from harness.hosts.page import listed, page, sentences
from harness.hosts.prices import offers_of
from tests import factories
from tests.unit.hosts.hosts import host, two_hosts


def test_page_says_which_host_gives_the_most_for_the_money():
    html = page(two_hosts(), "EUR")

    assert "The cheapest product of two 4096 × 4096 matrices of doubles is that of cheap with c/packed: 3,330" in html
    assert "Naive Python costs 6,000 times the price of c/packed, each where it is cheapest." in html
    assert "0.0300 (0.0294 – 0.0306)" in html


def test_every_kernel_of_every_host_is_a_row():
    html = page(two_hosts(), "EUR")

    [table] = re.findall(r'<table class="kernels" id="rows">(.*?)</table>', html, re.S)
    assert table.count('<tr data-host="fast"') == table.count('<tr data-host="cheap"') == 3


def test_page_without_prices_compares_times():
    html = page([host("a", {"c/packed": 2.0}), host("b", {"c/packed": 1.0})], "")

    assert "The fastest product of two 4096 × 4096 matrices of doubles is that of b with c/packed: 1.00 s." in html
    assert "No host has a price" in html and 'id="deadline"' not in html


def test_machines_are_told_by_what_they_are():
    machine = factories.host(hypervisor=True, governor="powersave")

    html = page([host("a", {"c/packed": 2.0}, machine=machine, disturbances=("steal was 5%",))], "")

    assert "virtual" in html and "powersave" in html and "steal was 5%" in html


def test_names_of_hosts_and_notes_are_escaped():
    html = page([host("<b>a</b>", {"c/packed": 2.0}, 1.0, note="<i>spot</i>")], "<u>EUR</u>")

    assert not re.search("<b>a|<i>spot|<u>EUR", html) and "&lt;b&gt;a" in html


def test_page_makes_no_request():
    html = page(two_hosts(), "EUR")

    assert "default-src 'none'" in unescape(html) and not re.search(r'(?:src|href)="(?!#|data:)', html)


def test_deadline_is_answered_in_a_sentence():
    offers = [offer for one in two_hosts() for offer in offers_of(one)]

    assert sentences(offers, "EUR", 2.0)[-1] == (
        "Within 2.00 s a product, the cheapest is fast with c/packed: 0.100 (0.0980 – 0.102) cents (EUR)."
    )
    assert sentences(offers, "EUR", 0.1)[-1].endswith(
        "no kernel that was measured whole on a host with a price is surely so fast."
    )


def test_a_run_without_a_measured_kernel_is_told():
    assert "No kernel was measured on any host." in page([host("a", {})], "")


def test_long_lists_end_with_a_number():
    assert listed(["a"]) == "a" and listed(["a", "b"]) == "a and b"
    assert listed([str(i) for i in range(8)]) == "0, 1, 2, 3, 4 and 3 more"
