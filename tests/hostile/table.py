"""Print the record of a campaign as the table of docs/hostile_input.md.

python -m tests.hostile.table tests/hostile/campaign.json
"""

import json
import sys
from pathlib import Path

HEAD = """| surface | inputs | read | refused | crashes | slowest s | most memory MB |
|---|---:|---:|---:|---:|---:|---:|"""


def main() -> None:
    """Print a row for each surface, the machine and the versions."""
    record = json.loads(Path(sys.argv[1]).read_text())
    print(HEAD)
    for name, tally in sorted(record["surfaces"].items()):
        crashes = sum(map(len, tally["crashes"].values()))
        figures = (
            tally["inputs"],
            tally["values"],
            tally["errors"],
            crashes,
            tally["slowest_s"],
            tally["most_mb"],
        )
        print(f"| `{name}` | {' | '.join(map(str, figures))} |")
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    print(f"\nMachine: {record['machine']}; {versions}.")


if __name__ == "__main__":
    main()
