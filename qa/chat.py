"""Greetings and questions about the assistant itself: no document can answer those, and "not found" would be rude."""

from __future__ import annotations

import re

from index import normalize

_PUNCTUATION = re.compile(r"[\s,.!?~。，、！？…～·:：;；\"'“”‘’()（）]+")
_POLITE = r"(请问|那|那么|嗯|啊|呀|呢|吧|的|了|哦|ok|so|well|please)*"
_GREETING = (
    r"(你好|您好|你们好|大家好|嗨|哈喽|哈罗|喂|在吗|在不在|有人吗|早|早安|早上好|上午好|中午好|下午好|晚上好|晚安|"
    r"hi|hello|hey|hithere|hellothere|goodmorning|goodafternoon|goodevening|howareyou)"
)
_PATTERNS = {
    "thanks": r"(谢谢|多谢|感谢|谢了|谢谢你|谢谢您|非常感谢|辛苦了|thanks|thankyou|thankyouverymuch|thx)",
    "bye": r"(再见|拜拜|回头见|bye|byebye|goodbye|seeyou)",
    "about": r"(你|您)(是谁|叫什么|叫什么名字|是什么|是什么模型|是机器人|是机器人吗|是人吗|是ai吗|能做什么|会做什么|能干什么|"
    r"会什么|会干什么|能帮我做什么|可以做什么|有什么功能|有什么用)|"
    r"(介绍一下|自我介绍|介绍一下你自己|介绍一下自己|介绍你自己)|"
    r"(whoareyou|whatareyou|whatisyourname|whatsyourname|whatcanyoudo|whatdoyoudo|areyouarobot|areyouhuman|areyouanai|"
    r"introduceyourself|tellmeaboutyourself|howcanyouhelp|howcanyouhelpme)",
}
_WHOLE = {name: re.compile(rf"{_GREETING}*{_POLITE}({pattern}){_POLITE}") for name, pattern in _PATTERNS.items()}
_ONLY_GREETING = re.compile(rf"({_GREETING}{_POLITE})+")


def chat_kind(question: str) -> str | None:
    """Return which message answers the question, or ``None`` where the documents have to.

    Only a question that is nothing else counts: one that greets first and then asks is for the documents, and so is one about
    Youju by name, which may have a guide among them.
    """
    bare = _PUNCTUATION.sub("", normalize(question))
    if not bare:
        return "greeting"
    if _ONLY_GREETING.fullmatch(bare):
        return "greeting"
    return next((name for name, pattern in _WHOLE.items() if pattern.fullmatch(bare)), None)
