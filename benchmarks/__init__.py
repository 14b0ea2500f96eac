"""What sellercare costs, as ratios measured in one run. `python -m benchmarks` prints them; see docs/performance.md."""
