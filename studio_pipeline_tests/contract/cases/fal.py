from studio_pipeline_tests.contract.hosted_case import all_of, cases, clip, still

CASES = all_of(
    cases(
        "video",
        {
            "fal/pika-2.2": clip(),
            "fal/kling-2.5-turbo-pro": clip(framed=False),
            "fal/kling-2.5-turbo-standard": clip(10),
            "fal/kling-3-turbo-pro": clip(),
            "fal/hailuo-2.3_10s": clip(framed=False),
            "fal/wan-2.7": clip(3, framed=False),
            "fal/ltx-2.3-fast": clip(),
            "fal/veo3.1_silent": clip(framed=False),
            "fal/veo3.1_fast_silent": clip(),
        },
    ),
    cases(
        "image", {name: still() for name in ("fal/flux-schnell", "fal/flux-2-pro", "fal/stable-diffusion-3.5-large")}
    ),
)
