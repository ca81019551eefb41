"""The run folder: run.json and samples.jsonl."""
