"""Test the table of the progress of all hosts."""

from __future__ import annotations

from harness.hosts.campaign import HostState, State
from harness.hosts.table import Screen, table_lines


def test_each_host_is_a_line_with_its_state_and_detail():
    hosts = {"b": HostState(State.RUNNING, "round 3 of 6"), "a": HostState(State.LOST, "gone", resumed=1)}

    assert table_lines(hosts) == [
        "a  lost        gone (continued)",
        "b  running     round 3 of 6",
        "2 hosts: 1 running, 1 lost",
    ]


def test_hosts_that_are_done_make_room_for_the_others():
    hosts = {f"h{i}": HostState(State.CHECKED) for i in range(50)} | {"late": HostState(State.RUNNING)}

    assert table_lines(hosts, height=20) == ["late  running", "51 hosts: 1 running, 50 checked"]


def test_without_a_terminal_a_change_of_state_is_a_line(capsys):
    screen = Screen()

    for state in (HostState(State.RUNNING, "one"), HostState(State.RUNNING, "two"), HostState(State.CHECKED)):
        screen.draw({"a": state})

    assert capsys.readouterr().err == "a  running     one\na  checked\n"
