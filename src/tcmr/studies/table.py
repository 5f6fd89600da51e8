"""A study's results as a Markdown table: ours, and the paper's beside it where there are any."""

from tcmr.studies.study import Column, Results, Row


def markdown(results: Results) -> str:
    """Write a row for each row of the study: means over seeds, and after ± their standard deviation."""
    shown = shown_columns(results)
    published = [column for column in shown if any(column.name in row.paper for row in results.study.rows)]
    head = ["", *(column.heading for column in shown), *(f"paper: {column.heading}" for column in published)]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for row in results.study.rows:
        ours = [cell(results, row, column) for column in shown]
        papers = [
            format(row.paper[column.name], ".1f") if column.name in row.paper else "-" for column in published
        ]
        lines.append([row.name, *ours, *papers])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def shown_columns(results: Results) -> list[Column]:
    """Return the columns that some row has a figure in."""
    return [
        column
        for column in results.study.columns
        if any(results.values(row, column.name) for row in results.study.rows)
    ]


def cell(results: Results, row: Row, column: Column) -> str:
    """Write one figure with its spread, or a dash where it was not measured."""
    mean, spread = results.mean(row, column.name), results.spread(row, column.name)
    if mean is None:
        return "-"
    known = format(mean, column.spec)
    return known if spread is None or not spread else f"{known} ± {format(spread, column.spec)}"
