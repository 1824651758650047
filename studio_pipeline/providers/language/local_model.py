"""One causal language model in this process: loaded once, asked one question at a time, held to a schema.

Imported only when it is needed: `torch` and `transformers` take seconds. What does not live here: prices, jobs and
settings (``huggingface.py``).

llguidance (https://github.com/guidance-ai/llguidance) tells before each token which ones can go on to an instance of
the schema; all others get no chance. So what was said to its end fits the schema, however small the model is. What a
text holds that looks like a control token of the model stays text.
"""

# pyright: reportMissingImports=false
# The extra `local-minds` is large, and not everybody who checks the types has it.

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from jinja2 import TemplateError
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.utils import logging as told_by_transformers

from studio_pipeline.errors import VendorAway
from studio_pipeline.wording import clipped

Turn: TypeAlias = tuple[Literal["system", "user", "assistant"], str]

_ENDLESS = 10**9
"""Tokenizers that know no limit say a number like this."""


@dataclass(frozen=True)
class Said:
    """``whole``: it was said to its end, and not cut off at the limit."""

    text: str
    whole: bool
    prompt_tokens: int
    tokens: int


class LocalModel:
    """A model and its tokenizer. Threads wait for each other."""

    def __init__(self, name: str) -> None:
        """
        Raises:
            VendorAway: when there is no such model, or it cannot be used here; says why.
        """
        self.name = name
        self._lock = threading.Lock()
        told_by_transformers.disable_progress_bar()
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name)
            model: Any = AutoModelForCausalLM.from_pretrained(name, dtype="auto")
            self._grammar_tokenizer: LLTokenizer = from_tokenizer(self._tokenizer, eos_token=self._ends(model) or None)
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            raise self._away(f"cannot be loaded: {clipped(str(error), 300)}") from error
        self._model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self.context_tokens = self._context_tokens()

    def say(
        self,
        turns: Sequence[Turn],
        schema: Mapping[str, Any],
        *,
        most_tokens: int,
        temperature: float,
        seed: int,
    ) -> Said:
        """An answer to a conversation that fits ``schema``, as far as ``most_tokens`` reach.

        Args:
            temperature: 0 for always the most likely token.

        Raises:
            VendorAway: when it does not fit into the model's context, when no grammar can hold the schema, and when
                this machine has not enough memory.
        """
        with self._lock:
            prompt = self._tokens_of(turns)
            needed = prompt.shape[1] + most_tokens
            if self.context_tokens is not None and needed > self.context_tokens:
                raise self._away(
                    f"holds {self.context_tokens:,} tokens; question and answer would have {needed:,}",
                    todo="Name a model with more room, or another vendor in LANGUAGE_PROVIDER.",
                )
            held = _Held(self._matcher(schema), prompt.shape[1])
            ends = self._ends(self._model)
            settings = GenerationConfig(
                max_new_tokens=most_tokens,
                do_sample=temperature > 0,
                **({"temperature": temperature, "top_k": 0, "top_p": 1.0} if temperature > 0 else {}),
                repetition_penalty=1.0,  # JSON repeats itself
                eos_token_id=ends or None,
                pad_token_id=self._tokenizer.pad_token_id if self._tokenizer.pad_token_id is not None else 0,
            )
            with torch.inference_mode(), torch.random.fork_rng():
                torch.manual_seed(seed)
                try:
                    out = self._model.generate(
                        prompt,
                        attention_mask=torch.ones_like(prompt),
                        generation_config=settings,
                        logits_processor=LogitsProcessorList([held]),
                        stopping_criteria=StoppingCriteriaList([_Stop(held)]),
                    )
                except (RuntimeError, MemoryError) as error:  # out of memory is a RuntimeError of torch
                    raise self._away(f"gave up: {clipped(str(error), 300)}") from error
            made = out[0, prompt.shape[1] :].tolist()
        if held.broken:
            raise self._away(f"left the form of the answer: {clipped(held.broken, 300)}")
        spoken = [token for token in made if token not in ends]
        text = self._tokenizer.decode(spoken, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Said(text=text, whole=held.whole, prompt_tokens=prompt.shape[1], tokens=len(made))

    def _tokens_of(self, turns: Sequence[Turn]) -> torch.Tensor:
        """The conversation in the model's own form; plain text for a model that has none."""
        if self._tokenizer.chat_template is None:
            text = "\n\n".join(text for _, text in turns) + "\n\n"
            found = self._tokenizer(text, return_tensors="pt", split_special_tokens=True).input_ids
        else:
            try:
                found = self._in_template(turns)
            except TemplateError:  # some templates know no system
                (_, system), (_, asked), *rest = turns
                found = self._in_template([("user", f"{system}\n\n{asked}"), *rest])
        return found.to(self._model.device)

    def _in_template(self, turns: Sequence[Turn]) -> torch.Tensor:
        return self._tokenizer.apply_chat_template(
            [{"role": role, "content": text} for role, text in turns],
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            return_tensors="pt",
            return_dict=True,
            enable_thinking=False,  # a template that does not know it does not look at it
        )["input_ids"]

    def _matcher(self, schema: Mapping[str, Any]) -> LLMatcher:
        grammar = LLMatcher.grammar_from_json_schema(dict(schema), overrides={"whitespace_flexible": False})
        matcher = LLMatcher(self._grammar_tokenizer, grammar, log_level=0)
        if matcher.is_error():
            raise self._away(f"cannot be held to this schema: {clipped(matcher.get_error(), 300)}")
        return matcher

    def _context_tokens(self) -> int | None:
        """What it holds, as its configuration says; ``None`` where it does not."""
        config = self._model.config.get_text_config()
        told = [getattr(config, name, None) for name in ("max_position_embeddings", "n_positions", "max_seq_len")]
        told.append(self._tokenizer.model_max_length)
        return next((limit for limit in told if isinstance(limit, int) and 0 < limit < _ENDLESS), None)

    def _ends(self, model: Any) -> list[int]:
        """The tokens by which it ends an answer."""
        told = model.generation_config.eos_token_id
        found = [self._tokenizer.eos_token_id, *(told if isinstance(told, list) else [told])]
        return sorted({token for token in found if token is not None})

    def _away(self, what: str, *, todo: str = "") -> VendorAway:
        return VendorAway(
            f"The local model {self.name} {what}",
            where="HUGGINGFACE_MODEL",
            todo=todo or "Name another model, or another vendor in LANGUAGE_PROVIDER.",
        )


class _Held(LogitsProcessor):
    """Gives no chance to a token that cannot go on to an instance of the schema."""

    def __init__(self, matcher: LLMatcher, prompt_tokens: int) -> None:
        self._matcher = matcher
        self._seen = prompt_tokens

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        self.see(input_ids)
        bits = np.unpackbits(np.frombuffer(self._matcher.compute_bitmask(), np.uint8), bitorder="little")
        allowed = torch.zeros(scores.shape[-1], dtype=torch.bool)
        known = min(len(bits), scores.shape[-1])  # models may have more rows than their tokenizer has tokens
        allowed[:known] = torch.from_numpy(bits[:known].astype(bool))
        return scores.masked_fill(~allowed.to(scores.device), float("-inf"))

    def see(self, input_ids: torch.Tensor) -> None:
        """Take what was said since the last look."""
        for token in input_ids[0, self._seen :].tolist():
            self._matcher.consume_token(token)
        self._seen = input_ids.shape[1]

    @property
    def whole(self) -> bool:
        return self._matcher.is_accepting() or (self._matcher.is_stopped() and not self._matcher.is_error())

    @property
    def over(self) -> bool:
        return self._matcher.is_stopped()

    @property
    def broken(self) -> str:
        return self._matcher.get_error() if self._matcher.is_error() else ""


class _Stop(StoppingCriteria):
    """Ends when nothing can follow: also a model that knows no token to end by."""

    def __init__(self, held: _Held) -> None:
        self._held = held

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        self._held.see(input_ids)
        return torch.full((input_ids.shape[0],), self._held.over, dtype=torch.bool, device=input_ids.device)


_lock = threading.Lock()
_held: tuple[int, LocalModel] | None = None
"""The process and its model: a forked child may not use what its parent has on a graphics card."""


def loaded(name: str) -> LocalModel:
    """The model called ``name``, a folder or a name on the hub; the one before it is let go.

    Raises:
        VendorAway: when it cannot be loaded.
    """
    global _held
    with _lock:
        if _held is None or _held[0] != os.getpid() or _held[1].name != name:
            _held = None  # first, so that two are never in memory
            _held = (os.getpid(), LocalModel(name))
        return _held[1]
