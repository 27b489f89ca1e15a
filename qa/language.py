"""Which language a question is in, and what Youju says in it of its own accord."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import opencc

Language = Literal["zh-Hans", "zh-Hant", "en"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_OTHER_EAST_ASIAN = re.compile(r"[\u3041-\u30ff\uac00-\ud7af]")

_MESSAGES: dict[str, dict[Language, str]] = {
    "not_found": {
        "zh-Hans": "文档里没有找到这个问题的答案。下面是最接近的段落，仅供参考，不是答案。",
        "zh-Hant": "文件裡沒有找到這個問題的答案。下面是最接近的段落，僅供參考，不是答案。",
        "en": "The documents do not answer this question. The nearest passages are shown below; they are not an answer.",
    },
    "empty": {
        "zh-Hans": "还没有可以检索的文档。",
        "zh-Hant": "還沒有可以檢索的文件。",
        "en": "There are no documents to search yet.",
    },
    "none_chosen": {
        "zh-Hans": "没有文档符合所选的范围。请检查所选的文档，或在全部文档中查找。",
        "zh-Hant": "沒有文件符合所選的範圍。請檢查所選的文件，或在全部文件中查找。",
        "en": "No document is within what was chosen. Check the choice, or search all documents.",
    },
    "older": {
        "zh-Hans": "这几份文档是同一内容的不同版本，说法不同：较新的在前；“{title}”（{date}）较旧。",
        "zh-Hant": "這幾份文件是同一內容的不同版本，說法不同：較新的在前；「{title}」（{date}）較舊。",
        "en": "These are versions of the same text that differ: the newer comes first; “{title}” ({date}) is older.",
    },
    "disagreement": {
        "zh-Hans": "各份文档的说法不一致，请逐一核对。",
        "zh-Hant": "各份文件的說法不一致，請逐一核對。",
        "en": "The documents disagree. Compare each of them.",
    },
    "greeting": {
        "zh-Hans": "你好，我是有据。请就您的文档提问，每一句回答我都会标出原文出处；文档里没有的，我会直说没有。",
        "zh-Hant": "你好，我是有據。請就您的文件提問，每一句回答我都會標出原文出處；文件裡沒有的，我會直說沒有。",
        "en": "Hello, I am Youju. Ask about your documents: every statement comes with the exact words it rests on, and what "
        "the documents do not say, I will not either.",
    },
    "about": {
        "zh-Hans": "我是有据，一个只根据您的文档回答问题的助手。"
        "我在文档中找到能回答问题的原话，标出它在哪份文档、哪一处；找不到就说没有。"
        "我在这台电脑上运行，不联网，也不会把文档发到别处。",
        "zh-Hant": "我是有據，一個只根據您的文件回答問題的助手。"
        "我在文件中找到能回答問題的原話，標出它在哪份文件、哪一處；找不到就說沒有。"
        "我在這台電腦上執行，不連網，也不會把文件傳到別處。",
        "en": "I am Youju, an assistant that answers from your documents alone. I find the words that answer a question and show "
        "where they stand; where there are none, I say so. I run on this computer and send your documents nowhere.",
    },
    "thanks": {
        "zh-Hans": "不客气。还有什么想问的，请继续。",
        "zh-Hant": "不客氣。還有什麼想問的，請繼續。",
        "en": "You are welcome. Ask on whenever you like.",
    },
    "bye": {"zh-Hans": "再见。", "zh-Hant": "再見。", "en": "Goodbye."},
}


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _to_traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def language_of(text: str) -> Language:
    """Return the language to answer in; English for every language that Youju has no words in."""
    if not _HAN.search(text) or _OTHER_EAST_ASIAN.search(text):
        return "en"
    # a Simplified text holds hardly any character that t2s changes; a Traditional one many that s2t does (台, 吃, 占)
    traditional, simplified = (_changed(text, script) for script in (_to_simplified(), _to_traditional()))
    return "zh-Hant" if traditional and traditional >= simplified else "zh-Hans"


def _changed(text: str, script: opencc.OpenCC) -> int:
    return sum(one != other for one, other in zip(text, script.convert(text), strict=False))


def message(name: str, language: Language, **facts: str) -> str:
    """Return what Youju says, with the facts that it names."""
    return _MESSAGES[name][language].format(**facts)
