"""Questions about what happened, answered from the events that were told: ``what changed since 12:00?``

    question = parse_question("how many errors since 12:00?", now)
    print(plain_answer(question, findings(question, events)))

The answer is counted, not guessed: times, words, conditions and incidents as they were told. ``docs/reference/ask.md``
"""

from ironcliw.ask.answer import plain_answer
from ironcliw.ask.findings import Findings, Group, findings
from ironcliw.ask.question import Question, parse_question

__all__ = ["Findings", "Group", "Question", "findings", "parse_question", "plain_answer"]
