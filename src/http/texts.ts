/** What the front page says, in one language. */
export interface FrontTexts {
  readonly language: string;
  readonly title: string;
  readonly lead: string;
  readonly settings: string;
  readonly use: string;
  readonly server: string;
  readonly port: string;
  readonly security: string;
  readonly reading: string;
  readonly readingOld: string;
  readonly fetching: string;
  readonly sending: string;
  readonly login: string;
  readonly spam: string;
}

const texts: Readonly<Record<string, FrontTexts>> = {
  en: {
    language: "English",
    title: "Golub carries the mail here",
    lead: "This is a mail server. Your mail program can use it with the settings below.",
    settings: "Settings for your mail program",
    use: "For",
    server: "Server",
    port: "Port",
    security: "Security",
    reading: "Reading, IMAP (recommended)",
    readingOld: "Reading, IMAP",
    fetching: "Fetching, POP3",
    sending: "Sending, SMTP",
    login: "The user name is your whole mail address; the password is that of your account.",
    spam: "Did mail from here bother you? Write to",
  },
  hr: {
    language: "Hrvatski",
    title: "Ovdje poštu nosi Golub",
    lead: "Ovo je poslužitelj elektroničke pošte. Vaš ga program za poštu može koristiti uz postavke navedene u nastavku.",
    settings: "Postavke za vaš program za poštu",
    use: "Za",
    server: "Poslužitelj",
    port: "Priključak",
    security: "Zaštita",
    reading: "Čitanje, IMAP (preporučeno)",
    readingOld: "Čitanje, IMAP",
    fetching: "Preuzimanje, POP3",
    sending: "Slanje, SMTP",
    login: "Korisničko ime je vaša cijela adresa e-pošte, a lozinka je lozinka vašeg računa.",
    spam: "Smeta li vam pošta odavde? Pišite na",
  },
  pl: {
    language: "Polski",
    title: "Pocztę nosi tutaj Golub",
    lead: "To jest serwer poczty. Twój program pocztowy może z niego korzystać z poniższymi ustawieniami.",
    settings: "Ustawienia programu pocztowego",
    use: "Do czego",
    server: "Serwer",
    port: "Port",
    security: "Zabezpieczenie",
    reading: "Czytanie, IMAP (zalecane)",
    readingOld: "Czytanie, IMAP",
    fetching: "Pobieranie, POP3",
    sending: "Wysyłanie, SMTP",
    login: "Nazwą użytkownika jest cały adres e-mail, a hasłem hasło do konta.",
    spam: "Przeszkadza Ci poczta z tego serwera? Napisz na adres",
  },
  bg: {
    language: "Български",
    title: "Тук пощата я носи Golub",
    lead: "Това е пощенски сървър. Вашата програма за поща може да го използва със следните настройки.",
    settings: "Настройки за програмата за поща",
    use: "За",
    server: "Сървър",
    port: "Порт",
    security: "Защита",
    reading: "Четене, IMAP (препоръчително)",
    readingOld: "Четене, IMAP",
    fetching: "Изтегляне, POP3",
    sending: "Изпращане, SMTP",
    login: "Потребителското име е целият ви имейл адрес, а паролата е тази на профила ви.",
    spam: "Безпокои ли ви поща оттук? Пишете на",
  },
  sr: {
    language: "Српски",
    title: "Овде пошту носи Голуб",
    lead: "Ово је сервер електронске поште. Ваш програм за пошту може да га користи уз подешавања која следе.",
    settings: "Подешавања за ваш програм за пошту",
    use: "За",
    server: "Сервер",
    port: "Порт",
    security: "Заштита",
    reading: "Читање, IMAP (препоручено)",
    readingOld: "Читање, IMAP",
    fetching: "Преузимање, POP3",
    sending: "Слање, SMTP",
    login: "Корисничко име је ваша цела адреса е-поште, а лозинка је лозинка вашег налога.",
    spam: "Смета ли вам пошта одавде? Пишите на",
  },
  "sr-latn": {
    language: "Srpski",
    title: "Ovde poštu nosi Golub",
    lead: "Ovo je server elektronske pošte. Vaš program za poštu može da ga koristi uz podešavanja koja slede.",
    settings: "Podešavanja za vaš program za poštu",
    use: "Za",
    server: "Server",
    port: "Port",
    security: "Zaštita",
    reading: "Čitanje, IMAP (preporučeno)",
    readingOld: "Čitanje, IMAP",
    fetching: "Preuzimanje, POP3",
    sending: "Slanje, SMTP",
    login: "Korisničko ime je vaša cela adresa e-pošte, a lozinka je lozinka vašeg naloga.",
    spam: "Smeta li vam pošta odavde? Pišite na",
  },
};

/** Tags of the languages there are, in the order in which the page offers them. */
export const languageTags: readonly string[] = Object.keys(texts);

export function getTexts(tag: string): FrontTexts {
  const found = languageTags.includes(tag) ? texts[tag] : undefined;
  if (found === undefined) throw new Error(`no texts in ${tag}`);
  return found;
}

/** The best of our languages for an Accept-Language header (RFC 9110 §12.5.4); English else. */
export function chooseLanguage(header: string): string {
  const wishes = header
    .slice(0, 500)
    .toLowerCase()
    .split(",")
    .map((part, index) => {
      const [tag = "", quality] = part.trim().split(/\s*;\s*q=/);
      return { tag, weight: quality === undefined ? 1 : Number(quality) || 0, index };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.index - b.index);
  for (const { tag } of wishes) {
    if (tag.startsWith("sr-latn") || tag === "sr-me" || tag === "bs") return "sr-latn";
    const main = tag.split("-")[0] ?? "";
    if (main === "sh") return "sr-latn";
    if (languageTags.includes(main)) return main;
  }
  return "en";
}
