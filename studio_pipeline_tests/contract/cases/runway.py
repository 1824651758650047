"""Runway: one model for each way that a request, a size or a price is made up."""

from studio_pipeline_tests.contract.hosted_case import all_of, cases, clip, still

CASES = all_of(
    cases(
        "video",
        {
            "runway/gen4_turbo": clip(2.5),  # rounds up to 3 s
            "runway/gen4.5": clip(framed=False),
            "runway/veo3.1_fast_silent": clip(),
            "runway/veo3.1_fast": clip(),
            "runway/seedance2_mini": clip(),
            "runway/seedance2_5_480p": clip(),
            "runway/gemini_omni_flash": clip(),
            "runway/wan3_720p": clip(),
            "runway/happyhorse_1_0_720p": clip(),
        },
    ),
    cases(
        "image",
        {
            "runway/gen4_image_720p": still(),
            "runway/gpt_image_2_low": still(),
            "runway/seedream5_pro_1k": still(),
            "runway/ideogram_4_0_high": still(),
            "runway/bria_fibo_1_5_1mp": still(),
        },
    ),
)
