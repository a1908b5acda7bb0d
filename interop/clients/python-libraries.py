"""Drives the server with Python's own mail libraries. Facts come as JSON on standard input."""

import email
import imaplib
import json
import poplib
import smtplib
import ssl
import sys

facts = json.load(sys.stdin)
ports, ana, boris = facts["ports"], facts["ana"], facts["boris"]
tls = ssl.create_default_context(cafile=facts["certificate"])


def must(claim, what):
    if not claim:
        raise SystemExit(f"failed: {what}")


def letter(subject, body="Dobar dan\r\n.točka\r\n"):
    head = f"From: {boris['address']}\r\nTo: {ana['address']}\r\nSubject: {subject}\r\n"
    kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return (head + kind + body).encode()


def use_smtplib():
    with smtplib.SMTP("localhost", ports["submission"], timeout=10) as client:
        client.starttls(context=tls)
        client.login(boris["address"], boris["password"])
        refused = client.sendmail(
            boris["address"],
            [ana["address"], boris["address"], "nobody@" + ana["address"].split("@")[1]],
            letter("smtplib pismo"),
            mail_options=["BODY=8BITMIME"],
        )
        must(len(refused) == 1, f"one recipient refused, got {refused}")
    with smtplib.SMTP_SSL("localhost", ports["submissions"], context=tls, timeout=10) as client:
        try:
            client.login(boris["address"], "wrong")
            must(False, "wrong password accepted")
        except smtplib.SMTPAuthenticationError as error:
            must(error.smtp_code == 535, "535 for a wrong password")


def use_imaplib():
    first = imaplib.IMAP4_SSL("localhost", ports["imaps"], ssl_context=tls)
    first.login(ana["address"], ana["password"])
    must(first.create("Posao/Računi".encode("utf-7").replace(b"+", b"&").decode())[0] == "OK", "CREATE")
    must(first.create('"Posao 2"')[0] == "OK", "CREATE with a space")
    must(first.append('"Posao 2"', r"(\Seen)", None, letter("imaplib jedan"))[0] == "OK", "APPEND")
    must(first.append('"Posao 2"', None, None, letter("imaplib dva", "x" * 5000))[0] == "OK", "APPEND")
    kind, count = first.select('"Posao 2"')
    must((kind, count) == ("OK", [b"2"]), f"SELECT says {count}")
    must(first.search(None, "UNSEEN")[1] == [b"2"], "SEARCH UNSEEN")
    must(first.search("UTF-8", "SUBJECT", '"DVA"')[1] == [b"2"], "SEARCH SUBJECT in any case")
    kind, data = first.fetch("2", "(BODY.PEEK[TEXT]<0.10> RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
    must(data[0][1] == b"x" * 10, "partial fetch")
    second = imaplib.IMAP4("localhost", ports["imap"])
    second.starttls(ssl_context=tls)
    second.login(ana["address"], ana["password"])
    second.select('"Posao 2"')
    must(first.store("1", "+FLAGS", r"(\Flagged $Vazno)")[0] == "OK", "STORE")
    second.noop()
    kind, data = second.fetch("1", "(FLAGS)")
    must(rb"\Flagged" in data[0] and b"$Vazno" in data[0], f"the other session sees {data}")
    must(first.copy("1:2", "INBOX")[0] == "OK", "COPY")
    must(first.store("1", "+FLAGS", r"(\Deleted)")[0] == "OK", "STORE \\Deleted")
    must(first.expunge()[1] == [b"1"], "EXPUNGE")
    second.noop()
    must(second.response("EXPUNGE")[1] == [b"1"], "the other session is told")
    must(first.delete('"Posao 2"')[0] == "OK", "DELETE")
    first.logout()
    second.logout()


def use_poplib():
    subjects = {f"poplib {number}" for number in range(5)}
    sender = imaplib.IMAP4_SSL("localhost", ports["imaps"], ssl_context=tls)
    sender.login(boris["address"], boris["password"])
    for subject in subjects:
        sender.append("INBOX", None, None, letter(subject))
    sender.logout()
    client = poplib.POP3("localhost", ports["pop3"], timeout=10)
    client.stls(context=tls)
    must("UIDL" in client.capa(), "CAPA has UIDL")
    client.user(boris["address"])
    client.pass_(boris["password"])
    count, octets = client.stat()
    must(count >= 5, "STAT")
    must(sum(int(line.split()[1]) for line in client.list()[1]) == octets, "LIST sums to STAT")
    ids = dict(line.split() for line in client.uidl()[1])
    must(len(set(ids.values())) == count, "UIDL is unique")
    doomed = None
    for number in range(1, count + 1):
        lines = client.retr(number)[1]
        message = email.message_from_bytes(b"\r\n".join(lines))
        if message["Subject"] in subjects:
            must(b".to\xc4\x8dka" in lines, "dots are unstuffed")
            must(len(client.top(number, 1)[1]) < len(lines), "TOP is shorter")
            doomed = number
    gone = ids[str(doomed).encode()]
    client.dele(doomed)
    client.quit()
    again = poplib.POP3_SSL("localhost", ports["pop3s"], context=tls, timeout=10)
    again.user(boris["address"])
    again.pass_(boris["password"])
    left = dict(line.split() for line in again.uidl()[1])
    must(gone not in left.values(), "DELE is done after QUIT")
    must(set(left.values()) == set(ids.values()) - {gone}, "UIDL of the others is the same")
    again.quit()


{"smtplib": use_smtplib, "imaplib": use_imaplib, "poplib": use_poplib}[sys.argv[1]]()
