# SPDX-License-Identifier: MIT
"""POST /v1/audio/speech, as tools made for OpenAI's endpoint use it: contract, section 6."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from speech import media_with, peak, pitch, probe

PATH = "/v1/audio/speech"
FORMATS = {  # response_format: content type, container, codec
    "mp3": ("audio/mpeg", "mp3", "mp3"),
    "wav": ("audio/wav", "wav", "pcm_s16le"),
    "opus": ("audio/ogg", "ogg", "opus"),
}
SENTENCE = "Привет всем, кто сегодня с нами: начинаем через пару минут, не расходитесь!"
PAGE = " ".join(f"Это предложение номер {number}, и в нём несколько обычных слов." for number in range(200))


@pytest.fixture
def speak(api, user):
    def ask(text=SENTENCE, **more):
        body = {"model": "tts-1", "voice": "ru-RU-SvetlanaNeural", "response_format": "wav", "input": text, **more}
        return api.post(PATH, {name: value for name, value in body.items() if value is not None}, token=user.token)
    return ask


def spoken_seconds(reply):
    assert reply.status_code == 200, reply.text
    return probe(reply.content)["seconds"]


# ---- as others ask ----

def test_it_answers_as_openais_endpoint_does(suite, user):
    """What OpenAI's library for Python sends, headers and all, and how it reads the answer."""
    headers = {"Authorization": f"Bearer {user.token}", "Accept": "application/octet-stream", "User-Agent": "OpenAI/Python 1.51.0",
               "X-Stainless-Lang": "python", "X-Stainless-Runtime": "CPython", "X-Stainless-Retry-Count": "0"}
    body = {"input": "The quick brown fox jumped over the lazy dog.", "model": "gpt-4o-mini-tts", "voice": "coral",
            "instructions": "Speak in a cheerful and positive tone."}
    with requests.post(suite.env["BASE"] + PATH, json=body, headers=headers, stream=True, timeout=30) as reply:
        assert reply.status_code == 200
        content = b"".join(reply.iter_content(4096))
    assert reply.headers["Content-Type"] == "audio/mpeg"
    assert int(reply.headers["Content-Length"]) == len(content)
    assert 1.5 < probe(content)["seconds"] < 6


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_what_it_says(speak, name):
    content_type, container, codec = FORMATS[name]
    reply = speak(response_format=name)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, content_type)
    found = probe(reply.content)
    assert (found["format"], found["codec"], found["channels"]) == (container, codec, 1)
    assert 2 < found["seconds"] < 10
    assert 0.1 < peak(reply.content) < 0.999


def test_mp3_is_the_default(speak):
    assert speak(response_format=None).headers["Content-Type"] == "audio/mpeg"


def test_speed_shortens_and_lengthens(speak):
    """Also where espeak-ng itself goes no slower or faster."""
    normal = spoken_seconds(speak())
    for speed in (0.25, 0.5, 2, 4):
        assert spoken_seconds(speak(speed=speed)) == pytest.approx(normal / speed, rel=0.3), speed


@pytest.mark.parametrize("voice", ["alloy", "onyx", "nobody", "local-de-m", "gtts-en", "http:alloy"])
def test_any_voice_speaks(speak, voice):
    """One that is not here is the default of the text's language."""
    assert 2 < spoken_seconds(speak(voice=voice)) < 10


@pytest.mark.parametrize("text", [SENTENCE, "The quick brown fox jumped over the lazy dog."])
def test_names_of_openai_choose_the_sex(speak, text):
    assert pitch(speak(text, voice="onyx").content) < 150 < pitch(speak(text, voice="nova").content)


def test_several_languages_in_one_text(speak):
    """Each voice says its words: the whole is about as long as its parts."""
    parts = ["Сегодня у нас в гостях", "The quick brown fox jumped over the lazy dog", "Καλημέρα σε όλους τους φίλους"]
    apart = sum(spoken_seconds(speak(part)) for part in parts)
    assert spoken_seconds(speak(", ".join(parts))) == pytest.approx(apart, rel=0.2)


# ---- long texts ----

def test_4096_characters_are_spoken_whole(speak):
    half = PAGE[:2047] + "."
    reply = speak(PAGE[:4096], response_format="mp3")
    assert spoken_seconds(reply) == pytest.approx(2 * spoken_seconds(speak(half)), rel=0.1)


def test_4097_characters_are_refused(speak):
    reply = speak("ы" * 4097)
    assert reply.status_code == 422
    assert reply.json()["detail"][0]["ctx"] == {"max_length": 4096}


def test_speech_of_more_than_ten_minutes_is_refused(speak):
    reply = speak(PAGE[:4096], speed=0.25)
    assert (reply.status_code, reply.json()) == (400, {"detail": "speech would be too long"})


# ---- what is refused ----

@pytest.mark.parametrize("text", ["😀😀", "...", "\u200b", "—"])
def test_a_text_without_sound_is_refused(speak, text):
    reply = speak(text)
    assert (reply.status_code, reply.json()) == (400, {"detail": "nothing to speak"})


@pytest.mark.parametrize("field,value,kind", [
    ("input", "", "string_too_short"), ("input", None, "missing"), ("voice", None, "missing"), ("model", None, "missing"),
    ("voice", "", "string_too_short"), ("response_format", "flac", "literal_error"), ("speed", "fast", "float_parsing"),
    ("speed", 0.2499, "greater_than_equal"), ("speed", 4.01, "less_than_equal"), ("speed", -1, "greater_than_equal")])
def test_a_wrong_request_is_told_what_is_wrong(speak, field, value, kind):
    text = value if field == "input" else SENTENCE
    reply = speak(text, **({} if field == "input" else {field: value}))
    assert reply.status_code == 422
    assert [(error["type"], error["loc"]) for error in reply.json()["detail"]] == [(kind, ["body", field])]


def test_the_bounds_of_speed_are_told(speak):
    assert speak(speed=0.1).json()["detail"] == [
        {"type": "greater_than_equal", "loc": ["body", "speed"], "msg": "Input should be greater than or equal to 0.25",
         "input": 0.1, "ctx": {"ge": 0.25}}]


def test_it_is_for_users(api, user, db):
    body = {"model": "tts-1", "voice": "alloy", "input": "hello"}
    assert api.post(PATH, body).status_code == 401
    assert api.post(PATH, body, token="nonsense").status_code == 401
    db.execute("update auth.users set is_banned = true where id = %s", (user.id,))
    reply = api.post(PATH, body, token=user.token)
    assert (reply.status_code, reply.json()) == (403, {"detail": "user banned"})


def test_markup_is_read_and_not_obeyed(speak):
    """SSML and espeak-ng's own commands would make it silent, slow, or another voice."""
    plain = spoken_seconds(speak("привет"))
    assert spoken_seconds(speak('<break time="60s"/>привет<prosody rate="10%">')) < plain + 15
    assert spoken_seconds(speak("[[pri'vjet]] привет")) < plain + 10


# ---- many ----

def test_many_at_once(speak):
    texts = [f"Сообщение номер {number}, и оно не похоже на другие. {SENTENCE}" for number in range(24)]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda text: speak(text, response_format="mp3"), texts))
    assert {reply.status_code for reply in replies} <= {200, 503}
    spoken = [reply.content for reply in replies if reply.status_code == 200]
    assert len(spoken) >= 20 and len(set(spoken)) == len(spoken)


def test_speech_has_an_allowance(suite, speak):
    with media_with(suite, SPEECH_PER_MINUTE="3"):
        replies = [speak("раз") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429, 429]
    assert replies[3].json() == {"detail": "too much speech"}
    assert re.fullmatch(r"[1-9]\d?", replies[3].headers["Retry-After"])
