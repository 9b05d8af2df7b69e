"""Chinese: what its text needs to be read (tables and small rules; see speech.py for what each is)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from sign_models.dictionary.reading.speech import Kind, Mood, Speech, Token, Words, listed

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-2]\d|3[01])(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4])[:：](?P<minute>[0-5]\d)(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4])点(?P<minute>[0-5]?\d)分?(?!\d)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4])点(?P<half>半)")),
    ("time", re.compile(r"(?P<hour>[01]?\d|2[0-4])点(?:钟|整)?(?![儿心击])(?P<minute>)")),
    ("number", re.compile(r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)")),
)

_PARTICLE = "A grammar particle; CSL does not sign it."
_QUESTION = "The question is shown on the face."
_MEASURE = "CSL counts without a measure word."
_STRUCTURE = "CSL shows this by the order of the signs."

_LINK = "CSL joins these without a word."

MEASURE_WORDS = frozenset(
    listed(
        "个 只 条 本 张 件 位 杯 把 辆 台 部 座 间 家 支 枝 瓶 碗 块 片 颗 棵 朵 双 对 套 份 门 首 名 "
        "场 顿 遍 次 种 些 口 匹 头 层 篇"
    )
)

_FUNCTION_WORDS = (
    dict.fromkeys(
        listed("的 地 得 了 着 过 啊 呀 嘛 哦 啦 哇 哪怕 们 所 之 而 于 嗯 呃 就 才"),
        _PARTICLE,
    )
    | dict.fromkeys(["吗", "呢", "吧"], _QUESTION)
    | dict.fromkeys(listed("把 被 将 给 在 第 是 向 从 以 让 使"), _STRUCTURE)
    | dict.fromkeys(MEASURE_WORDS - {"对", "家", "门", "次", "头", "口"}, _MEASURE)
    | {"把": _STRUCTURE}
    | dict.fromkeys(listed("是不是 是否"), _QUESTION)
    | {"所以": _STRUCTURE, "千万": _PARTICLE, "从来": _PARTICLE, "看起来": _STRUCTURE}
    | dict.fromkeys(listed("和 与 及 以及 还是"), _LINK)
    | {"度": _MEASURE}
)

_WH = frozenset(
    listed(
        "什么 谁 哪 哪里 哪儿 哪个 哪些 哪位 怎么 怎样 怎么样 为什么 为何 几 几个 几点 几岁 几号 多少 "
        "多大 多久 多长 多远 什么时候 什么样 干什么 干嘛 咋"
    )
)
_NOT = frozenset(listed("不 没 没有 别 不要 不用 不能 不会 不可以 不行 不是 不想 不喜欢 从不 从来不 未 无"))
A_NOT_A = re.compile(r"(.+?)([不没])(\1)")
_TOLD = re.compile("知道|明白|告诉|忘记|记得|听说|问过|懂|清楚")
"""我不知道他为什么不来 tells; with a question mark it asks."""
_INDEFINITE = re.compile(r"(?:什么|谁|哪里|哪儿|怎么).{0,2}(?:都|也)|没什么|不怎么")


def mood(tokens: Sequence[Token], end: str) -> Mood:
    """By the particles, by A-not-A, and by question words, which stand anywhere in the sentence."""
    words = [token.norm for token in tokens if token.words and not token.is_mark]
    typed = "".join(words)
    if not words or end == "!":
        return "statement"
    if words[-1] == "吗" or A_NOT_A.search(typed) or "是否" in typed:
        return "yes_no_question"
    asks = any(word in _WH or word.startswith("多少") for word in words) and not _INDEFINITE.search(typed)
    if asks and end == "." and _TOLD.search(typed):
        return "statement"
    if asks and (end in ("?", "?!") or (end != "," and "的时候" not in typed)):
        return "wh_question"
    if end in ("?", "?!"):
        return "yes_no_question"
    return "statement"


_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金贾韦夏付方邹熊白孟秦邱侯江尹薛闫段雷黎史龙贺陶顾龚郝邵万覃武钱戴严莫孔向常汤康"
)


def like_a_name(word: str) -> bool:
    """A surname and one or two characters, for words that the segmentation does not know."""
    return 2 <= len(word) <= 3 and word[0] in _SURNAMES


_COUNTED = frozenset("这那哪几每")


def place(tokens: Sequence[Token], words: Words) -> list[Token]:
    """Leaves out measure words after numbers and pointing words."""
    marked = [_by_its_neighbours(tokens, i) for i in range(len(tokens))]
    for i, token in enumerate(marked[1:], 1):
        before = marked[i - 1]
        counted = (
            before.kind == "number" or bool(number(before.words)[0]) or before.norm in ("这", "那", "哪", "几", "每")
        )
        if counted and token.norm in MEASURE_WORDS:
            marked[i] = replace(token, left_out=_MEASURE)
        _leave_out_a_not_a(marked, i)
    return marked


_GOING_ON = frozenset(
    listed(
        "看 看书 做 做饭 找 听 说 吃 吃饭 喝 写 玩 等 学 学习 睡觉 跑步 唱歌 跳舞 开会 上课 聊天 "
        "打 买 卖 洗 洗澡 想 休息 准备 上班 上网 打电话 游泳 画画 考虑 讨论"
    )
)


def _by_its_neighbours(tokens: Sequence[Token], i: int) -> Token:
    """叫 beside 名字 says the same; 在 before a verb says that it goes on."""
    token = tokens[i]
    if token.norm == "叫" and any(other.norm == "名字" for other in tokens):
        return replace(token, left_out=_STRUCTURE)
    negated = i > 1 and tokens[i - 1].norm in ("不", "没") and tokens[i - 2].norm in _WITH_RESULTS
    if token.norm in _RESULTS and negated:
        return replace(token, left_out=_STRUCTURE)  # 听不见: 听 不
    verb = tokens[i + 1].norm if i + 1 < len(tokens) else ""
    if (token.norm in ("在", "正在") and verb in _GOING_ON) or (token.norm == "正在" and verb[:1] in _GOING_ON):
        return replace(token, left_out=_PARTICLE)
    return token


def _leave_out_a_not_a(tokens: list[Token], i: int) -> None:
    """去不去 asks whether one goes: 去, and the face asks."""
    verb, after = tokens[i - 1], tokens[i]
    if verb.kind != "han" or after.kind != "han" or after.text[0] not in "不没":
        return
    if after.text[1:] == verb.text:
        tokens[i] = replace(after, left_out=_QUESTION, particle=True)
    elif len(after.text) == 1 and i + 1 < len(tokens) and tokens[i + 1].text == verb.text:
        tokens[i : i + 2] = [replace(token, left_out=_QUESTION, particle=True) for token in tokens[i : i + 2]]


LONGEST_NUMBER = 20
"""Characters of the longest number in words."""

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"亿": 100_000_000, "万": 10_000}


def number(words: Sequence[str]) -> tuple[str, int]:
    """ "三百零五" -> ("305", 1); "二〇二四" -> ("2024", 1)."""
    if not words or not 0 < len(words[0]) <= LONGEST_NUMBER:
        return "", 0
    word = words[0]
    if word in ("千万", "万一"):  # by all means; in case
        return "", 0
    if len(word) > 1 and all(character in _DIGITS for character in word):
        return "".join(str(_DIGITS[character]) for character in word), 1
    if word[0] not in _DIGITS and word[0] != "十":
        return "", 0
    value = _value(word)
    return (str(value), 1) if value is not None else ("", 0)


def _value(word: str) -> int | None:
    for myriad, scale in _MYRIADS.items():
        if myriad in word:
            head, _, rest = word.partition(myriad)
            many, small = _value(head), _value(rest.removeprefix("零")) if rest else 0
            if not many or small is None or small >= scale:
                return None
            return many * scale + small
    return _below_myriad(word)


def _below_myriad(word: str) -> int | None:
    total, digit, last_scale = 0, None, 10_000
    for i, character in enumerate(word):
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
        elif character in _SCALES and _SCALES[character] < last_scale and (digit or (character == "十" and i == 0)):
            last_scale = _SCALES[character]
            total += (digit or 1) * last_scale
            digit = None
        else:
            return None
    return total + (digit or 0) if word else None


_KIN = frozenset(listed("奶奶 姥姥 舅舅 叔叔 伯伯 姑姑 婶婶 太太 宝宝"))
"""Doubled words that are no doubled verb."""


_WITH_RESULTS = frozenset(listed("关 穿 戴 带 锁 买 卖 吃 喝 做 写 看 听 找 学 拿 收 放 洗 说 想 打"))
_RESULTS = frozenset(listed("上 好 完 掉 到 住 见 下"))
"""What a verb has come to: 关上 is 关, the gate is shut anyway."""


def base_forms(word: str) -> tuple[str, ...]:
    """What a reduplicated or suffixed word is made from: 看看 -> 看, 高高兴兴 -> 高兴, 朋友们 -> 朋友."""
    found: list[str] = []
    if len(word) == 2 and word[0] == word[1] and word not in _KIN:
        found.append(word[0])
    if len(word) == 2 and word[0] in _WITH_RESULTS and word[1] in _RESULTS:
        found.append(word[0])
    if len(word) == 3 and word[0] == word[2] and word[1] in "一了":
        found.append(word[0])
    if len(word) == 4 and word[0] == word[1] and word[2] == word[3]:
        found.append(word[0] + word[2])
    if len(word) == 4 and word[:2] == word[2:]:
        found.append(word[:2])
    if len(word) > 1 and word[-1] in "们儿":
        found.append(word[:-1])
    return tuple(found)


CHINESE = Speech(
    code="zh",
    joiner="",
    thousands=",",
    patterns=_PATTERNS,
    abbreviations={},
    closing_abbreviations=frozenset(),
    contractions=lambda word: (),
    symbols={
        "%": "百分之",
        "&": "和",
        "+": "加",
        "=": "等于",
        "$": "美元",
        "€": "欧元",
        "£": "英镑",
        "¥": "元",
        "°": "度",
        "°C": "度",
    },
    fold={},
    irregular={"您": "你", "俩": "两", "妳": "你"},
    function_words=_FUNCTION_WORDS,
    negations=_NOT,
    question_words=_WH,
    mood=mood,
    number=number,
    ordinal=lambda word: number((word[1:],))[0] if word[:1] == "第" and len(word) > 1 else "",
    unit_words={10: "十", 100: "百", 1000: "千", 10_000: "万", 100_000_000: "亿"},
    point="小数点",
    minus="负",
    months=tuple(f"{month}月" for month in listed("一 二 三 四 五 六 七 八 九 十 十一 十二")),
    clock=("时间", "HOUR", "MINUTE"),
    half_past=("时间", "HOUR", "半"),
    place=place,
    name_cues=frozenset(["姓", "叫", "名叫", "叫做"]),
    stems=lambda word: (),
    base_forms=base_forms,
    opaque=frozenset(
        listed(
            "上海 北京 南京 天津 重庆 中国 美国 英国 法国 德国 海南 河南 河北 湖南 湖北 山东 山西 江西 "
            "广东 广西 云南 四川 马上 小心 东西 大家 多少 点心 开心 关心 放心 先生 新闻 黄瓜 地道 地方 "
            "手机 火车 汽车 公开 花生 生气 天气 马虎 老师 老板 老婆 老公 小时 小学 大学 大人 大小 大概 "
            "大约 好像 好处 好看 高考 高手 水平 水果 口水 火锅 中心 中学 内容 外面 下面 上面 下来 "
            "上来 上课 下课 出来 出去 起来 过来 过去 回来 看来 看见 听见 听说 见面 生日 生活 生意 学生 "
            "医生 人生 明白 明星 本来 本事 分手 分数 打车 打听 打算 打开 不但 不过 不错 不久 没事 心里 "
            "手表 手术 头发 头痛 书记 日本 月饼 白菜 红包 黑板 电话 电影 电脑 电车 车站 冰箱 年轻 年级"
        )
    )
    | _KIN,
    times=frozenset(
        listed(
            "今天 明天 昨天 后天 前天 现在 今年 明年 去年 以前 以后 刚才 早上 上午 中午 下午 晚上 今晚 "
            "昨晚 夜里 周末 上周 下周 星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 上个月 "
            "下个月 这个月 每天 周一 周二 周三 周四 周五 周六 周日"
        )
    ),
    time_units=frozenset(listed("年 月 日 号 点 分 小时 分钟 星期 天")),
    time_modifiers=frozenset(["上", "下", "这", "每", "每个"]),
    day_parts=frozenset(),
    degrees=frozenset(),
    conjunctions=frozenset(listed("但是 可是 因为 所以 如果 虽然 但 不过")),
    transparent=frozenset(listed("太 很 是 真 再 都")),
)
