"""Numbers that claim nothing a table could hold: dates, sections, laws, pages, phones, money, times, versions."""

from __future__ import annotations

import re

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_THINGS = (
    r"sections?|sec\.|\u00a7+|articles?|art\.|arts\.|chapters?|ch\.|figures?|fig\.|figs\.|tables?|charts?|"
    r"pages?|pp?\.|paragraphs?|paras?\.|clauses?|items?|annex(?:es)?|appendix|appendices|parts?|volumes?|vol\.|issues?|"
    r"steps?|phases?|stages?|levels?|tiers?|versions?|v\.|class(?:es)?|subclass|category|"
    r"categories|type|form|room|floor|rooms|building|"
    r"regulation|directive|act|law|bill|decree|ordinance|order|proclamation|resolution|goal|"
    r"target|objective|pillar|option|"
    r"question|answer|line|row|column|box|note|footnote|source|reference|ref\.|doc(?:ument)?\.?|case|docket|id|"
    r"tel\.?|phone|telephone|fax|ext\.?|hotline|isbn|issn|doi|rfc|iso|visa|route|gate|bus|flight|world war|"
    r"windows|python|gpt|claude|llama|series|grade|unit|lesson|exhibit|schedule|title|track|round|agenda item|sample"
)
NOISE = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:-|\u2013|and|to)\s*\d{{1,2}}(?:st|nd|rd|"
        rf"th)?)?\s+(?:of\s+)?{_MONTH}(?![a-z])(?:,?\s+(?:of\s+)?\d{{4}})?",
        rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:\s*(?:-|\u2013|and|to)\s*\d{{1,2}}(?:st|nd|rd|"
        rf"th)?)?(?!\d)(?:,?\s+\d{{4}})?",
        r"\b(?:january|february|march|april|may|june|july|august|september|october|november|"
        r"december|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\.?(?:\s+of)?,?\s+(?:19|20)\d\d\b",
        r"\b(?:early|mid|late|spring|summer|autumn|winter|fall)[- ](?:of )?(?:19|"
        r"20)\d\d\b(?=\s+(?:the|a|an|when|it)\b)",
        r"\b\d{4}-\d{2}(?:-\d{2})?(?!\d)|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
        r"\b(?:19|20)?\d0s\b",
        r"\bq[1-4]\b(?:\s+(?:of\s+)?\d{4})?|\b[1-4]q\d{2,4}\b",
        r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?|\b\d{1,2}(?:\.\d{2})?\s*[ap]\.?m\b\.?",
        rf"(?:\b(?:{_THINGS})|\u00a7)\s*(?:nos?\.?\s*|number\s*|"
        rf"#\s*)?\(?[a-z]{{0,2}}(?!0\.|[\d.,]+\s*(?:%|per ?cent\b))\d+(?:[.,:/-]\d+)*[a-z]?\)?(?:\s*(?:,|and|to|or|-|"
        rf"\u2013)\s*\d+(?:[.:/-]\d+)*(?![\d.,]*\s*(?:%|per\b)))*",
        r"\bnos?\.\s*\d[\d/.-]*(?!\s+(?:in|of|among|on|out)\b)",
        r"(?:us\$|a\$|c\$|s\$|hk\$|nt\$|[$\u20ac\u00a3\u00a5\u20a9\u20b9])\s*\d[\d,.]*(?:\s*(?:-|"
        r"\u2013|to)\s*[$\u20ac\u00a3\u00a5\u20a9]?\d[\d,.]*)?\s*(?:thousand|million|billion|"
        r"trillion|bn|m|k|tn)?\b",
        r"\b(?:usd|eur|gbp|krw|jpy|chf|sgd|cad|aud|inr|aed|ntd|twd|cny|rmb|hkd|nok|sek|dkk|pln|ils"
        r"|nis|rs\.?)\s*\d[\d,.]*\s*(?:thousand|million|billion|trillion|bn|m|k|tn|lakh|crore)?\b",
        r"\b\d[\d,.]*\s*(?:thousand|million|billion|trillion|bn|tn|lakh|crore)?\s*(?:u\.?s\.?\s+|"
        r"canadian\s+|singapore\s+|australian\s+)?(?:dollars?|euros?|pounds?|won|yen|yuan|francs?|"
        r"rupees?|dirhams?|usd|eur|gbp|krw|jpy|chf|shekels?|cents?)\b",
        r"(?<![\w.])\+?\d{1,3}[\s.-]\(?\d{1,4}\)?(?:[\s.-]\d{2,4}){2,}\b|"
        r"\(\d{2,4}\)\s*\d{3,4}[\s-]\d{4}|\b\d{2,4}-\d{3,4}-\d{4}\b|(?<!\d)\+\d{6,}\b",
        r"\[\^?[\w-]+\]|\((?:\d{1,2}|[ivx]+|[a-z])\)(?=\s+[a-z])",
        r"^\s*(?:\(?\d{1,2}[.)]|#\d+)\s+",
        r"\b[A-Z]{1,6}\d?-?\d+[A-Z]{0,3}(?![\w.,]*\d)\b",
        r"https?://\S+|\bwww\.\S+|\S+@\S+|\bdoi:\S+",
        r"\b\d+(?:\.\d+){2,}\b|\bv\d+(?:\.\d+)*\b",
        r"\b(?:aged?|under|over)\s+\d{1,2}(?:\s*(?:to|-|\u2013|and)\s*\d{1,2})?(?=\s*(?:[,.;)]|"
        r"years? old|or (?:older|younger)))",
        r"\b(?:\d+(?:[.,]\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
        r"several)[\s-]+(?:and a half[\s-]+)?(?:consecutive[\s-]+|full[\s-]+|fiscal[\s-]+|"
        r"straight[\s-]+|more[\s-]+|successive[\s-]+|calendar[\s-]+|working[\s-]+|"
        r"business[\s-]+)?(?:years?|months?|weeks?|days?|hours?|minutes?|seconds?|quarters?(?! of)"
        r"|decades?|semesters?|year-olds?)(?![a-z])",
        r"\b\d+(?:[.,]\d+)?\s*(?:km|kg|cm|mm|gb|mb|tb|kb|mw|gw|kwh|mwh|ghz|mhz|degrees?|miles?|"
        r"metres?|meters?|petaflops?|exaflops?|gpus?|tokens?|parameters?|characters?|words?|pages?"
        r"|chapters?|copies|\u00b0c?)\b",
        r"\btop[- ](?:\d{1,3}|ten|five|three|two|twenty|fifteen|six|four|seven|eight|"
        r"dozen)(?:\s*(?:%|percent|per cent|-percent))?(?!\.\d)",
        r"\b(?:strategy|tracker|plan|vision|society|industry|web|initiative|programme|program|"
        r"agenda|policy|roadmap)\s+\d\.\d\b|\b(?:elite|top|best|leading|upper) (?:the )?(?:\d+|"
        r"two|twenty) ?(?:%|per ?cent\b)",
        r"\b(?:fortune|global|ftse|s&p|nikkei|kospi|forbes)\s+\d+\b|\b24/7\b|\b\d{1,2}x\d{1,2}\b",
        r"\b(?:cop|covid|sars-cov|web|industry|society|gpt|llama|gemini|claude|expo|agenda|vision|"
        r"digital|horizon|tracker)[- ]?\d+(?:\.\d+)?\b",
        r"\b\d{1,2}\s+(?:of\s+\d{1,2}\s+)?ai skills\b|\b(?:act|law|regulation|"
        r"directive)\s+\(?(?:eu\)?\s*)?(?:no\.?\s*)?\d+(?:/\d+)?",
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,2}) o'?clock\b|\b(?:five|ten|twenty|"
        r"quarter|half|a quarter) (?:past|to) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
        r"\b(?:one|two|three|four|five|\d) (?:decimals?|decimal places?|digits?|significant figures?|d\.?p\.?)\b|"
        r"\bto (?:one|two|three) places\b|\b(?:rounded |round )?half (?:up|down|to even|even)\b",
        r"\b\d[\d,.]*\s*(?:feet|foot|yards?|inches|pounds|kilos?|tonnes?|tons?|litres?|liters?|acres?|hectares?)\b",
        r"\bi, for one\b|\b(?:have|has|had|with|got|make|made|makes) a (?:good |fair )?point\b|\bradio \w+(?:-\w+)?\b",
        r"\b(?:two|three|four|five|six|several) (?:pictures?|stories|sides|reasons?|things?|ways?|lessons?|questions?|"
        r"answers?|koreas|worlds|camps|sets|sources|tables|charts?|maps?|speeds?|tiers?|thoughts?|cheers)\b",
        r"\bmy (?:first|second|third|fourth|last|final)"
        r" (?:piece|point|argument|example|exhibit|reason|question|source)\b",
        r"\b(?:the )?(?:one|first|second|former|latter|other) (?:hand|time|step|round|phase|"
        r"language|half|part|reading|draft|page|line|point|reason|question|survey|edition|version|"
        r"chart|report|vintage|country to|time in|office|person(?! (?:per|for|in|out))|lady|aid|name|place to)\b",
        r"\b(?:(?:at|in the) first|first of all|for (?:the )?first|since the first|one another|one"
        r" of|no one|any ?one|some ?one|every ?one|at one(?! (?:[a-z]+ ){0,2}(?:per|for|in)\b)|one-time|"
        r"one can|one should|one must|one"
        r" may|one source|two sources?|second[- ]hand|second thought|a third party|third[- "
        r"]part(?:y|ies)|third countr(?:y|ies)|secondly|firstly|thirdly|first,|second,|(?<!one )(?<!a )third,|"
        r"one-off|the two|these two|those two|both|all three|the three|these three|zero[- ]sum|"
        r"two-way|one way|two[- ]thirds majority)(?!\w)",
    )
)
_EDITION_BEHIND = re.compile(
    r"(?:'s)?\s*(?:edition|report|vintage|release|version|issue|index report|ai index|survey "
    r"report|white paper|bill|act|law|strategy|plan|order|proclamation|article|paper|note|"
    r"story|press|chart book|dataset|budget|reform|amendment|election)\b"
)
_EDITION_BEFORE = re.compile(
    r"(?:published|released|issued|launched|printed|dated|updated|revised|retrieved|accessed|"
    r"adopted|passed|signed|enacted|founded|announced|introduced|quoted|"
    r"edition of|report of|report for|vintage of|article of|version of|release of|press of|"
    r"note of|paper of|revision of|strategy|act|index|report|plan|vision|agenda|tracker|"
    r"neurips|iclr|icml|horizon|target for|copyright|\u00a9|by|until|expo)\s*(?:in\s+|"
    r"on\s+)?\(?$"
)
_ADDED = re.compile(r"(?:recorded by|posted by|by|until)\s*$")


def data_year(low: str, start: int, end: int) -> bool:
    """Whether four digits are a year of data: not that of an edition, a law or a publication."""
    before = low[max(0, start - 24) : start]
    if _EDITION_BEHIND.match(low, end):
        return False
    if _ADDED.search(before):  # "by 2023" is a year of data beside a past verb
        return True
    return _EDITION_BEFORE.search(before) is None
