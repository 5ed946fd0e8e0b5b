"""The three questions of the field, each answered by one command with table, figures and store."""

from .answer import Answer as Answer
from .answer_report import write_answer_report as write_answer_report
from .asking import ask as ask
from .question_file import Question as Question
