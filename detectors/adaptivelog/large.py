"""The large model behind any server that speaks the OpenAI protocol.

Redacts what goes out, checks what comes back, waits and tries again where that helps. Whether
it is asked at all is `router.py`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from adaptivelog.errors import BadAnswer, LargeModelDown, LargeModelRefused
from adaptivelog.examples import Row
from adaptivelog.prompts import Question, Reply, answer_schema, messages, read_reply
from adaptivelog.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import openai
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk

    from adaptivelog.cases import Case
    from adaptivelog.tasks import Task


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LargeSettings:
    """Where the large model is and how it may be used.

    Attributes
    ----------
    base_url : str
        Of the OpenAI-compatible API, ``http://127.0.0.1:11434/v1``.
    model : str
        Name of the model there.
    api_key : str
        Never shown: it is left out of ``repr``.
    timeout_s : float
        For one attempt.
    attempts : int
        At most, all failures together.
    max_tokens : int
        Of an answer.
    stream : bool
        Ask for the answer in pieces; some servers drop long waits otherwise.
    input_price, output_price : float
        Of a million tokens, in whatever money the budget counts.
    """

    base_url: str
    model: str
    api_key: str = field(default="none", repr=False)
    timeout_s: float = 30.0
    attempts: int = 3
    max_tokens: int = 600
    stream: bool = False
    input_price: float = 0.0
    output_price: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What asking cost."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    money: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.money + other.money,
        )


@dataclass(frozen=True, slots=True)
class LargeAnswer:
    """A checked answer with its cost; placeholders in it are filled in again."""

    reply: Reply
    model: str
    usage: Usage


class LargeModel:
    """Asks one model at one address. Holds no state between questions but the connection."""

    def __init__(
        self, settings: LargeSettings, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        # The client takes a second to import; a platform without a large model never needs it.
        import openai

        self.settings = settings
        self.spent = Usage()  # by the last `ask`, failed attempts included
        self._sleep = sleep
        self._errors = openai
        self._client = openai.OpenAI(
            base_url=settings.base_url,
            api_key=settings.api_key,
            timeout=settings.timeout_s,
            max_retries=0,  # `_complete` retries: one layer, one count of attempts
        )

    def close(self) -> None:
        """Close the connections to the server."""
        self._client.close()

    def preview(
        self, task: Task, question: Question, *, cases: Sequence[Case] = ()
    ) -> list[dict[str, str]]:
        """Give the very messages that would be sent."""
        return _prompt(task, question, cases)[0]

    def ask(self, task: Task, question: Question, *, cases: Sequence[Case] = ()) -> LargeAnswer:
        """Ask about a row. An answer in a wrong form is asked for once more.

        Raises `LargeModelDown`, `LargeModelRefused` or `BadAnswer`; `spent` has the cost.
        """
        self.spent = Usage()
        prompt, redactor = _prompt(task, question, cases)
        schema = answer_schema(task, lines=len(question.lines))
        text = self._complete(prompt, schema)
        try:
            reply = read_reply(task, text, lines=len(question.lines))
        except BadAnswer as error:
            again = {
                "role": "user",
                "content": f"That was not the form asked for ({error}). Only the JSON object.",
            }
            said = {"role": "assistant", "content": text[:2000]}
            text = self._complete([*prompt, said, again], schema)
            reply = read_reply(task, text, lines=len(question.lines))
        restored = replace(
            reply,
            reason=redactor.restore(reply.reason),
            next_step=redactor.restore(reply.next_step),
        )
        return LargeAnswer(restored, self.settings.model, self.spent)

    def complete(self, prompt: list[dict[str, str]], schema: dict[str, Any]) -> str:
        """Send messages of one's own, redacted by who calls, and return the text as it came.

        Raises `LargeModelDown` or `LargeModelRefused`; `spent` has the cost.
        """
        self.spent = Usage()
        return self._complete(prompt, schema)

    def _complete(self, prompt: list[dict[str, str]], schema: dict[str, Any]) -> str:
        """Get one text; waits longer after each failure, or as long as the server says."""
        try:
            return self._retried(prompt, schema)
        except self._errors.BadRequestError as refusal:
            logger.info("%s refuses a schema: %s", self._where, _short(refusal))
        # Some servers don't know response_format; the prompt says what is wanted all the same.
        try:
            return self._retried(prompt, None)
        except self._errors.BadRequestError as error:
            raise LargeModelRefused(f"{self._where}: {_short(error)}") from error

    def _retried(self, prompt: list[dict[str, str]], schema: dict[str, Any] | None) -> str:
        errors = self._errors
        for attempt in range(self.settings.attempts):
            wait_s = 0.5 * 2.0**attempt
            try:
                return self._request(prompt, schema)
            except errors.BadRequestError:
                raise
            except (errors.RateLimitError, errors.InternalServerError) as error:
                wait_s = _retry_after(error, wait_s)
                failure: Exception = error
            except errors.APIConnectionError as error:  # time-outs are among these
                failure = error
            except errors.APIStatusError as error:
                raise LargeModelRefused(f"{self._where}: {_short(error)}") from error
            except (errors.APIError, ValueError) as error:
                # In the middle of a stream, or the body is no JSON at all: a proxy's page.
                failure = error
            if attempt + 1 < self.settings.attempts:
                self._sleep(wait_s)
        raise LargeModelDown(f"{self._where}: {_short(failure)}") from failure

    def _request(self, prompt: list[dict[str, str]], schema: dict[str, Any] | None) -> str:
        options: dict[str, Any] = {}
        if schema is not None:
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        self.spent += Usage(calls=1)
        completion: Any = self._client.chat.completions.create(
            model=self.settings.model,
            messages=prompt,  # type: ignore[arg-type]  # plain dicts are what it sends anyway
            temperature=0,
            max_tokens=self.settings.max_tokens,
            stream=self.settings.stream,
            **options,
        )
        if self.settings.stream:
            return self._gather(prompt, completion)
        text = completion.choices[0].message.content if completion.choices else None
        self._charge(prompt, text or "", completion.usage)
        return text or ""

    def _gather(
        self, prompt: list[dict[str, str]], pieces: Iterable[ChatCompletionChunk]
    ) -> str:
        texts, usage = [], None
        for piece in pieces:
            usage = piece.usage or usage
            texts += [choice.delta.content or "" for choice in piece.choices]
        self._charge(prompt, "".join(texts), usage)
        return "".join(texts)

    def _charge(
        self, prompt: list[dict[str, str]], text: str, usage: CompletionUsage | None
    ) -> None:
        """Count tokens, by four characters each where the server doesn't say."""
        if usage is not None:
            sent, got = usage.prompt_tokens, usage.completion_tokens
        else:
            sent, got = sum(len(m["content"]) for m in prompt) // 4, len(text) // 4
        money = (sent * self.settings.input_price + got * self.settings.output_price) / 1e6
        self.spent += Usage(0, sent, got, money)

    @property
    def _where(self) -> str:
        return f"{self.settings.model} at {self.settings.base_url}"


def _prompt(
    task: Task, question: Question, cases: Sequence[Case]
) -> tuple[list[dict[str, str]], Redactor]:
    redactor = Redactor()
    row = Row(
        redactor.redact(question.row.text, typed=question.typed),
        redactor.redact(question.row.other),
    )
    typed = question.typed_lines or ((),) * len(question.lines)
    lines = [
        redactor.redact(line, typed=values)
        for line, values in zip(question.lines, typed, strict=True)
    ]
    shown = [
        replace(
            case,
            row=Row(redactor.redact(case.row.text), redactor.redact(case.row.other)),
            reason=redactor.redact(case.reason),
        )
        for case in cases
    ]
    return messages(task, row, lines=lines, cases=shown), redactor


def _retry_after(error: openai.APIStatusError, default_s: float) -> float:
    try:
        return min(float(error.response.headers["retry-after"]), 60.0)
    except (KeyError, ValueError):
        return default_s


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
