"""The labels and sentences of the planner's page; long words in narrow places have soft hyphens."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LABELS"]

_ROWS: tuple[tuple[str, str, str, str], ...] = (
    # The head of the page
    ("skip", "To the answer", "К ответу", "Жауапқа өту"),
    ("sign_in", "Sign in", "Войти", "Кіру"),
    ("questions", "Questions", "Вопросы", "Сұрақтар"),
    ("ask_access", "Access to services", "Доступ к услугам", "Қызметтерге қолжетімділік"),
    ("ask_mobility", "Population groups", "Группы населения", "Халық топтары"),
    ("round_of", "Round {number}, {country}", "Раунд {number}, {country}", "{number}-раунд, {country}"),
    ("no_round", "Of no survey round", "Без раунда обследования", "Зерттеу раундынсыз"),
    ("collected", "collected {days}", "сбор данных: {days}", "деректер жиналған кезең: {days}"),
    # The form
    ("form", "Your question", "Ваш вопрос", "Сұрағыңыз"),
    ("service", "Service", "Услуга", "Қызмет"),
    ("basis", "Basis", "Основа", "Негізі"),
    ("distance", "Which communities", "Какие сообщества", "Қандай қауымдас\u00adтықтар"),
    ("group", "Population group", "Группа населения", "Халық тобы"),
    ("adm", "Region or district", "Область или район", "Облыс немесе аудан"),
    ("by", "Totals by", "Итоги по", "Қорытынды бөлінісі"),
    ("by_region", "Region", "Областям", "Облыстар бойынша"),
    ("by_district", "District", "Районам", "Аудандар бойынша"),
    ("round", "Round", "Раунд", "Раунд"),
    ("round_current", "{number} (current)", "{number} (текущий)", "{number} (ағымдағы)"),
    ("everywhere", "Whole country", "Вся страна", "Бүкіл ел"),
    ("whole_region", "{name}, all of it", "{name}, целиком", "{name}, толығымен"),
    ("other_units", "Other districts", "Другие районы", "Басқа аудандар"),
    ("units_chosen", "Several units: {codes}", "Несколько территорий: {codes}", "Бірнеше аумақ: {codes}"),
    ("option_without", "without service", "где услуги нет", "қызметі жоқ"),
    ("option_beyond", "farther than {km} km", "дальше {km} км", "{km} км-ден алыс"),
    ("basis_short_reported", "Reported", "По сообщениям", "Хабарланған"),
    ("basis_short_measured", "Measured", "Измерено", "Өлшенген"),
    ("not_there", "{name} (not in this round)", "{name} (нет в этом раунде)", "{name} (бұл раундта жоқ)"),
    ("show", "Show", "Показать", "Көрсету"),
    ("reset", "Start again", "Начать заново", "Қайтадан бастау"),
    # The answer
    (
        "found_without",
        "{found} of {total} communities are without {service}; {households} of {all_households} households live there ({share}).",
        "Без {service}: {found} из {total} сообществ; в них {households} из {all_households} домохозяйств ({share}).",
        "{service} жоқ қауымдастықтар: {total} ішінен {found}. Олардағы үй шаруашылықтары: {all_households} ішінен {households} ({share}).",
    ),
    (
        "found_beyond",
        "{found} of {total} communities are farther than {km} km from {service}; {households} of {all_households} households live there ({share}).",
        "Дальше {km} км от {service}: {found} из {total} сообществ; в них {households} из {all_households} домохозяйств ({share}).",
        "{service} {km} км-ден алыс қауымдастықтар: {total} ішінен {found}. Олардағы үй шаруашылықтары: {all_households} ішінен {households} ({share}).",
    ),
    # Cards: the number in its line, and under it what is counted
    ("card_communities", "{number} of {total}\ncommunities", "{number} из {total}\nсообществ", "{total} ішінен {number}\nқауымдастық"),
    ("card_households", "{number} of {total}\nhouseholds", "{number} из {total}\nдомохозяйств", "{total} ішінен {number}\nүй шаруашылығы"),
    ("card_share", "{number}\nof all households", "{number}\nвсех домохозяйств", "{number}\nүй шаруашылықтарының үлесі"),
    ("card_individuals", "{number}\npeople", "{number}\nчеловек", "{number}\nадам"),
    (
        "card_present",
        "{number} of {total}\ncommunities where the group lives",
        "{number} из {total}\nсообществ, где есть группа",
        "{total} ішінен {number}\nтоп тұратын қауымдастық",
    ),
    (
        "found_group",
        "{individuals} people, in {villages_present} of {villages} communities.",
        "Человек: {individuals}. Сообщества, где есть группа: {villages_present} из {villages}.",
        "Адам саны: {individuals}. Топ тұратын қауымдастықтар: {villages} ішінен {villages_present}.",
    ),
    ("unknown", "Communities of which it is not known: {count}.", "Неизвестно о сообществах: {count}.", "Белгісіз қауымдастықтар: {count}."),
    (
        "uncounted",
        "Households were not counted in {count} of the communities found.",
        "Из найденных сообществ без числа домохозяйств: {count}.",
        "Табылған қауымдастықтар ішінде үй шаруашылықтарының саны белгісізі: {count}.",
    ),
    (
        "households_hidden",
        "Some numbers of households are not shown, to protect small groups of people.",
        "Часть чисел домохозяйств не показана, чтобы защитить малые группы людей.",
        "Адамдардың шағын топтарын қорғау үшін үй шаруашылықтары сандарының бір бөлігі көрсетілмейді.",
    ),
    (
        "people_hidden",
        "Some numbers are not shown, to protect small groups of people.",
        "Часть чисел не показана, чтобы защитить малые группы людей.",
        "Адамдардың шағын топтарын қорғау үшін сандардың бір бөлігі көрсетілмейді.",
    ),
    (
        "households_not_known",
        "How many households live there is not published; signed-in users see it.",
        "Сколько там домохозяйств, не публикуется; это видят пользователи, выполнившие вход.",
        "Онда қанша үй шаруашылығы бар екені жарияланбайды; оны жүйеге кірген пайдаланушылар көреді.",
    ),
    (
        "basis_reported",
        "Basis: reported by key informants, not measured.",
        "Основа: по словам ключевых информаторов, не измерено.",
        "Негізі: негізгі ақпарат берушілердің айтуынша, өлшенбеген.",
    ),
    (
        "basis_measured",
        "Basis: measured in a straight line from facility layers; not by road, not reported.",
        "Основа: измерено по прямой по слоям объектов; не по дорогам и не по сообщениям.",
        "Негізі: нысандар қабаттары бойынша түзу сызықпен өлшенген; жолмен емес, хабарланған емес.",
    ),
    (
        "basis_group",
        "Basis: numbers reported by key informants in the communities that were assessed.",
        "Основа: численность по словам ключевых информаторов в обследованных сообществах.",
        "Негізі: зерттелген қауымдастықтардағы негізгі ақпарат берушілер айтқан сандар.",
    ),
    # The map
    ("map", "Map", "Карта", "Карта"),
    ("map_alt", "Map: {title}. {found} The tables on this page have the same numbers.", "Карта: {title}. {found} В таблицах на странице те же числа.", "Карта: {title}. {found} Беттегі кестелерде сол сандар бар."),
    ("map_loading", "The map is being drawn…", "Карта загружается…", "Карта жүктелуде…"),
    ("map_failed", "The map could not be loaded. The tables have the same numbers.", "Карту не удалось загрузить. В таблицах те же числа.", "Картаны жүктеу мүмкін болмады. Кестелерде сол сандар бар."),
    ("map_open", "Open the map on its own", "Открыть карту отдельно", "Картаны бөлек ашу"),
    ("map_help", "Choose a row to find it on the map, or a place on the map to find its row.", "Выберите строку, чтобы найти место на карте, или место на карте, чтобы найти строку.", "Картадан табу үшін жолды, ал жолды табу үшін картадағы орынды таңдаңыз."),
    # Communities
    ("communities", "Communities", "Сообщества", "Қауымдастықтар"),
    ("search", "Search by name", "Поиск по названию", "Атауы бойынша іздеу"),
    ("find", "Find", "Найти", "Іздеу"),
    ("clear", "Clear the search", "Сбросить поиск", "Іздеуді тазалау"),
    ("rows_shown", "{first}–{last} of {total}", "{first}–{last} из {total}", "{total} ішінен {first}–{last}"),
    ("rows_none", "No community fits the question.", "Подходящих сообществ нет.", "Сұраққа сай қауымдастық жоқ."),
    ("rows_not_named", "No community found here has “{q}” in its name.", "Среди найденных нет сообщества с «{q}» в названии.", "Табылғандардың ішінде атауында «{q}» бар қауымдастық жоқ."),
    ("rows_named", "With “{q}” in the name: {count}.", "С «{q}» в названии: {count}.", "Атауында «{q}» бар: {count}."),
    ("pages", "Pages of the table", "Страницы таблицы", "Кесте беттері"),
    ("previous", "Previous", "Назад", "Алдыңғы"),
    ("next", "Next", "Далее", "Келесі"),
    ("page_of", "Page {page} of {pages}", "Страница {page} из {pages}", "{pages} беттің {page}-беті"),
    ("show_all", "Show all {count}", "Показать все: {count}", "Барлығын көрсету: {count}"),
    ("show_most", "Show the first {count}", "Показать первые: {count}", "Алғашқыларын көрсету: {count}"),
    ("show_pages", "Show by pages", "Показать по страницам", "Беттермен көрсету"),
    ("name", "Community", "Сообще\u00adство", "Қауым\u00adдастық"),
    ("region", "Region", "Область", "Облыс"),
    ("district", "District", "Район", "Аудан"),
    ("households", "Households", "Домо\u00adхозяйства", "Үй шаруа\u00adшылықтары"),
    ("band", "Nearest, reported", "Расстоя\u00adние, по сообще\u00adниям", "Ең жақыны, хабар\u00adланған"),
    ("km", "Nearest, measured, km", "Расстоя\u00adние по прямой, км", "Ең жақыны, түзу сызықпен, км"),
    ("facility", "Nearest facility, measured", "Ближай\u00adший объект, по прямой", "Ең жақын нысан, түзу сызықпен"),
    ("sorted_up", "sorted, ascending", "по возрастанию", "өсу ретімен"),
    ("sorted_down", "sorted, descending", "по убыванию", "кему ретімен"),
    ("not_known", "not known", "неизвестно", "белгісіз"),
    ("villages_closed_title", "Which communities these are", "Какие это сообщества", "Бұл қандай қауымдастықтар"),
    (
        "villages_closed",
        "Single communities are shown to signed-in analysts and editors only, since small numbers can tell who people are. Everybody sees the totals by region and district.",
        "Отдельные сообщества показаны только аналитикам и редакторам, выполнившим вход: по малым числам можно узнать людей. Итоги по областям и районам видны всем.",
        "Жеке қауымдастықтар тек жүйеге кірген талдаушылар мен редакторларға көрсетіледі: шағын сандар бойынша адамдарды тануға болады. Облыстар мен аудандар бойынша қорытындыны барлығы көреді.",
    ),
    ("ask_for_token", "Those who run this service can give you access.", "Доступ могут дать те, кто ведёт этот сервис.", "Рұқсатты осы сервисті жүргізетіндер бере алады."),
    # Totals
    ("totals_region", "Totals by region", "Итоги по областям", "Облыстар бойынша қорытынды"),
    ("totals_district", "Totals by district", "Итоги по районам", "Аудандар бойынша қорытынды"),
    ("unit", "Unit", "Территория", "Аумақ"),
    ("no_unit", "In no unit", "Вне территорий", "Аумақтардан тыс"),
    ("villages", "Communities", "Сообщества", "Қауымдастықтар"),
    ("villages_without", "without it", "без услуги", "қызметі жоқ"),
    ("villages_beyond", "farther than {km} km", "дальше {km} км", "{km} км-ден алыс"),
    ("villages_unknown", "not known", "неизвестно", "белгісіз"),
    ("households_without", "Households there", "Домохозяйств в них", "Олардағы үй шаруашылықтары"),
    ("share", "Share of households", "Доля домохозяйств", "Үй шаруашылықтарының үлесі"),
    ("hidden", "hidden", "скрыто", "жасырылған"),
    ("whole", "Together", "Всего", "Барлығы"),
    ("totals_none", "There are no totals by this unit.", "Итогов по этим территориям нет.", "Бұл аумақтар бойынша қорытынды жоқ."),
    ("individuals", "People", "Человек", "Адам саны"),
    ("share_of_group", "Share of the group", "Доля группы", "Топтағы үлесі"),
    ("per_1000", "Per 1,000 inhabitants", "На 1000 жителей", "1000 тұрғынға"),
    ("per_km2", "Per km²", "На 1 км²", "1 км²-ге"),
    ("quotient", "Location quotient", "Коэффициент локализации", "Локализация коэффициенті"),
    # Downloads
    ("take", "Take it with you", "Забрать с собой", "Өзіңізбен алыңыз"),
    ("download_communities", "These communities", "Эти сообщества", "Осы қауымдастықтар"),
    ("download_totals", "These totals", "Эти итоги", "Осы қорытынды"),
    ("download_map", "This map", "Эта карта", "Осы карта"),
    ("download_report", "The report of the round", "Отчёт о раунде", "Раунд туралы есеп"),
    ("map_file", "The HTML file works without internet, in a report or an e-mail.", "HTML-файл работает без интернета: для отчёта или письма.", "HTML файл интернетсіз жұмыс істейді: есепке немесе хатқа."),
    ("link", "Link to this page", "Ссылка на эту страницу", "Осы беттің сілтемесі"),
    ("embed", "Code to put the map into a website", "Код, чтобы вставить карту на сайт", "Картаны сайтқа қою коды"),
    ("embed_note", "Whoever is not signed in sees the map of the public there.", "Кто не выполнил вход, увидит там карту для всех.", "Жүйеге кірмегендер онда жалпыға ортақ картаны көреді."),
    ("copy", "Copy", "Копировать", "Көшіру"),
    ("copied", "Copied.", "Скопировано.", "Көшірілді."),
    ("copy_by_hand", "Press Ctrl+C to copy.", "Нажмите Ctrl+C, чтобы скопировать.", "Көшіру үшін Ctrl+C басыңыз."),
    ("print", "Print", "Печать", "Басып шығару"),
    # About
    ("about", "About these numbers", "Об этих данных", "Бұл деректер туралы"),
    ("about_rule", "What counts", "Что учитывается", "Не есептеледі"),
    ("about_hidden", "What is hidden", "Что скрыто", "Не жасырылған"),
    ("about_notes", "Notes", "Примечания", "Ескертпелер"),
    ("about_sources", "Sources and licences", "Источники и лицензии", "Дереккөздер мен лицензиялар"),
    ("about_release", "Release", "Выпуск", "Шығарылым"),
    ("about_api", "For programs", "Для программ", "Бағдарламалар үшін"),
    ("api_docs", "the same numbers by API", "те же данные через API", "сол деректер API арқылы"),
    ("answer_of", "The answer has changed: {title}.", "Ответ изменился: {title}.", "Жауап өзгерді: {title}."),
    # When something is wrong
    ("wrong", "This question cannot be answered", "На этот вопрос нет ответа", "Бұл сұраққа жауап жоқ"),
    ("wrong_parameter", "Check “{name}” in the address: {detail}.", "Проверьте «{name}» в адресе: {detail}.", "Мекенжайдағы «{name}» мәнін тексеріңіз: {detail}."),
    ("wrong_allowed", "Possible: {values}.", "Возможные значения: {values}.", "Мүмкін мәндер: {values}."),
    ("begin_again", "Start with the first question", "Начать с первого вопроса", "Бірінші сұрақтан бастау"),
    ("empty", "There is nothing to show yet", "Пока показывать нечего", "Әзірге көрсететін ештеңе жоқ"),
    (
        "empty_what",
        "No round has been published here. An editor can upload one, or publish it with the command below; this page then shows it by itself.",
        "Здесь ещё не опубликован ни один раунд. Редактор может загрузить его или опубликовать командой ниже; затем он появится на этой странице.",
        "Мұнда әлі бірде-бір раунд жарияланбаған. Редактор оны жүктей алады немесе төмендегі командамен жариялай алады; содан кейін ол осы бетте көрінеді.",
    ),
    ("broken", "The page cannot be shown now", "Страницу сейчас нельзя показать", "Бетті қазір көрсету мүмкін емес"),
    ("broken_what", "Try again in a moment. If that does not help, tell those who run the service.", "Повторите через минуту. Если не поможет, сообщите тем, кто ведёт сервис.", "Біраздан соң қайталап көріңіз. Көмектеспесе, сервисті жүргізетіндерге хабарлаңыз."),
)  # fmt: skip

LABELS: Mapping[str, Wording] = MappingProxyType(
    {name: Wording(en=en, ru=ru, kk=kk) for name, en, ru, kk in _ROWS}
)
"""By name; those with `{places}` are sentences to be filled in."""
