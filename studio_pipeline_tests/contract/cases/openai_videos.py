from studio_pipeline_tests.contract.hosted_case import cases, clip

CASES = cases(
    "video",
    {
        "openai-videos/wan2.2-ti2v-5b": clip(),
        "openai-videos/wan2.2-i2v-a14b": clip(),
        "openai-videos/ltx-2": clip(framed=False),
    },
    "failed_unbilled",  # the GPU was rented whatever came of it
    "links",  # the file is at the API itself
)
