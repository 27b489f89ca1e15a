"""Ask every question of seeds/questions.jsonl: ``python -m bench.samples [INDEX]`` (after ``make run``)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from qa import Assistant

QUESTIONS = Path(__file__).resolve().parents[1] / "seeds" / "questions.jsonl"


def main() -> None:
    assistant = Assistant.open(sys.argv[1] if len(sys.argv) > 1 else "data/index")
    right = refused = wrong = stated = unanswerable = 0
    for line in QUESTIONS.read_text("utf-8").splitlines():
        question = json.loads(line)
        answer = assistant.ask(question["question"])
        quotes = " ".join(citation.quote for citation in answer.citations)
        if question.get("chat"):
            verdict = "right" if answer.status == "chat" else "WRONG"
        elif question.get("answerable") is False:
            unanswerable += 1
            stated += answer.status == "answered"
            verdict = "WRONGLY ANSWERED" if answer.status == "answered" else "right"
        elif answer.status != "answered":
            refused += 1
            verdict = "REFUSED"
        else:
            is_right = question["answer"] in quotes
            right += is_right
            wrong += not is_right
            verdict = "right" if is_right else "WRONG"
        if verdict != "right":
            nearest = answer.text if answer.citations else answer.evidence[0].passage.text
            print(
                f"{verdict:17} {answer.confidence:.2f} {question['question']} | {question.get('answer', '')} | {nearest[:90]!r}"
            )
    print(f"answered right {right}, wrong {wrong}, refused {refused}; answered of {unanswerable} unanswerable: {stated}")


if __name__ == "__main__":
    main()
