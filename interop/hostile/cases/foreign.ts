import assert from "node:assert/strict";

import { brief, plainProtocols } from "../hostile-case.ts";
import type { HostileCase } from "../hostile-case.ts";

const request = "GET / HTTP/1.1\r\nHost: golub.test\r\nConnection: keep-alive\r\n\r\n";
/** A form in a web page that posts mail commands (cross-protocol scripting). */
const form = `POST / HTTP/1.1\r\nHost: golub.test\r\nContent-Length: 90\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<ana@golub.test>\r\nDATA\r\nSubject: by form\r\n\r\nx\r\n.\r\n`;

export const foreignCases: readonly HostileCase[] = [
  {
    name: "foreign: HTTP on mail ports ends the connection before its body is read",
    async attack(target) {
      for (const protocol of plainProtocols)
        for (const text of [request, form]) {
          const talk = await target.connect(protocol);
          await talk.line();
          await talk.send(text);
          const said = await talk.rest(3000);
          assert.doesNotMatch(said, /^250|^354/m, protocol);
        }
      return "closed";
    },
  },
  {
    name: "foreign: mail verbs on the web ports get 400 and the end",
    async attack(target) {
      let last = "";
      for (const protocol of ["http", "https"])
        for (const text of [
          "EHLO client.test\r\n",
          "t LOGIN a b\r\n",
          "USER a\r\n",
          "\0\0\0\r\n\r\n",
        ]) {
          const talk = await target.connect(protocol);
          await talk.send(text);
          last = await talk.rest(6000);
          assert.match(last, /^HTTP\/1\.1 400|^$/);
        }
      return brief(last);
    },
  },
  {
    name: "foreign: HTTP with floods of headers, lengths, pieces and methods",
    async attack(target) {
      const requests = [
        `GET / HTTP/1.1\r\nHost: x\r\n${"X: y\r\n".repeat(100_000)}\r\n`,
        `GET /${"a".repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(1_000_000)}\r\n\r\n`,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\n${"a".repeat(4_000_000)}`,
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\nHost: \xff\r\n\r\n",
        "FROB / HTTP/9.9\r\n\r\n",
      ];
      const codes: string[] = [];
      for (const text of requests) {
        const talk = await target.connect("http");
        await talk.send(text);
        const answer = await talk.answerOrEnd();
        assert.match(answer, /^HTTP\/1\.1 [2345]\d\d|closed/);
        codes.push(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "closed");
        talk.destroy();
      }
      return codes.join(" ");
    },
  },
  {
    name: "foreign: 5,000 pipelined requests on one connection, and 300 connections",
    cpuSecondsMax: 4,
    async attack(target) {
      const talk = await target.connect("http");
      await talk.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".repeat(5000));
      talk.end();
      const said = await talk.rest(10_000);
      const answerCount = said.split("HTTP/1.1 200").length - 1;
      const crowd = await Promise.all(Array.from({ length: 300 }, () => target.connect("http")));
      for (const each of crowd) each.destroy();
      return `${answerCount} answers`;
    },
  },
];
