"""Results of many kernels with many samples, as a run would store them."""

from __future__ import annotations

from pathlib import Path

from harness.config.load import load_config
from harness.model.result import Results
from tests import factories

RUNGS = ("naive", "interchange", "parallel", "vector", "packed")
SOURCE = "".join(f"int f{i}(int a) {{ return a + {i}; }} // line {i}\n" for i in range(60))


def large(folder: Path, kernels: int, launches: int, calls: int) -> Results:
    """Return the results of so many kernels, each with so many launches of so many calls."""
    rows, samples, items, built = [], {}, [], {}
    for i in range(kernels):
        language, rung = f"l{i // len(RUNGS)}", RUNGS[i % len(RUNGS)]
        name, seconds = f"{language}/{rung}", 10.0 / (1 + i)
        measured = {"gflops": 137 / seconds, "lines": 60, "cpu_s": seconds, "rank": "1"}
        rows.append(factories.timed_row(name, seconds, peak_rss_bytes=2**28, artefact_bytes=2**14, **measured))
        times_ns = [seconds * 1e9 + call for call in range(calls)]
        samples[name] = [
            sample
            for launch in range(launches)
            for sample in factories.launch(times_ns, i * launches + launch, kernel=name, n=4096, round=launch)
        ]
        items.append(
            {
                "id": name,
                "language": language,
                "variant": rung,
                "folder": language,
                "source": f"{rung}.c",
                "run": "{out}",
                "source_text": SOURCE.replace("+", f"+ {i} +"),
            }
        )
        built[name] = {"commands": ["cc"], "digest": "0" * 64, "artefact_bytes": 2**14, "seconds": 1.0}
    (folder / "samples.jsonl").write_text("{}\n" * sum(map(len, samples.values())))
    facts = factories.run_record(id="large", kernels=items, built=built)
    return factories.results(rows, facts=facts, config=load_config(), folder=folder, samples=samples)
