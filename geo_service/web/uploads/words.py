"""The words of the pages for uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELDS", "FORM", "JOB", "OUTCOMES", "STATUSES", "STEPS"]

FORM: Mapping[str, Wording] = {
    "title": Wording(en="Send data", ru="Отправить данные", kk="Деректер жіберу"),
    "lead": Wording(
        en="What you send is checked first. Where it has errors nothing is published and a table says where each of them is; "
        "else a new release is made of it, which everybody sees from then on.",
        ru="Отправленное сначала проверяется. Если в нём есть ошибки, ничего не публикуется, а таблица показывает, где каждая из них; "
        "иначе из него создаётся новый выпуск, который с этого времени видят все.",
        kk="Жіберілген деректер алдымен тексеріледі. Қате болса, ештеңе жарияланбайды, ал кесте әр қатенің қайда екенін көрсетеді; "
        "болмаса, олардан жаңа шығарылым жасалып, содан бастап оны бәрі көреді.",
    ),
    "which": Wording(en="What to send", ru="Что отправить", kk="Не жіберу керек"),
    "round": Wording(en="A survey round", ru="Раунд опроса", kk="Сауалнама раунды"),
    "facilities": Wording(en="Facilities of a service", ru="Объекты услуги", kk="Қызмет нысандары"),
    "round_goes_on": Wording(
        en="Facilities and boundaries go on from the current release.",
        ru="Объекты услуг и границы берутся из текущего выпуска.",
        kk="Қызмет нысандары мен шекаралар ағымдағы шығарылымнан алынады.",
    ),
    "facilities_go_on": Wording(
        en="They take the place of all facilities of this service; the round and everything else go on from the current release.",
        ru="Они заменят все объекты этой услуги; раунд и всё остальное берутся из текущего выпуска.",
        kk="Олар осы қызметтің барлық нысанын алмастырады; раунд пен қалғанының бәрі ағымдағы шығарылымнан алынады.",
    ),
    "problem": Wording(en="It was not sent", ru="Отправить не получилось", kk="Жіберу мүмкін болмады"),
    "choose_again": Wording(
        en="A browser forgets the files that were chosen: choose them again.",
        ru="Браузер не помнит выбранные файлы: выберите их снова.",
        kk="Браузер таңдалған файлдарды есте сақтамайды: оларды қайта таңдаңыз.",
    ),
    "in_english": Wording(en="In full:", ru="Подробно, по-английски:", kk="Толығырақ, ағылшынша:"),
    "required": Wording(en="required", ru="обязательно", kk="міндетті"),
    "taken": Wording(
        en="{suffixes}; {size} MB at most",
        ru="{suffixes}; не больше {size} МБ",
        kk="{suffixes}; ең көбі {size} МБ",
    ),
    "more_round": Wording(
        en="Help with matching places (optional)",
        ru="Помощь в сопоставлении мест (необязательно)",
        kk="Жерлерді сәйкестендіруге көмек (міндетті емес)",
    ),
    "more_facilities": Wording(
        en="How to read the file, and whose it is (optional)",
        ru="Как читать файл и чей он (необязательно)",
        kk="Файлды қалай оқу керек және ол кімдікі (міндетті емес)",
    ),
    "check_only": Wording(
        en="Only check it, and publish nothing",
        ru="Только проверить и ничего не публиковать",
        kk="Тек тексеру, ештеңе жарияламау",
    ),
    "choose": Wording(en="Choose…", ru="Выберите…", kk="Таңдаңыз…"),
    "send_round": Wording(en="Send the round", ru="Отправить раунд", kk="Раундты жіберу"),
    "send_facilities": Wording(en="Send the facilities", ru="Отправить объекты", kk="Нысандарды жіберу"),
    "sending": Wording(
        en="Sending. Stay on this page until it changes.",
        ru="Отправка. Не закрывайте страницу, пока она не сменится.",
        kk="Жіберілуде. Бет ауысқанша оны жаппаңыз.",
    ),
}

FIELDS: Mapping[str, Wording] = {
    "files": Wording(
        en="Files of the forms B1 and B2", ru="Файлы форм B1 и B2", kk="B1 және B2 нысандарының файлдары"
    ),
    "number": Wording(en="Number of the round", ru="Номер раунда", kk="Раунд нөмірі"),
    "country": Wording(en="Country", ru="Страна", kk="Ел"),
    "villages": Wording(
        en="Villages that are known, a layer",
        ru="Известные населённые пункты, слой",
        kk="Белгілі елді мекендер, қабат",
    ),
    "crosswalk": Wording(
        en="What a reviewer decided about names, a table",
        ru="Решения проверяющего о названиях, таблица",
        kk="Тексерушінің атаулар туралы шешімдері, кесте",
    ),
    "service": Wording(en="Service", ru="Услуга", kk="Қызмет"),
    "file": Wording(en="Layer or table", ru="Слой или таблица", kk="Қабат немесе кесте"),
    "layer": Wording(
        en="Layer or sheet, of a file that has several",
        ru="Слой или лист, если их в файле несколько",
        kk="Файлда бірнешеу болса, қабат немесе парақ",
    ),
    "crs": Wording(
        en="Reference system, where the file names none, such as EPSG:4326",
        ru="Система координат, если файл её не называет, например EPSG:4326",
        kk="Файлда көрсетілмесе, координаттар жүйесі, мысалы EPSG:4326",
    ),
    "encoding": Wording(
        en="Encoding of a CSV or shapefile, such as cp1251",
        ru="Кодировка CSV или шейп-файла, например cp1251",
        kk="CSV немесе шейп-файл кодтамасы, мысалы cp1251",
    ),
    "lon": Wording(en="Column of longitude", ru="Столбец долготы", kk="Бойлық бағаны"),
    "lat": Wording(en="Column of latitude", ru="Столбец широты", kk="Ендік бағаны"),
    "id": Wording(en="Column of ids", ru="Столбец идентификаторов", kk="Сәйкестендіргіштер бағаны"),
    "name": Wording(en="Column of names", ru="Столбец названий", kk="Атаулар бағаны"),
    "attribution": Wording(
        en="Who must be named where it is used",
        ru="Кого нужно указывать при использовании",
        kk="Пайдаланғанда кімді атау керек",
    ),
    "licence": Wording(
        en="Licence, such as CC-BY-4.0", ru="Лицензия, например CC-BY-4.0", kk="Лицензия, мысалы CC-BY-4.0"
    ),
}

JOB: Mapping[str, Wording] = {
    "title": Wording(
        en="What became of it: {what}",
        ru="Что стало с отправленным: {what}",
        kk="Жіберілгеннің нәтижесі: {what}",
    ),
    "files": Wording(en="Files", ru="Файлы", kk="Файлдар"),
    "status": Wording(en="Status", ru="Состояние", kk="Күйі"),
    "sent": Wording(en="Sent", ru="Отправлено", kk="Жіберілген уақыты"),
    "ended": Wording(en="Ended", ru="Завершено", kk="Аяқталған уақыты"),
    "kind": Wording(en="Kind", ru="Вид", kk="Түрі"),
    "about": Wording(en="About this upload", ru="Об этой отправке", kk="Бұл жіберілім туралы"),
    "check_only": Wording(en="Only a check", ru="Только проверка", kk="Тек тексеру"),
    "release": Wording(en="Release", ru="Выпуск", kk="Шығарылым"),
    "why": Wording(en="Why, in English:", ru="Почему, по-английски:", kk="Себебі, ағылшынша:"),
    "refreshes": Wording(
        en="The page looks again every {seconds} seconds.",
        ru="Страница обновляется каждые {seconds} секунды.",
        kk="Бет әр {seconds} секунд сайын жаңарады.",
    ),
    "stop": Wording(en="Stop that", ru="Остановить обновление", kk="Жаңартуды тоқтату"),
    "look": Wording(en="Look again now", ru="Обновить сейчас", kk="Қазір жаңарту"),
    "progress": Wording(en="At work", ru="В работе", kk="Жұмыс жүріп жатыр"),
    "findings": Wording(en="Findings", ru="Замечания", kk="Ескертулер"),
    "none": Wording(
        en="Nothing is wrong or doubtful.",
        ru="Ничего ошибочного или сомнительного.",
        kk="Қате де, күмәнді де ештеңе жоқ.",
    ),
    "not_yet": Wording(
        en="They come when the work has ended.",
        ru="Они появятся, когда работа завершится.",
        kk="Жұмыс аяқталғанда шығады.",
    ),
    "none_such": Wording(en="None of this kind.", ru="Таких нет.", kk="Мұндайы жоқ."),
    "left_out": Wording(
        en="Not listed, as there are too many: {count}. Mend these first, then send it again.",
        ru="Не показаны, так как их слишком много: {count}. Сначала исправьте эти и отправьте снова.",
        kk="Тым көп болғандықтан көрсетілмегені: {count}. Алдымен осыларды түзетіп, қайта жіберіңіз.",
    ),
    "show": Wording(en="Show", ru="Показать", kk="Көрсету"),
    "all": Wording(en="all: {count}", ru="все: {count}", kk="барлығы: {count}"),
    "errors": Wording(en="errors: {count}", ru="ошибки: {count}", kk="қателер: {count}"),
    "warnings": Wording(en="warnings: {count}", ru="предупреждения: {count}", kk="ескертпелер: {count}"),
    "download": Wording(en="Download as CSV", ru="Скачать как CSV", kk="CSV түрінде жүктеу"),
    "again": Wording(en="Send again", ru="Отправить снова", kk="Қайта жіберу"),
    "more": Wording(en="Send something else", ru="Отправить другое", kk="Басқасын жіберу"),
    "to_release": Wording(en="All releases", ru="Все выпуски", kk="Барлық шығарылым"),
    "to_map": Wording(en="See it on the map", ru="Посмотреть на карте", kk="Картадан көру"),
    "error": Wording(en="error", ru="ошибка", kk="қате"),
    "warning": Wording(en="warning", ru="предупреждение", kk="ескертпе"),
    "severity": Wording(en="Severity", ru="Важность", kk="Маңыздылығы"),
    "code": Wording(en="Code", ru="Код", kk="Коды"),
    "message": Wording(
        en="What is wrong or doubtful", ru="Что не так или сомнительно", kk="Не қате немесе күмәнді"
    ),
    "file": Wording(en="File", ru="Файл", kk="Файл"),
    "layer": Wording(en="Sheet or layer", ru="Лист или слой", kk="Парақ немесе қабат"),
    "row": Wording(en="Row", ru="Строка", kk="Жол"),
    "column": Wording(en="Column", ru="Столбец", kk="Баған"),
    "value": Wording(en="Value", ru="Значение", kk="Мәні"),
    "suggestion": Wording(en="What to do", ru="Что сделать", kk="Не істеу керек"),
    "meanings": Wording(en="What the codes mean", ru="Что означают коды", kk="Кодтар нені білдіреді"),
    "in_english": Wording(
        en="", ru="Эта страница есть только на английском языке.", kk="Бұл бет тек ағылшын тілінде бар."
    ),
}

STATUSES: Mapping[str, Wording] = {
    "waiting": Wording(en="waiting for its turn", ru="ждёт своей очереди", kk="кезегін күтуде"),
    "running": Wording(en="at work", ru="в работе", kk="жұмыс жүріп жатыр"),
    "done": Wording(en="done", ru="готово", kk="дайын"),
    "refused": Wording(en="refused", ru="отклонено", kk="қабылданбады"),
    "failed": Wording(en="failed", ru="не удалось", kk="сәтсіз аяқталды"),
}

OUTCOMES: Mapping[str, Wording] = {
    "published": Wording(
        en="It is published, and is what everybody sees now.",
        ru="Опубликовано; теперь это видят все.",
        kk="Жарияланды; енді мұны бәрі көреді.",
    ),
    "checked": Wording(
        en="It could be published. As you asked, nothing was.",
        ru="Это можно публиковать. Как вы и просили, ничего не опубликовано.",
        kk="Мұны жариялауға болады. Сұрауыңыз бойынша ештеңе жарияланған жоқ.",
    ),
    "refused": Wording(
        en="The data cannot be used as they are, and nothing was published. Mend the errors at their source and send it again.",
        ru="Данные в таком виде использовать нельзя, и ничего не опубликовано. Исправьте ошибки в исходных файлах и отправьте снова.",
        kk="Деректерді бұл күйінде пайдалану мүмкін емес, ештеңе жарияланған жоқ. Қателерді бастапқы файлдарда түзетіп, қайта жіберіңіз.",
    ),
    "failed": Wording(
        en="It did not work, for another reason than the data.",
        ru="Не получилось, и причина не в данных.",
        kk="Сәтсіз аяқталды, себебі деректерде емес.",
    ),
}

STEPS: Mapping[str, Wording] = {
    "waiting for its turn": STATUSES["waiting"],
    "beginning": Wording(en="beginning", ru="начало", kk="басталуда"),
    "reading": Wording(en="reading {what}", ru="чтение: {what}", kk="оқылуда: {what}"),
    "measuring": Wording(en="measuring", ru="измерение расстояний", kk="қашықтықтар өлшенуде"),
    "preparing": Wording(en="preparing the release", ru="подготовка выпуска", kk="шығарылым дайындалуда"),
    "publishing": Wording(en="publishing", ru="публикация", kk="жариялануда"),
}
"""How steps of a job begin, and what they are."""
