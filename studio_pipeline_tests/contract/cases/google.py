"""Google: Omni at the prices that are quick to make, and every still."""

from studio_pipeline_tests.contract.hosted_case import all_of, cases, clip, still

CASES = all_of(
    cases(
        "video",
        {
            "google/omni-1.2-flash_360p": clip(),
            "google/omni-1.2-flash_720p": clip(3.5, framed=False),  # rounds up to 4 s
            "google/omni-1.1-flash_720p": clip(),
        },
    ),
    cases(
        "image",
        {
            name: still()
            for name in ("google/nano-banana-2.1", "google/nano-banana-2-lite", "google/nano-banana-pro_2k")
        },
        "moderated_late",  # the answer is the picture, so there is no later
        "failed_billed",
        "failed_unbilled",
        "links",
    ),
)
