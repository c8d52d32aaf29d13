# SPDX-License-Identifier: MIT
"""Texts that nobody would say and somebody will send."""
import random
import string
import unicodedata

TEXT_MAX = 500  # characters, of /tts/generate

MARKUP = ['<speak><break time="9s"/>hi</speak>', '<audio src="file:///etc/passwd"/>', "<voice name='en'>", "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", "[[h@'loU]]",
          "<mark name='x'/>", "</speak>", "<![CDATA[x]]>", "<prosody rate='1%'>", "&#x0;&#1114112;", "{{7*7}}", "%s%n%x", "$(reboot)", "'; drop table", "\\x01\\u0002"]
SCRIPTS = ["абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abcdefghijklmnopqrstuvwxyz", "αβγδεζηθ", "אבגדהוז", "ابتثجحخ", "अआइईउऊ", "กขฃคฅฆ", "あいうえお漢字", "한글자모",
           "աբգդեզ", "აბგდევ", "በቡቢባ", "ကခဂဃ", "ԱԲԳ", "ᚠᚢᚦ", "𐍈𐌰𐌱", "𝕳𝖊𝖑𝖑𝖔", "ʰʷˠ", "№©®™€₽₴₸$%&@#"]
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u202a\u202e\u2066\u2069\u00ad\u034f\u061c\u180e\ufe0f\U000e0041"
NUMBERS = ["1e400", "-0", "007", "99999999999999999999999999", "3.14.15.92", "1,000,000.00", "12:34:56", "١٢٣", "½⅓", "10²", "0x1F", "1/0", "5-й", "$1.5k", "№№№ 5%%%"]
EMOJI = "😀👩‍👩‍👧‍👦🇷🇺🏳️‍🌈👍🏿❤️‍🔥🫠1️⃣"


def any_character(rng):
    """Of all planes; no surrogates, which JSON in UTF-8 can't carry."""
    while True:
        character = chr(rng.choice([rng.randrange(0x80), rng.randrange(0x3000), rng.randrange(0x110000)]))
        if unicodedata.category(character) != "Cs":
            return character


def word(rng):
    script = rng.choice(SCRIPTS)
    return "".join(rng.choice(script) for _ in range(rng.randint(1, 12)))


KINDS = {
    "any characters": lambda rng: "".join(any_character(rng) for _ in range(rng.randint(1, 40))),
    "a script a word": lambda rng: " ".join(word(rng) for _ in range(rng.randint(1, 10))),
    "markup": lambda rng: " ".join(rng.choice(MARKUP + [word(rng)]) for _ in range(rng.randint(1, 4))),
    "numbers": lambda rng: " ".join(rng.choice(NUMBERS) for _ in range(rng.randint(1, 4))),
    "digits": lambda rng: "".join(rng.choice(string.digits + ".,:-+ ") for _ in range(rng.randint(1, 60))),
    "one character": lambda rng: any_character(rng) * rng.randint(1, 200),
    "marks on marks": lambda rng: rng.choice("aяא") + "".join(chr(rng.randrange(0x300, 0x370)) for _ in range(rng.randint(1, 80))),
    "punctuation": lambda rng: "".join(rng.choice(string.punctuation + "…—«»„“") for _ in range(rng.randint(1, 40))),
    "emoji": lambda rng: "".join(rng.choice(EMOJI) for _ in range(rng.randint(1, 30))) + rng.choice(["", " да"]),
    "unseen among letters": lambda rng: "".join(c + rng.choice(INVISIBLE) for c in word(rng)),
    "capitals": lambda rng: word(rng).upper() + rng.choice(["!!!", "", " " + word(rng).upper()]),
    "control characters": lambda rng: "".join(chr(rng.randrange(1, 32)) + rng.choice("аb ") for _ in range(rng.randint(1, 20))),
    "endless word": lambda rng: "".join(rng.choice(rng.choice(SCRIPTS)) for _ in range(rng.randint(100, 300))),
    "syllables": lambda rng: word(rng)[:3] * rng.randint(2, 60),
}


def odd_text(rng: random.Random):
    text = KINDS[rng.choice(list(KINDS))](rng)[:TEXT_MAX]
    return text or "."
