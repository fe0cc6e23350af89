//! Names of months and days in the languages that formats can ask for: `[$-407]mmmm`, `[$-fr-FR]dddd`.
//!
//! Source: Unicode CLDR, Gregorian calendar, as Windows abbreviates them.

/// The names a language has.
#[derive(Debug, PartialEq)]
pub(super) struct Language {
    tag: &'static str,
    /// The part of a Windows locale's number that stands for the language.
    number: u32,
    /// January to December, Monday to Sunday.
    names: &'static str,
    /// The same, short.
    short: &'static str,
}

pub(super) const ENGLISH: Language = Language {
    tag: "en",
    number: 0x09,
    names: "January February March April May June July August September October November December \
            Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    short: "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun",
};

static OTHERS: [Language; 6] = [
    Language {
        tag: "de",
        number: 0x07,
        names: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember \
                Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        short: "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez Mo Di Mi Do Fr Sa So",
    },
    Language {
        tag: "fr",
        number: 0x0c,
        names: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre \
                lundi mardi mercredi jeudi vendredi samedi dimanche",
        short: "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc. lun. mar. mer. jeu. ven. sam. dim.",
    },
    Language {
        tag: "es",
        number: 0x0a,
        names: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre \
                lunes martes miércoles jueves viernes sábado domingo",
        short: "ene feb mar abr may jun jul ago sep oct nov dic lun mar mié jue vie sáb dom",
    },
    Language {
        tag: "it",
        number: 0x10,
        names: "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre \
                lunedì martedì mercoledì giovedì venerdì sabato domenica",
        short: "gen feb mar apr mag giu lug ago set ott nov dic lun mar mer gio ven sab dom",
    },
    Language {
        tag: "nl",
        number: 0x13,
        names: "januari februari maart april mei juni juli augustus september oktober november december \
                maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
        short: "jan feb mrt apr mei jun jul aug sep okt nov dec ma di wo do vr za zo",
    },
    Language {
        tag: "pt",
        number: 0x16,
        names: "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro \
                segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
        short: "jan fev mar abr mai jun jul ago set out nov dez seg ter qua qui sex sáb dom",
    },
];

impl Language {
    /// The language of a locale's tag (`de-DE`) or number in Windows (`407`); `None` for English and those not known.
    pub(super) fn of(locale: &str) -> Option<&'static Self> {
        let tag = locale.split('-').next().unwrap_or(locale);
        let number = u32::from_str_radix(locale, 16).map(|number| number & 0x3ff);
        OTHERS.iter().find(|it| it.tag.eq_ignore_ascii_case(tag) || number == Ok(it.number))
    }

    /// A month from 1 on.
    pub(super) fn month(&self, month: u32, is_short: bool) -> &'static str {
        self.name(month as usize - 1, is_short)
    }

    /// A day, Monday being 0.
    pub(super) fn day(&self, weekday: usize, is_short: bool) -> &'static str {
        self.name(12 + weekday, is_short)
    }

    fn name(&self, place: usize, is_short: bool) -> &'static str {
        let names = if is_short { self.short } else { self.names };
        names.split(' ').nth(place).unwrap_or_default()
    }
}
