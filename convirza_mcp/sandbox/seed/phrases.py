"""Phrases of contacts and agents, by language: templates with details in braces, which `messages` fills in."""

from collections.abc import Mapping
from typing import NamedTuple


class Phrases(NamedTuple):
    """Templates for what a contact writes, and for what the business answers."""

    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]


OPT_OUTS = (
    "STOP",
    "Stop",
    "stop texting me",
    "UNSUBSCRIBE",
    "CANCEL",
    "HELP",
    "START",
    "ALTO",
    "STOPALL",
    "Quit please",
)
"""Words that carriers act on, as people really type them."""

SHORTEST = ("K", "?", "1", "Y", "👍", "ok", "no", "Si", "❤️", "👍🏽", "是", "כן", "Yes", "thx", "...")

DECORATIONS = (
    "🙏",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🇺🇸",
    "🇲🇽",
    "🏳️‍🌈",
    "❤️",
    "😅",
    "👩🏾‍🔧",
    "🚗",
    "🏡",
    "🐶",
    "🇧🇷🇵🇹",
    "1️⃣",
    "🎉🎉",
    "👩‍❤️‍👨",
)

PHRASES: Mapping[str, Phrases] = {
    "en": Phrases(
        (
            "Hi, is the {time} slot on the {nth} still open?",
            "Can you call me back at {time}?",
            "How much would it be for {count} of them? I was quoted {price} last year.",
            "I'm still waiting on order {order}, it was due the {nth}.",
            "The tech never showed up. I took the morning off work for this.",
            "I'd like a refund of {price} please, order {order}.",
            "Do you service {street}? We just moved in on the {nth}.",
            "Thanks so much, everyone was great!",
            "Wrong number, sorry",
            "Is this covered under warranty? Serial {order}",
            'My neighbor said to ask for "the {price} special", is that still going?',
            "Running {count} min late, please don't leave!!",
            "Here's the photo you asked for: {link}",
            "Need to reschedule the {nth} to anything after {time}",
            "I was charged twice: {price} on the {nth} and again the day after.",
            "You can reach my husband on his cell, he'll be home from {time}.",
            "Gate code is {count}{count}#, dog is friendly",
            "Any update on {order}??",
        ),
        (
            "Thanks for reaching out! You're booked for the {nth} at {time}.",
            "Your quote is {price}, valid until the {nth}: {link}",
            "We're sorry about the wait. {agent} will call you at {time}.",
            "Order {order} is ready. Reply STOP to opt out.",
            "The technician is on the way and should arrive around {time}.",
            "Your refund of {price} was sent on the {nth}; allow {count} business days.",
            "How did we do? Tell us here: {link} Reply STOP to end.",
        ),
    ),
    "es": Phrases(
        (
            "Hola, ¿todavía tienen cita el {day} a las {time}?",
            "¿Cuánto cuesta? Me dijeron {price}.",
            "Buenos días, mi pedido {order} no ha llegado.",
            "Quiero cancelar la cita del {day}, por favor.",
            "¿Me pueden llamar después de las {time}? Gracias",
            "Muchas gracias, todo quedó muy bien.",
            "Mi señora dice que mañana a las {time} le queda mejor 😅",
        ),
        (
            "¡Gracias por escribirnos! Su cita es el {day} a las {time}.",
            "El precio es {price}: {link}. Responda ALTO para no recibir más.",
        ),
    ),
    "fr": Phrases(
        (
            "Bonjour, avez-vous encore une place le {day} à {time} ?",
            "Je n'ai toujours pas reçu la commande {order}…",
            "C'est bien {price} tout compris ?",
            "Pourriez-vous me rappeler vers {time} ? Merci d'avance",
            "Désolée, j'ai un empêchement le {day}.",
        ),
        ("Votre rendez-vous est confirmé : le {day} à {time}.", "Voici votre devis ({price}) : {link}"),
    ),
    "de": Phrases(
        (
            "Guten Tag, geht der Termin am {day}. um {time} noch?",
            "Die Rechnung {order} über {price} kann so nicht stimmen.",
            "Könnten Sie mich bitte ab {time} zurückrufen?",
            "Wir hätten gern {count} Stück, größere Ausführung.",
            "Vielen Dank, hat alles wunderbar geklappt!",
        ),
        ("Ihr Termin ist am {day}. um {time}.", "Unser Angebot über {price} finden Sie hier: {link}"),
    ),
    "pt": Phrases(
        (
            "Oi, ainda tem horário dia {day} às {time}?",
            "Não recebi o pedido {order}, podem verificar?",
            "Quanto fica? Na última vez paguei {price}.",
            "Obrigada pela atenção, ficou ótimo!",
        ),
        ("Seu horário está confirmado: dia {day} às {time}.", "O orçamento ficou em {price}: {link}"),
    ),
    "he": Phrases(
        (
            "שלום, התור ב-{day} לחודש בשעה {time} עדיין פנוי?",
            "אפשר לקבל הצעת מחיר? אמרו לי {price}",
            "ההזמנה {order} עוד לא הגיעה",
            "תודה רבה, הכול היה מצוין!",
        ),
        ("התור שלך נקבע ל-{day} לחודש בשעה {time}.", "המחיר הוא {price}: {link}"),
    ),
    "ar": Phrases(
        (
            "مرحبا، هل الموعد يوم {day} الساعة {time} متاح؟",
            "لم يصل الطلب {order} حتى الآن",
            "كم السعر؟ قالوا لي {price}",
            "شكرا جزيلا، الخدمة ممتازة",
        ),
        ("تم تأكيد موعدك يوم {day} الساعة {time}.", "عرض السعر {price}: {link}"),
    ),
    "zh": Phrases(
        (
            "你好,{day}号 {time} 还有空位吗?",
            "订单 {order} 还没收到,麻烦查一下。",
            "请问要多少钱?上次是 {price}。",
            "谢谢,服务很好!",
        ),
        ("您的预约已确认:{day}号 {time}。", "报价为 {price}:{link}"),
    ),
    "ja": Phrases(
        (
            "こんにちは。{day}日の{time}はまだ空いていますか?",
            "注文{order}がまだ届いていません。ご確認お願いします。",
            "{time}以降に折り返しお電話いただけますか。",
            "とても助かりました。ありがとうございました!",
        ),
        ("ご予約を承りました。{day}日 {time}にお待ちしております。", "お見積りは{price}です:{link}"),
    ),
    "hi": Phrases(
        (
            "नमस्ते, क्या {day} तारीख को {time} बजे का समय अभी खाली है?",
            "मेरा ऑर्डर {order} अब तक नहीं आया।",
            "कितना खर्च आएगा? पिछली बार {price} था।",
            "बहुत बहुत धन्यवाद!",
        ),
        ("आपका समय {day} तारीख को {time} बजे तय है।", "कुल {price} होगा: {link}"),
    ),
    "ko": Phrases(
        (
            "안녕하세요, {day}일 {time} 예약 아직 가능한가요?",
            "주문 {order} 아직 안 왔어요. 확인 부탁드립니다.",
            "가격이 얼마예요? 지난번엔 {price}였어요.",
            "감사합니다 친절하시네요 ㅎㅎ",
        ),
        ("예약이 확정되었습니다: {day}일 {time}", "견적은 {price}입니다: {link}"),
    ),
}
