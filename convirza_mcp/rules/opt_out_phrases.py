"""Opt-out phrases, as patterns over folded words: lower case, no accents, no apostrophes, single spaces.

`{NAME}` stands for a part. The keywords are the FCC's (47 CFR 64.1200(a)(10), April 2025), those of large gateways,
and the Spanish, Portuguese and French ones that carriers know. A request names what is to stop: texts, or the list.
"""

import re
from functools import cache

_KEYWORDS = """
    stop stopall end quit cancel unsubscribe unsubscribeme unsub revoke optout optmeout remove removeme td
    replystop textstop
    alto parar pare paren baja darmedebaja dardebaja cancelar detener detenga detengan detenganse anular remover salir
    desuscribir desuscribirme sair descadastrar arret arreter desabonner medesabonner desinscrire medesinscrire
"""

KEYWORDS = frozenset(_KEYWORDS.split())
"""A message that is one of these, spaces and signs aside, is an opt-out to a gateway."""

_PARTS = {
    "POLITE": r"""(please|pls|plz|plse|kindly|thanks|thank (you|u)|thankyou|thx|ty|hi|hello|hey|ok|okay|sorry|sir|maam|
        yes|no (thanks|thank you|gracias)|nope|just|now|so|well|oh|and|but|immediately|asap|already|right|today|again|
        anymore|ever|forever|permanently|completely|guys|everyone|have a (nice|good|great) day|wrong (number|person)|
        (im |i am )?not interested(?! in)|no me interesa|numero equivocado|
        por favor|porfavor|porfa|gracias|hola|ya|merci|svp|obrigad[oa])""",
    # What may stand before a keyword in its clause.
    "LEAD": r"""({POLITE}|i( have)?( already)? (said|replied|texted|sent)|
        i( have)?( already)? (told|asked)( you| u| yall)?( guys)?( to)?|
        (can|could|would|will) (you|u|ya|yall|i|we)( guys)?|(you|u)( guys)? (need to|have to|must|should)|
        (i|we)(d| would)? (want|need|like|wish)( you| u)? to|id like( you)? to|
        for the \w+ time|enough already|let me|reply|how (do|can) (i|we)|how to|im|i am|i)""",
    "KEYWORD": r"""(stop( (it|this|that|all|everything|me|now|stop))*|stopall|quit (it|this|that)|
        unsubscribe( me| all)*|unsub|opt ?(me )?out( all)?|revoke|remove me|
        alto|parar|detener|(quit|saqu|borr|elimin)(en?|a)me|desuscribir(me)?|dar(me)? de baja|arret|arreter)""",
    # Beside a courtesy these may mean an appointment, or an answer: "Cancel, thanks".
    "WEAK": r"""(end|quit|cancel|remove|no more|no texts|
        baja|cancelar|anular|basta( ya)?|(ya )?no mas|pare|paren|sair|salir)""",
    "ME": r"(me|us|this (number|phone|line|cell)|my (number|phone|cell|line)( number)?|here|phone|\d[\d ]*)",
    "MINE": r"my (\w+ )?(name|number|info|information|phone|cell|contact|details|data)( number)?",
    "TEXTS": r"""(texts?|txts?|(text|txt) (messages?|msgs?)|messages?|msgs?|sms|messaging|texting|notifications?|
        alerts?|reminders?|spam|promos?|promotions?|marketing|solicitations?|communications?)""",
    "THE": r"""(((all|any|more)( of)?|these|those|this|that|the|your|ur|my|other|further|future|such|so|many|stupid|
        annoying|damn|fucking|dumb|random|unwanted|automated|text|promotional|marketing|appointment|daily|weekly|
        me|us|to|sending|receiving|getting) ){0,6}""",
    "TEXTING": r"""(te?xt?ing|txtin|textin|messag(e?ing|in)|msging|msgin|contacting|spamming|bothering|harassing|
        annoying|soliciting|emailing|writing( to)?|reaching out( to)?|blowing up)""",
    "STOP": r"(stop|quit|cease|discontinue|stahp)",
    "DO_NOT": r"(do not|dont|never|please not|not to|no longer)",
    "NOT_THEY": r"(?<!you )(?<!they )(?<!\bi )(?<!\bu )",
    "LIST": r"(lists?|databases?|data base|systems?|records|directory|distribution|threads?|groups?|chats?)",
    "OTHER_LIST": r"( \w+){0,2} (wait|waiting|guest|cancellation|standby|price|call ?back) list",
    # A request that covers only a time or a case is none: "do not text me before 9".
    "ALWAYS": r"""(?! (before|after|at(?! (this|my|all|phone))|during|while|until|till|unless|between|too|when|if|im|
        ill|early|late|so (early|late|much|often|many)|on (?!this|my|the number)|in the (morning|middle|evening)|
        to my (?!phone|cell|number)|to (stop|end)\b|for (the|a) ))\b""",
    "AT_END": r"""(?=( from (this|these|here|everything|all|your \w+))?$|
         (or (i|ill|you|else)|and (stop|dont|do not|never|lose|thank)|because|
        i (am|have|already|didnt|did|dont|never)|im not|this is) )""",
    "MENSAJES": r"(mensajes?|mensajitos|textos?|sms|msjs?|notificaciones|alertas|publicidad|promociones|propaganda)",
    "SIEMPRE": r"""(?! (antes|despues|hasta|cuando|mientras|si|en (la|el|horas)|por la|a las|los|el|tan|al))\b""",
    "HINTED": r"((?!me|us)\w+ )?(stop|stopall|end|quit|cancel|unsubscribe|remove|alto|baja|parar|cancelar)",
}

_REQUESTS = r"""
    {STOP}( with)?( the)? (calling (and|or) )?{TEXTING}( (and|or) \w+ing)? {ME}{ALWAYS}
    {STOP} (calling (and|or) )?(te?xt?ing|messag(e?ing|in)|msging|contacting){AT_END}
    {STOP} (sending|blasting|giving|delivering) {THE}({WHAT}|those|stuff|crap|junk|ads?|offers?|coupons?){ALWAYS}
    {STOP} sending {ME}{AT_END}
    (({STOP}|enough)( with| w)?|end|cancel|no more|turn off) {THE}{TEXTS}{ALWAYS}
    (want|need|make|have|get) ({THE}{TEXTS}|it|them|this) (to )?stop{AT_END}
    (appreciate|like|prefer|love)( it)? if (you|u) (stopped|quit) {TEXTING}
    cancel ((my|this|the|all|your) )?subscriptions?( (to|for) {THE}{TEXTS}|$)
    (remove|take|delete|drop|get|erase|pull)( ({ME}|{MINE}))? (off|out|from)( (of|from))*(?!{OTHER_LIST}){FROM_LIST}
    (want|get|take)( me)? off( of)? (your|this|the|ur)(?!{OTHER_LIST})( \w+){0,2} list\b
    (remove|delete|drop|take off) (me|us|{MINE}|this (number|phone)){AT_END}
    (take|get) (me|us|{MINE}|this number) off{AT_END}
    (lose|forget|delete|remove) (my|this) number{AT_END}
    (my|this) (\w+ )?number (to be )?(removed|deleted|taken off)\b
    {DO_NOT} (want|wish|need|like) to be (on|in)(?!{OTHER_LIST})( \w+){0,3} {LIST}\b
    ((?<!to )|(?<=(want|need|like|wish) to ))(unsubscribe|unsub|unsuscribe|unsubcribe){NOT_BY}
    (^|already |i |have )unsubscribed\b
    ^({LEAD} )*(choose to |wish to )?opt(ing)? ((me|us|{MINE}|this number) )?out( (of|from) {THE}{WHAT})?{AT_END}
    (am|im|be|by) opting out\b
    (revok(e|ing)|withdraw(ing)?|rescind)( (my|any|all|prior|express|written))* (consent|permission|authorization)\b
    (no|not|never gave|didnt give|did not give|dont have|do not have)( \w+){0,2} (consent|permission) to {TEXT_ME}
    {NOT_THEY}{DO_NOT} (ever |please |you )*((call|email) (or|and|nor) )?{TEXT}{OR} ({ME}|it$)( back)?{ALWAYS}
    {NOT_THEY}{DO_NOT} (ever )?(text|txt|message|msg|contact)( back)?{AT_END}
    {DO_NOT} (ever )?send( {ME})? (texts|messages|msgs|txts){ALWAYS}
    {DO_NOT} (ever )?(send|give)( {ME})?( (any|more|anymore|these|those|your|further|other|no|nothing|text))+ {SENT}
    ({DO_NOT}|not) (want|wanna|wish|care|need|like|interested in)( (to|re?cei?v(e|ing)|get(ting)?|be|hear|see))* {GOT}
    leave (me|us) (the \w+ )?alone\b
    how (do|can) (i|we) (stop|end|cancel|turn off|get off|get out of) {THE}({TEXTS}|{LIST})\b
    cease and desist\b
    (do not|dont|no) (call|contact|text) (list|registry)\b
    (no|ni) (me|nos) (escrib(a|an|as|is)|contacte[ns]?|moleste[ns]?|texte?i?e[ns]?|mensaje[ae][ns]?){SIEMPRE}
    (no (mand|envi)(e|en|es)|basta de)( mas)? {MENSAJES}{SIEMPRE}
    no (me|nos) (mand|envi|llam)(e|en|es)( (mas|ya|nunca|nada|otr[oa]|est?os|tantos))* ({MENSAJES}|mas|nada){SIEMPRE}
    ((dej|par)(en?|ar?|es)|cesen?) (ya )?de (mand|envi|escrib|contact|molest|text|mensaj|llam)[aei]r{CARGA}
    no (quiero|queremos|deseo|deseamos)( (ya|mas|recibir|[st]us?|estos?|esos|los|ningun))* {MENSAJES}{SIEMPRE}
    no (quiero|queremos|deseo)( recibir)? (mas )?que me (escriban?|manden?|envien?|contacten?|texteen?)\b
    no (quiero|deseo) recibir (mas|nada)$
    ((quit|borr|elimin|sac|retir|remov|remuev)(ar|en|an|e|a)(me|nos|lo)|saquen?(me|nos)){DE_LISTA}
    me (pueden?|puedes|podrian?) (quitar|sacar|borrar|eliminar){DE_LISTA}
    (quit|borr|elimin|sac|remuev|olvid)(ar|en|an|e|a) (de \w+ \w+ )?mi (numero|telefono|contacto|celular){DE_AHI}
    (dar(me|nos)?|den(me|nos)|deme|dame|doy|quiero|deseo|pido) (de |la |mi )*baja{NO_SERVICIO}
    (cancel|anul|termin|elimin|deten)(ar|e|en|o|a)( (la|mi|esta|l[ao]s|estos|sus|todos|el|envio|de))* {SUSCRIPCION}
    no mas ({MENSAJES}|llamadas)\b
    (desuscrib|desinscrib|desubscrib)\w+
    dej(e|en|a)(me|nos) en paz\b
"""
_PARTS |= {
    "FROM_LIST": r"( \w+){0,4} ({LIST}|{TEXTS})(?! (for|on|of|and (add|put)) )\b",
    "NOT_BY": r"(?! (with|send|reply|stop|txt|text|by|at any|option|link|\d))\b",
    "OR": r"( (or|and|nor) \w+)?",
    "WHAT": r"({TEXTS}|{LIST}|these|this|everything|all)",
    "TEXT_ME": r"(text|contact|message|be texted|be contacted)\b",
    "TEXT": r"(text|txt|message|msg|contact|sms|bother|spam|harass|solicit)",
    "SENT": r"({TEXTS}|of (these|this)|stuff|crap|shit|anything|else){ALWAYS}",
    "GOT": r"""{THE}(texts|txts|(text )?messages|msgs|sms|texting|alerts|notifications|promotions|spam|communications?|
        texted|contacted|messaged|bothered|spammed|contact(?= from)|from (you|u)( guys)?){ALWAYS}""",
    "CARGA": r"(me|nos|le)?( (mas|tantos|estos|esos|sus|tus))*( {MENSAJES})?{SIEMPRE}",
    "DE_LISTA": r"( \w+ \w+)? de (la|las|su|sus|esta|tu|el|este) (listas?|base|sistema|grupo)(?! de (espera|inv))\b",
    "DE_AHI": r"( de (su|la|esta|sus) \w+( de datos)?)?$",
    "NO_SERVICIO": r"(?! (de |del |al )?(mi|el|la|un|una) (?!lista|numero|suscripcion))\b",
    "SUSCRIPCION": r"(suscripcion|{MENSAJES})\b",
}

_PATTERNS = {
    # Around a clause with a space at either end.
    "courtesy": r"^( {POLITE})+(?= )|( {POLITE})+ $",
    # Over one clause without those, the first fully.
    "keyword": r"({LEAD} )*{KEYWORD}( ({KEYWORD}|{POLITE}))*",
    "requests": "|".join(rf"\b{line.strip()}" for line in _REQUESTS.strip().splitlines()),
    # Before a request in its clause: words that turn it around or lay it on somebody else.
    "not a request": r"""\b((dont|not|never|cant|cannot|wont|doesnt|isnt|didnt|did|do|why|if|when|until|once|since|
        after|before|him|her|them|he|she|they|who) (\w+ ){0,2}|\A(to|2) |(you|u) (can|may) )\Z""",
    # Over all words of the message.
    "weak": "{WEAK}",
    "calls": r"\b({STOP} calling {ME}|(?<!you ){DO_NOT} call {ME}( (again|anymore|ever|back))+)",
    "texts": r"\b(text|txt|email|message)\b",
    # Over the folded message: "Reply STOP to opt out", as businesses write it.
    "hint": r"""(\b(to|2|para) [^.!?\n]{3,60}?[,:]? ?)?\b(reply|text|txt|send|respond|type|responda|responde|envie|
        envia|escriba)( (with|con|the word|la palabra))? ?["'(*]*{HINTED}\b[^.!?\n]*|
        \b(stop|alto)["')*]*( ?(=|->) ?| ?(to|2|para) ?)\w+""",
}


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of this name; compiled on first use, since few commands need it."""
    return re.compile(_expanded(_PATTERNS[name]))


def _expanded(text: str) -> str:
    one_line = re.sub(r"\|\n *", "|", text)
    return re.sub(r"\{([A-Z_]+)\}", lambda part: _expanded(_PARTS[part[1]]), one_line)
