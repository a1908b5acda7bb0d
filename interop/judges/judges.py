"""Asks Debian's judges: one JSON request a line on standard input, one JSON answer a line.

python3-dkim verifies and signs DKIM and ARC, python3-spf judges SPF, over DNS given as data.
"""

import base64
import json
import socket
import sys

import dkim
import spf


def text_function(records):
    def find(name, timeout=5):
        key = name.decode() if isinstance(name, bytes) else name
        return records.get(key.rstrip(".").lower(), "").encode() or None

    return find


def verify_dkim(request):
    message = base64.b64decode(request["message"])
    find = text_function(request["records"])
    results = []
    for index in range(request["signatures"]):
        try:
            results.append(bool(dkim.DKIM(message).verify(idx=index, dnsfunc=find)))
        except Exception:
            results.append(False)
    return results


def sign_dkim(request):
    ways = [way.encode() for way in request["ways"]]
    field = dkim.DKIM(base64.b64decode(request["message"])).sign(
        request["selector"].encode(),
        request["domain"].encode(),
        request["key"].encode(),
        signature_algorithm=request["algorithm"].encode(),
        canonicalize=tuple(ways),
        length=request["length"],
    )
    return base64.b64encode(field).decode()


def verify_arc(request):
    message = base64.b64decode(request["message"])
    status, _, reason = dkim.ARC(message).verify(dnsfunc=text_function(request["records"]))
    return status.decode() if status else "none"


def sign_arc(request):
    fields = dkim.ARC(base64.b64decode(request["message"])).sign(
        request["selector"].encode(),
        request["domain"].encode(),
        request["key"].encode(),
        request["server"].encode(),
        include_headers=[b"from", b"to", b"subject"],
    )
    return base64.b64encode(b"".join(fields)).decode()


def judge_spf(request):
    zone = {name.lower(): entries for name, entries in request["zone"].items()}

    def look_up(name, kind, strict=True, timeout=None):
        entries = zone.get(name.lower().rstrip("."), [])
        if "TIMEOUT" in entries and not any(e != "TIMEOUT" and kind in e for e in entries):
            raise spf.TempError("DNS timeout")
        for entry in entries:
            if entry == "TIMEOUT":
                continue
            for found, value in entry.items():
                if found not in (kind, "CNAME"):
                    continue
                if found == "AAAA":
                    value = socket.inet_pton(socket.AF_INET6, value)
                elif found == "TXT":
                    value = (value.encode(),)
                elif found == "MX":
                    value = tuple(value)
                yield (name, found), value

    spf.DNSLookup = look_up
    result, _ = spf.check2(
        i=request["address"], s=request["sender"], h=request["helo"], querytime=0
    )
    return result


acts = {
    "verifyDkim": verify_dkim,
    "signDkim": sign_dkim,
    "verifyArc": verify_arc,
    "signArc": sign_arc,
    "judgeSpf": judge_spf,
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": acts[request["act"]](request)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
