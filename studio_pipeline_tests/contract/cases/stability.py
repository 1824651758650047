from studio_pipeline_tests.contract.hosted_case import cases, still

CASES = cases(
    "image",
    {f"stability/{name}": still() for name in ("core", "ultra", "sd3.5-large", "sd3.5-medium")},
    "failed_billed",  # the answer is the picture: a job that fails has no answer that says so
    "failed_unbilled",
    "links",
)
