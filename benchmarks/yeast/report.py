#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of the yeast study from what run.sh left in its folder, as Markdown on stdout."""
import json
import platform
import statistics
import sys
from datetime import date
from pathlib import Path

work = Path(sys.argv[1])
MEASURES = ["auroc", "auprc_davis_goadrich", "recall_at_50_fdr"]


def read(name):
    path = work / name
    return json.loads(path.read_text())["all"] if path.exists() and path.stat().st_size else None


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def seeds(program, net, factor):
    return [m for m in (read(f"{program}.{net}.{seed}.{factor}.json") for seed in range(1, 100)) if m]


def best_losses(factor):
    """Pairs of the best epoch's validation loss, chromatid's and PyTorch's, by seed."""
    pairs = []
    for seed in range(1, 100):
        ours, peer = work / f"{factor}.{seed}" / "history.json", work / f"{factor}.{seed}.torch" / "history.json"
        if ours.exists() and peer.exists():
            pairs.append((min(json.loads(ours.read_text())["val_loss"]), min(e["validation_loss"] for e in json.loads(peer.read_text()))))
    return pairs


def text(value):
    return "-" if value is None else f"{value:.3f}"


def row(program, net, factor):
    runs = seeds(program, net, factor)
    return [median([r[m] for r in runs]) for m in MEASURES], [r["auprc_davis_goadrich"] for r in runs]


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


single = sorted({p.name.split(".")[1] for p in work.glob("chromatid.*.*.json")} - {"multi"})
several = sorted({p.name.split(".")[3] for p in work.glob("chromatid.multi.*.json")})

print(f"""# FactorNet on yeast

{date.today()}, {cpu_name()}. Made by `benchmarks/yeast/run.sh DATA`, where DATA has sacCer3, the ATAC-seq tracks and the ChIP-exo sites of 14 factors (Rossi et al.
2021). Test chromosomes chrIV and chrXII, validation chrVII, the others for training; bins of 200 bp every 50 bp, labelled by the challenge's rule (half of the
site within the bin is bound, any less is left out); the rDNA repeat (chrXII:451,000-468,500) is left out. auPR is Davis and Goadrich's. Medians over seeds.

Network: `-L 200 -w 16 -k 32 -r 16 -d 32 --pool 8 --gates logistic`, 34,049 parameters; ten negatives per site, drawn anew in each epoch, half of the windows
shown from the other strand, Adam (Keras 1's form) at 0.002, batches of 32, 60 epochs at most, stopped after 15 without a better validation loss. PyTorch trains
the same network from the same first weights on the same batches in the same order; its dropout masks are its own.

## One factor at a time

auROC / auPR / recall at 50 % FDR; the motif scan is the best match to the consensus in the bin, motif x signal that match times the mean coverage.

| factor | bound bins | chromatid | PyTorch, same batches | motif scan | motif x signal | signal alone |
|---|---|---|---|---|---|---|""")
differences, beaten, beaten_both = [], 0, 0
for factor in single:
    ours, our_runs = row("chromatid", factor, factor)
    peer, peer_runs = row("torch", factor, factor)
    scans = {kind: read(f"{kind}.{factor}.json") for kind in ("motif", "motif_signal", "signal")}
    cells = [" / ".join(text(v) for v in values) for values in (ours, peer)]
    for kind in ("motif", "motif_signal", "signal"):
        cells.append(" / ".join(text(scans[kind][m]) for m in MEASURES) if scans[kind] else "-")
    bound = (seeds("chromatid", factor, factor) or [{"bound": 0}])[0]["bound"]
    print(f"| {factor} | {bound} | " + " | ".join(cells) + " |")
    if peer[1] is not None:
        differences.append(ours[1] - peer[1])
    beaten += bool(scans["motif"] and ours[1] > scans["motif"]["auprc_davis_goadrich"])
    beaten_both += bool(scans["motif_signal"] and ours[1] > scans["motif_signal"]["auprc_davis_goadrich"])
if differences:
    print(f"\nMedian auPR minus PyTorch's: {', '.join(f'{d:+.3f}' for d in differences)} (median {statistics.median(differences):+.3f}).")
pairs = [pair for factor in single for pair in best_losses(factor)]
if pairs:
    print(f"The best epoch's validation loss is lower than PyTorch's in {sum(a < b for a, b in pairs)} of {len(pairs)} runs (median ratio {statistics.median(a / b for a, b in pairs):.3f}).")
print(f"Above the motif scan for {beaten} of {len(single)} factors, above motif x signal for {beaten_both}.\n")
print("auPR by seed:\n\n| factor | chromatid | PyTorch |\n|---|---|---|")
for factor in single:
    print(f"| {factor} | " + " | ".join(", ".join(text(v) for v in row(p, factor, factor)[1]) for p in ("chromatid", "torch")) + " |")

if several:
    print("""
## All 14 factors in one network

`-k 48 -r 16 -d 64 --label-rule challenge -n 1 --batch 32 -lr 0.003 -e 50 -ep 12`, else as above.

| factor | bound bins | chromatid | PyTorch, same batches |
|---|---|---|---|""")
    gaps = []
    for factor in several:
        ours, _ = row("chromatid", "multi", factor)
        peer, _ = row("torch", "multi", factor)
        bound = seeds("chromatid", "multi", factor)[0]["bound"]
        print(f"| {factor} | {bound} | " + " | ".join(" / ".join(text(v) for v in values) for values in (ours, peer)) + " |")
        if peer[1] is not None:
            gaps.append(ours[1] - peer[1])
    if gaps:
        print(f"\nMedian over the factors of the difference in auPR: {statistics.median(gaps):+.3f}; from {min(gaps):+.3f} to {max(gaps):+.3f}.")
notes = Path(__file__).with_name("notes.md")
if notes.exists():
    print("\n" + notes.read_text(), end="")
