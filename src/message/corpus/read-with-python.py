"""Reads the messages named as arguments with Python's email package; prints JSON for the test."""

import email
import email.header
import email.utils
import json
import sys

# VISCII is not among them: Python has none. WHATWG reads koi8-u and x-mac-cyrillic as wider charsets.
CODECS = {
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp855": "cp855",
    "cp858": "cp858",
    "x-mac-ce": "mac_latin2",
    "iso-8859-2": "iso8859_2",
    "iso-8859-5": "iso8859_5",
    "iso-8859-16": "iso8859_16",
    "koi8-r": "koi8_r",
    "ibm866": "cp866",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
}

TEXTS = {
    "utf-7": "Šifra & žuta + čaša – 😀 ~",
    "hz-gb-2312": "中文 mail ~ 测试\n再见",
    "iso-2022-kr": "안녕하세요 mail\n테스트",
    "iso-2022-jp": "こんにちは mail",
    "shift_jis": "こんにちは",
    "euc-kr": "안녕하세요",
    "big5": "測試",
    "gb18030": "测试 žđ",
}


def header(message, name):
    value = message.get(name)
    if value is None:
        return ""
    return str(email.header.make_header(email.header.decode_header(value)))


def tree(part):
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return ["message/rfc822", [tree(part.get_payload(0))]]
    if part.is_multipart():
        return [part.get_content_type(), [tree(child) for child in part.get_payload()]]
    payload = part.get_payload(decode=True) or b""
    return [part.get_content_type(), len(payload.replace(b"\r", b"").replace(b"\n", b""))]


def date(message):
    parsed = email.utils.parsedate_tz(message.get("Date", ""))
    return None if parsed is None else email.utils.mktime_tz(parsed) * 1000


def read(path):
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file)
    found = {"tree": tree(message)}
    for name, look in (("subject", lambda: header(message, "Subject")), ("date", lambda: date(message))):
        try:
            found[name] = look()
        except Exception as error:  # it refuses some malformed fields; the test lists which
            found[name] = "refused: " + type(error).__name__
    return found


print(
    json.dumps(
        {
            "tables": {
                name: [bytes([byte]).decode(codec, "replace") for byte in range(256)]
                for name, codec in CODECS.items()
            },
            "texts": {name: [text, text.encode(name).hex()] for name, text in TEXTS.items()},
            "messages": {path: read(path) for path in sys.argv[1:]},
        }
    )
)
