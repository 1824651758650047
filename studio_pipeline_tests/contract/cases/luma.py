"""Luma: Ray 3.2 at each of its prices that is quick to make, and its stills."""

from studio_pipeline_tests.contract.hosted_case import all_of, cases, clip, still

CASES = all_of(
    cases(
        "video",
        {"luma/ray-3.2_360p": clip(4.5), "luma/ray-3.2_540p": clip(framed=False), "luma/ray-3.2_360p_10s": clip(8)},
    ),
    cases("image", {"luma/uni-1": still(), "luma/uni-1-max": still()}),
)
