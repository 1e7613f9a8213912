# SPDX-License-Identifier: MIT
"""Sets the rows of cuda_benchmark beside those of torch_peer.py: cuda.md and cuda.json.

    report.py OURS.json TORCH.json FACTS.json OUT_FOLDER

FACTS.json holds what the run was: gpu, clocks, driver, date, command. Ratios are torch's time over ours: our best form, and torch's best of
those that the aim names.
"""

import json
import sys
from pathlib import Path

# what, net, batch, torch's forms, ratio at least
RATIOS = [
    ("bilstm logistic", "small", 100, None, 2.0),
    ("bilstm logistic", "big", 100, None, 1.5),
    ("bilstm logistic", "small", 1024, None, 1.2),
    ("bilstm logistic", "big", 1024, None, 1.2),
    ("bilstm logistic", "small", 8192, None, 1.2),
    ("bilstm logistic", "big", 8192, None, 1.2),
    ("bilstm hard_sigmoid", "small", 100, ("eager", "eager tf32"), 30.0),
    ("bilstm hard_sigmoid", "big", 100, ("eager", "eager tf32"), 30.0),
    ("bilstm hard_sigmoid", "small", 100, ("graph", "graph tf32"), 8.0),
    ("bilstm hard_sigmoid", "big", 100, ("graph", "graph tf32"), 8.0),
    ("front", "small", 8192, ("eager", "eager tf32"), 6.0),
    ("front", "big", 8192, ("eager", "eager tf32"), 4.0),
    ("training step hard_sigmoid", "small", 100, ("eager", "eager tf32"), 8.0),
    ("training step hard_sigmoid", "small", 100, ("graph", "graph tf32"), 2.5),
    ("inference hard_sigmoid", "small", 8192, ("eager", "eager tf32", "autocast f16"), 3.0),
    ("inference hard_sigmoid", "big", 8192, ("eager", "eager tf32", "autocast f16"), 3.0),
    ("training step hard_sigmoid", "small", 8192, ("eager", "eager tf32", "autocast f16"), 3.0),
    ("training step hard_sigmoid", "big", 8192, ("eager", "eager tf32", "autocast f16"), 3.0),
]
# what, net, windows per second at least, at 8,192 windows
RATES = [
    ("inference hard_sigmoid", "small", 6e6),
    ("inference hard_sigmoid", "big", 1.2e6),
    ("training step hard_sigmoid", "small", 2e6),
    ("training step hard_sigmoid", "big", 0.4e6),
]


def table(head, rows):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows]


class Results:
    def __init__(self, rows):
        self.rows = rows

    def of(self, program, what, net, batch, forms=None):
        wanted = (program, what, net, batch)
        rows = [r for r in self.rows if (r["program"], r.get("what"), r.get("net"), r.get("batch")) == wanted and "ms" in r]
        return [r for r in rows if forms is None or r["form"] in forms]

    def best(self, *arguments):
        return min(self.of(*arguments), key=lambda r: r["ms"], default=None)

    def ours(self, what, net, batch):
        """Our best form that is ours alone."""
        own = [r for r in self.of("chromatid", what, net, batch) if not r["form"].startswith("cudnn")]
        return min(own, key=lambda r: r["ms"], default=None)


def aims(results):
    rows = []
    for what, net, batch, forms, aim in RATIOS:
        ours, theirs = results.ours(what, net, batch), results.best("torch", what, net, batch, forms)
        against = "its best" if forms is None else forms[0]
        if ours is None or theirs is None:
            rows.append([what, net, f"{batch:,}", against, "not measured", f">= {aim:g}x", ""])
            continue
        ratio = theirs["ms"] / ours["ms"]
        found = f"{ratio:.2f}x ({ours['form']}, {ours['ms']:.3f} ms)"
        rows.append([what, net, f"{batch:,}", f"{theirs['form']}, {theirs['ms']:.3f} ms", found, f">= {aim:g}x",
                     "met" if ratio >= aim else "missed"])
    for what, net, aim in RATES:
        ours = results.ours(what, net, 8192)
        if ours is None:
            rows.append([what, net, "8,192", "", "not measured", f">= {aim:,.0f} windows/s", ""])
            continue
        rate = 8192 / ours["ms"] * 1000
        rows.append([what, net, "8,192", "", f"{rate:,.0f} windows/s ({ours['form']})", f">= {aim:,.0f} windows/s",
                     "met" if rate >= aim else "missed"])
    return table(["what", "net", "batch", "PyTorch", "ours", "aim", ""], rows)


def everything(results):
    rows = []
    for r in results.rows:
        if "what" not in r:
            rows.append([r["program"], "", "", "", "", r["problem"], ""])
        elif "ms" in r:
            times = f"{r['ms']:.4f} ({r['low']:.4f} to {r['high']:.4f})"
            rows.append([r["program"], r["what"], r["net"], f"{r['batch']:,}", r["form"], times, f"{r['batch'] / r['ms'] * 1000:,.0f}"])
        else:
            rows.append([r["program"], r["what"], r["net"], f"{r['batch']:,}", r["form"], r["problem"], ""])
    return table(["program", "what", "net", "batch", "form", "ms: median (10 % to 90 %)", "windows/s"], rows)


def write_whole(path, text):
    """The file appears when it is whole."""
    part = path.with_name(path.name + ".tmp")
    part.write_text(text)
    part.replace(path)


def main():
    ours, torch, facts = (json.loads(Path(p).read_text()) for p in sys.argv[1:4])
    folder = Path(sys.argv[4])
    results = Results(ours + torch["rows"])
    facts["torch"] = torch["torch"] or "absent"
    text = ["# The CUDA backend beside PyTorch, on one device", ""]
    text += [f"- {name}: {value}" for name, value in facts.items()]
    text += ["", "## Aims", "", "Ratios: PyTorch's time over ours. Where torch is absent only our own rates can be told.", ""]
    text += aims(results)
    text += ["", "## All times", ""] + everything(results)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "cuda.md", "\n".join(text) + "\n")
    write_whole(folder / "cuda.json", json.dumps({**facts, "rows": results.rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
