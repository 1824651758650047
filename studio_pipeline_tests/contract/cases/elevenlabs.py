from studio_pipeline_tests.contract.hosted_case import Lack, all_of, cases, line, track

_ANSWER_IS_THE_SOUND: tuple[Lack, ...] = ("moderated_late", "failed_billed", "failed_unbilled", "links")

CASES = all_of(
    cases(
        "voice",
        {
            "elevenlabs/multilingual-v2": line("hi"),
            "elevenlabs/flash-v2.5": line("en-GB"),
            "elevenlabs/v3": line("sw"),
        },
        *_ANSWER_IS_THE_SOUND,
    ),
    cases("music", {"elevenlabs/music-v1": track(), "elevenlabs/music-v2": track(3.0)}, *_ANSWER_IS_THE_SOUND),
)
