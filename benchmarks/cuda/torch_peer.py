# SPDX-License-Identifier: MIT
"""Times PyTorch on what cuda_benchmark times: same networks, same batches, CUDA events, medians. Writes rows as it does.

    torch_peer.py OUT.json [--samples N] [--seconds N] [--batch N]...

Forms: eager, graph (a captured CUDA graph), each also with TF32 allowed; compiled (torch.compile); autocast (f16). Logistic gates run as
nn.LSTM (cuDNN), hard_sigmoid as a loop of steps, which is the only way that PyTorch has. After --seconds no further row is begun. Without
torch, or a device, OUT gets a row that says so.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))

NETS = {"small": (32, 32, 128), "big": (128, 128, 256)}
LENGTH, TRACKS, WIDTH, POOL = 1000, 2, 26, 13
POOLED = (LENGTH - WIDTH + 1) // POOL


class Rows:
    def __init__(self, seconds):
        self.rows, self.end = [], time.monotonic() + seconds

    def add(self, what, net, batch, form, measured):
        row = {"program": "torch", "what": what, "net": net, "batch": batch, "form": form}
        if time.monotonic() > self.end:
            row["problem"] = "not begun: out of time"
        else:
            try:
                times = sorted(measured())
                at = lambda share: times[round(share * (len(times) - 1))]
                row.update(ms=at(0.5), low=at(0.1), high=at(0.9), samples=len(times))
            except Exception as error:  # a form that a version of torch lacks, or a device that is full
                row["problem"] = f"{type(error).__name__}: {error}".splitlines()[0]
        self.rows.append(row)
        print(f"{what:24} {net:6} {batch:5}  {form:18} {row.get('ms', row.get('problem'))}", file=sys.stderr, flush=True)


def timer(torch, samples):
    def timed(function):
        for _ in range(5):
            function()
        torch.cuda.synchronize()
        times = []
        for _ in range(samples):
            begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            begin.record()
            function()
            end.record()
            end.synchronize()
            times.append(begin.elapsed_time(end))
        return times

    return timed


def graphed(torch, function):
    """A function that replays the captured calls of another."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def measure(torch, rows, samples, batches):
    import factornet_torch as peer

    timed = timer(torch, samples)

    def forms(what, net, batch, function, compiled=None):
        """Times a function without arguments in all forms. `compiled`: what torch.compile is given, where that differs."""
        for tf32 in (False, True):
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
            tail = " tf32" if tf32 else ""
            rows.add(what, net, batch, "eager" + tail, lambda: timed(function))
            rows.add(what, net, batch, "graph" + tail, lambda: timed(graphed(torch, function)))
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        rows.add(what, net, batch, "compiled tf32", lambda: timed(torch.compile(compiled or function)))

        def cast():
            with torch.autocast("cuda", torch.float16):
                return function()

        rows.add(what, net, batch, "autocast f16", lambda: timed(cast))
        rows.add(what, net, batch, "autocast f16 graph", lambda: timed(graphed(torch, cast)))

    def network(filters, units, features, gates, dropout):
        rates = dict(after_conv=0.1, lstm_input=0.1, lstm_state=0.1, after_features=0.5, after_dense=0.5) if dropout else {}
        sizes = peer.Sizes(gates=gates, length=LENGTH, tracks=TRACKS, filters=filters, width=WIDTH, position_units=filters, pool=POOL,
                           lstm_units=units, dense_units=features, dropout=rates)
        net = peer.FactorNet(sizes)
        with torch.no_grad():
            net.flat.uniform_(-0.1, 0.1)
        return net

    for name, (filters, units, features) in NETS.items():
        for batch in batches:
            x = torch.rand(batch, POOLED, filters)
            dy = torch.rand(batch, POOLED, 2 * units)
            lstm = torch.nn.LSTM(filters, units, batch_first=True, bidirectional=True)
            with torch.no_grad():
                forms("bilstm logistic", name, batch, lambda: lstm(x)[0])
            needing = x.clone().requires_grad_()

            def trained():
                lstm.zero_grad(set_to_none=False)
                lstm(needing)[0].backward(dy)

            rows.add("bilstm logistic training", name, batch, "eager tf32", lambda: timed(trained))
            rows.add("bilstm logistic training", name, batch, "graph tf32", lambda: timed(graphed(torch, trained)))
            loop = network(filters, units, features, "hard_sigmoid", False)
            with torch.no_grad():
                forms("bilstm hard_sigmoid", name, batch, lambda: loop.bilstm(x, False, None))

            letters = torch.nn.functional.one_hot(torch.randint(4, (batch, LENGTH)), 4).float()
            windows = torch.cat([letters, torch.rand(batch, LENGTH, TRACKS)], 2)
            conv = torch.nn.Conv1d(4 + TRACKS, filters, WIDTH)
            dense = torch.nn.Conv1d(filters, filters, 1)
            channels_first = windows.transpose(1, 2).contiguous()
            F = torch.nn.functional
            with torch.no_grad():
                forms("front", name, batch, lambda: F.max_pool1d(F.relu(dense(F.relu(conv(channels_first)))), POOL))

            targets = torch.rand(batch, 1).round()
            for gates in ("hard_sigmoid", "logistic"):
                inference = network(filters, units, features, gates, False)
                with torch.no_grad():
                    forms("inference " + gates, name, batch, lambda: inference(windows))
                training = network(filters, units, features, gates, True)
                optimizer = torch.optim.Adam([training.flat], lr=1e-3, capturable=True)
                training.flat.grad = training.gradient

                def step():
                    training.gradient.zero_()
                    with torch.enable_grad():
                        peer.cross_entropy(training(windows, training=True), targets).backward()
                    optimizer.step()

                forms("training step " + gates, name, batch, step)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--samples", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=270)
    arguments.add_argument("--device", type=int, default=0)
    arguments.add_argument("--batch", type=int, action="append")
    asked = arguments.parse_args()
    rows = Rows(asked.seconds)
    version = None
    try:
        import torch

        if not torch.cuda.is_available():
            raise ImportError("torch sees no CUDA device")
        version = torch.__version__
    except ImportError as error:
        rows.rows.append({"program": "torch", "problem": f"torch absent: {error}"})
    if version:
        torch.cuda.set_device(asked.device)
        torch.set_default_device("cuda")
        measure(torch, rows, asked.samples, asked.batch or [100, 1024, 8192])
    asked.out.write_text(json.dumps({"torch": version, "rows": rows.rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
