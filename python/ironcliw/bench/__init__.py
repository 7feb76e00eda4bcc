"""What Ironcliw costs, beside what else there is: kernels, whole program, latency and the original plan's targets.

    report = run_part("kernels", Plan(quick=True))
    print(markdown(report))

Everything that is compared is measured in the same run, in turn, and gives its answer first: who is wrong is not timed.
"""

from ironcliw.bench.report import Report, markdown, to_json
from ironcliw.bench.suite import PARTS, Plan, run_part

__all__ = ["PARTS", "Plan", "Report", "markdown", "run_part", "to_json"]
