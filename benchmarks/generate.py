"""A made-up company of any size, written by the database itself: one INSERT … SELECT a table.

Everything follows from the number of orders. Five years, 200 reps in 20 teams of 5 business units, few customers who
order often and many who seldom do, whatever the size; the rest of the data is in proportion.
"""

from collections.abc import Iterator
from datetime import date

REPS, TEAMS, UNITS, PRODUCTS, STAGES, DAYS = 200, 20, 5, 1000, 5, 5 * 365 + 1
_KINDS = (
    "unit", "team", "user", "product", "stage", "customer", "contact", "opportunity", "quote", "quote_line", "visit",
    "report", "interaction", "order", "order_line", "delivery", "invoice", "invoice_line", "payment", "lead", "task",
    "request", "plan", "plan_action", "plan_customer", "target",
)  # fmt: skip

# Of line p of document i: what is sold, how many, at what price and discount.
_QUANTITY = "(1 + (i * 7 + p * 3) % 10)"
_PRICE = "(10 + (i * 31 + p * 17) % 490)::numeric"
_DISCOUNT = "(((i + p) % 5) * 0.02)"
_NET = f"round({_QUANTITY} * {_PRICE} * (1 - {_DISCOUNT}), 2)"
_PRODUCT = f"1 + (i * 13 + p * 7) % {PRODUCTS}"
_LINE = ("product_id, quantity, unit_price, discount_rate, net_amount, base_amount, vat_rate", "position")
_FIRST = "'{Camille,Antoine,Hélène,Léa,Hugo,Inès,Jules,Chloé,Noé,Zoé,Malo,Anaïs,Rémi,Élise,Paul,Maëlle}'::text[]"
_LAST = (
    "'{Morel,Lefèvre,Girard,Bonnet,Dupont,Lambert,Fontaine,Rousseau,Vincent,Muller,Faure,André,Mercier,Blanc,Guérin,"
    "Boyer,Garnier,Chevalier,François,Legrand,Gauthier,Garcia,Perrin,Robin,Clément,Morin,Nicolas,Henry,Roussel}'::text[]"
)
_CITIES = "'{Lyon,Nantes,Lille,Rennes,Dijon,Tours,Metz,Brest,Pau,Nîmes,Angers,Reims}'::text[]"


def key(kind: str, number: str) -> str:
    """The SQL of the id of one record: ascending, as ids made in time are."""
    return f"('{_KINDS.index(kind) + 1:08x}-0000-7000-8000-' || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"


def _pick(words: str, number: str) -> str:
    return f"({words})[1 + ({number}) % array_length({words}, 1)]"


def _lines(count: str) -> str:
    return f"generate_series(1, {count}) p"


_COUNT = "(1 + i % 4)"  # lines of document i, 2.5 on average
_REP = f"1 + c % {REPS}"  # who follows customer c
_WHO = f"{key('user', _REP)}, {key('team', f'1 + ({_REP}) % {TEAMS}')}, {key('unit', f'1 + ({_REP}) % {UNITS}')}"
_TOTAL = f"(SELECT sum({_NET}) FROM {_lines(_COUNT)})"


def statements(orders: int, today: date) -> Iterator[tuple[str, str]]:
    """``(table, statement)`` in an order that respects references. Run them in one session, after ``setseed``."""
    day = f"date '{today.isoformat()}'"
    customers = max(orders // 25, 50)
    yield (
        "settings",
        (
            "INSERT INTO settings (id, company_name, country, region, currency) VALUES"
            f" ({key('unit', '0')}, 'Banc d''essai', 'FR', NULL, 'EUR')"
        ),
    )
    yield from _people()
    yield (
        "products",
        (
            "INSERT INTO products (id, reference, name, family, list_price, cost, vat_rate)"
            f" SELECT {key('product', 'n')}, 'P-' || n, 'Article ' || n, 'Famille ' || n % 20, 10 + n % 490,"
            f" 5 + n % 300, 0.2 FROM generate_series(1, {PRODUCTS}) n"
        ),
    )
    yield (
        "stages",
        (
            f"INSERT INTO stages (id, name, position, probability)"
            f" SELECT {key('stage', 'n')}, 'Étape ' || n, n, n * 0.18"
            f" FROM generate_series(1, {STAGES}) n"
        ),
    )
    yield (
        "customers",
        (
            "INSERT INTO customers (id, external_id, name, siren, sector, city, country, phone, email, owner_id,"
            " customer_class, source, prospect_on, prospect_rep_id, prospect_team_id, prospect_business_unit_id,"
            " credit_limit, verified_on)"
            f" SELECT {key('customer', 'c')}, 'CUS-' || c, {_pick(_LAST, 'c * 7')} || ' ' || {_pick(_CITIES, 'c * 5')}"
            " || ' ' || c, lpad(c::text, 9, '0'), 'Secteur ' || c % 12,"
            f" {_pick(_CITIES, 'c')}, 'FR', '+3361' || lpad(c::text, 7, '0'), 'contact@client' || c || '.example',"
            f" {key('user', _REP)}, (ARRAY['A', 'B', 'C'])[1 + c % 3], 'Salon',"
            f" {day} - (random() * {DAYS})::int, {_WHO}, 50000,"
            f" {day} - (random() * 900)::int FROM generate_series(1, {customers}) c"
        ),
    )
    yield (
        "contacts",
        (
            "INSERT INTO contacts (id, external_id, customer_id, first_name, last_name, job_title, email, phone,"
            " is_decision_maker, created_on, verified_on)"
            f" SELECT {key('contact', 'n')}, 'CON-' || n, {key('customer', f'1 + n % {customers}')},"
            f" {_pick(_FIRST, 'n')}, {_pick(_LAST, 'n * 3')} || '-' || {_pick(_LAST, 'n / 29')},"
            f" CASE WHEN n % 5 > 0 THEN 'Acheteur' END,"
            f" 'p' || n || '@client.example', '+3362' || lpad(n::text, 7, '0'), n % 4 = 0, {day} - (n % {DAYS})::int,"
            f" {day} - (n % 900)::int FROM generate_series(1, {max(orders // 5, 100)}) n"
        ),
    )
    yield from _pipeline(orders, customers, day)
    yield from _field(orders, customers, day)
    yield from _sales(orders, customers, day)
    yield from _plans(customers, today)


def _people() -> Iterator[tuple[str, str]]:
    yield (
        "business_units",
        (
            f"INSERT INTO business_units (id, name) SELECT {key('unit', 'n')}, 'Unité ' || n"
            f" FROM generate_series(1, {UNITS}) n"
        ),
    )
    yield (
        "teams",
        (
            f"INSERT INTO teams (id, name, business_unit_id) SELECT {key('team', 'n')}, 'Équipe ' || n,"
            f" {key('unit', f'1 + (n - 1) % {UNITS}')} FROM generate_series(1, {TEAMS}) n"
        ),
    )
    yield (
        "users",
        (
            "INSERT INTO users (id, email, name, role, team_id)"
            f" SELECT {key('user', 'n')}, 'rep' || n || '@bench.example',"
            f" {_pick(_FIRST, 'n')} || ' ' || {_pick(_LAST, 'n')},"
            f" 'rep', {key('team', f'1 + n % {TEAMS}')} FROM generate_series(1, {REPS}) n UNION ALL"
            f" SELECT {key('user', '1000')}, 'director@bench.example', 'Direction', 'director', NULL UNION ALL"
            f" SELECT {key('user', '1001')}, 'admin@bench.example', 'Administration', 'admin', NULL"
        ),
    )


def _pipeline(orders: int, customers: int, day: str) -> Iterator[tuple[str, str]]:
    status = "CASE WHEN i % 10 < 2 THEN 'open' WHEN i % 10 < 6 THEN 'won' ELSE 'lost' END"
    yield (
        "opportunities",
        (
            "INSERT INTO opportunities (id, external_id, name, customer_id, owner_id, stage_id, status, opened_on,"
            " closed_on, budget, currency, expected_signature_on, needs, source)"
            f" SELECT {key('opportunity', 'i')}, 'OPP-' || i, 'Affaire ' || i, {key('customer', 'c')},"
            f" {key('user', _REP)}, {key('stage', f'1 + i % {STAGES}')}, {status}, {day} - ago - 60,"
            f" CASE WHEN i % 10 >= 2 THEN {day} - ago END, 1000 + i % 50000, 'EUR',"
            f" {day} - 60 + i % 180, 'Besoin', 'Salon' FROM (SELECT i, 1 + (i * 17) % {customers} AS c,"
            f" i * 11 % {DAYS} AS ago"
            f" FROM generate_series(1, {max(orders // 10, 50)}) i) x"
        ),
    )
    quotes = max(orders // 5, 50)
    decided = "CASE WHEN i % 20 = 0 THEN 'sent' WHEN i % 20 < 11 THEN 'accepted' ELSE 'refused' END"
    yield (
        "quotes",
        (
            "INSERT INTO quotes (id, external_id, number, customer_id, owner_id, status,"
            " sent_on, expires_on, decided_on, currency, net_amount, base_amount)"
            f" SELECT {key('quote', 'i')}, 'QUO-' || i, 'D-' || i, {key('customer', 'c')}, {key('user', _REP)},"
            f" {decided}, {day} - ago, {day} - ago + 30,"
            f" CASE WHEN i % 20 > 0 THEN {day} - greatest(ago - 10, 0) END, 'EUR',"
            f" {_TOTAL}, {_TOTAL} FROM (SELECT i, 1 + (i * 19) % {customers} AS c,"
            f" CASE WHEN i % 20 = 0 THEN i % 40 ELSE i * 7 % {DAYS} END AS ago FROM generate_series(1, {quotes}) i) x"
        ),
    )
    yield "quote_lines", _insert_lines("quote_lines", "quote", "quote_id", "", "", f"generate_series(1, {quotes}) i")


def _insert_lines(table: str, kind: str, parent: str, columns: str, values: str, source: str) -> str:
    parts, position = _LINE
    return (
        f"INSERT INTO {table} (id, {parent}, {parts}, {position}{columns})"
        f" SELECT {key(f'{kind}_line', 'i * 4 + p')}, {key(kind, 'i')}, {key('product', _PRODUCT)}, {_QUANTITY},"
        f" {_PRICE}, {_DISCOUNT}, {_NET}, {_NET}, 0.2, p{values} FROM {source}, {_lines(_COUNT)}"
    )


def _field(orders: int, customers: int, day: str) -> Iterator[tuple[str, str]]:
    visits, held = max(orders // 5, 50), "i % 20 > 0"
    yield (
        "visits",
        (
            "INSERT INTO visits (id, external_id, customer_id, owner_id, rep_id, team_id, business_unit_id, status,"
            " planned_on, first_planned_on, held_on)"
            f" SELECT {key('visit', 'i')}, 'VIS-' || i, {key('customer', 'c')}, {key('user', _REP)}, {_WHO},"
            f" CASE WHEN {held} THEN 'held' ELSE 'planned' END, {day} - ago, {day} - ago,"
            f" CASE WHEN {held} THEN {day} - ago END FROM (SELECT i, 1 + (i * 23) % {customers} AS c,"
            f" CASE WHEN {held} THEN i * 13 % {DAYS} ELSE i / 20 % 60 - 40 END AS ago"
            f" FROM generate_series(1, {visits}) i) x"
        ),
    )
    yield (
        "visit_reports",
        (
            "INSERT INTO visit_reports (id, external_id, visit_id, status, submitted_at, summary, customer_words)"
            f" SELECT {key('report', 'i')}, 'REP-' || i, {key('visit', 'i')}, 'submitted', now(),"
            f" 'Compte rendu', 'Ses mots' FROM generate_series(1, {visits}) i WHERE {held} AND i % 7 > 0"
        ),
    )
    yield (
        "interactions",
        (
            "INSERT INTO interactions (id, external_id, customer_id, owner_id, kind, occurred_on)"
            f" SELECT {key('interaction', 'i')}, 'INT-' || i, {key('customer', 'c')}, {key('user', _REP)}, 'call',"
            f" {day} - (i * 29 % {DAYS})::int FROM (SELECT i, 1 + (i * 31) % {customers} AS c"
            f" FROM generate_series(1, {max(orders // 5, 50)}) i) x"
        ),
    )
    yield (
        "leads",
        (
            "INSERT INTO leads (id, external_id, company_name, contact_name, source, product_id, owner_id,"
            " rep_id, team_id, business_unit_id, status, created_on, qualified_on)"
            f" SELECT {key('lead', 'c')}, 'LEA-' || c, 'Prospect ' || c, {_pick(_LAST, 'c')}, 'Web',"
            f" {key('product', f'1 + c % {PRODUCTS}')}, {key('user', _REP)}, {_WHO}, 'qualified',"
            f" {day} - (c * 3 % {DAYS})::int - 5, {day} - (c * 3 % {DAYS})::int"
            f" FROM generate_series(1, {max(orders // 10, 50)}) c"
        ),
    )
    yield (
        "tasks",
        (
            "INSERT INTO tasks (id, external_id, title, owner_id, customer_id, status, due_on, done_on)"
            f" SELECT {key('task', 'c')}, 'TSK-' || c, 'Rappeler ' || c, {key('user', _REP)}, {key('customer', 'c')},"
            f" CASE WHEN c % 20 = 0 THEN 'open' ELSE 'done' END, {day} - (c % {DAYS})::int,"
            f" CASE WHEN c % 20 > 0 THEN {day} - (c % {DAYS})::int END FROM generate_series(1, {customers}) c"
        ),
    )


def _sales(orders: int, customers: int, day: str) -> Iterator[tuple[str, str]]:
    # Customer 1 orders most; half of the customers share a fifth of the orders.
    drawn = (
        f"SELECT i, 1 + floor({customers} * power(random(), 3))::bigint AS c, (random() * {DAYS - 1})::int AS ago,"
        f" CASE WHEN i % 100 = 0 THEN 'draft' WHEN i % 100 < 4 THEN 'cancelled' WHEN i % 100 = 4 THEN 'closed'"
        f" ELSE 'confirmed' END AS status FROM generate_series(1, {orders}) i"
    )
    yield (
        "orders",
        (
            "INSERT INTO orders (id, external_id, number, customer_id, rep_id, team_id, business_unit_id, status,"
            " confirmed_on, promised_on, cancelled_on, closed_on, currency, net_amount, base_amount)"
            f" SELECT {key('order', 'i')}, 'ORD-' || i, 'C-' || i, {key('customer', 'c')}, {_WHO}, status,"
            f" CASE WHEN status <> 'draft' THEN {day} - ago END, {day} - ago + 12,"
            f" CASE WHEN status = 'cancelled' THEN {day} - greatest(ago - 5, 0) END,"
            f" CASE WHEN status = 'closed' THEN {day} - greatest(ago - 20, 0) END, 'EUR', {_TOTAL}, {_TOTAL}"
            f" FROM ({drawn}) x"
        ),
    )
    yield "order_lines", _insert_lines(
        "order_lines", "order", "order_id", ", list_price, unit_cost", f", {_PRICE}, {_PRICE} * 0.6",
        f"generate_series(1, {orders}) i",
    )  # fmt: skip
    # What follows reads what the order's day came to be by chance.
    number = "('x' || right(o.id::text, 12))::bit(48)::bigint AS i"
    yield (
        "deliveries",
        (
            "INSERT INTO deliveries (id, external_id, order_line_id, delivered_on, quantity)"
            f" SELECT {key('delivery', 'i * 4 + p')}, 'DEL-' || i * 4 + p, {key('order_line', 'i * 4 + p')},"
            f" on_day + 10, CASE WHEN i % 50 = 0 THEN 1 ELSE {_QUANTITY} END"
            f" FROM (SELECT {number}, o.confirmed_on AS on_day FROM orders o"
            f" WHERE o.status IN ('confirmed', 'closed') AND o.confirmed_on <= {day} - 10) x, {_lines(_COUNT)}"
        ),
    )
    yield (
        "invoices",
        (
            "INSERT INTO invoices (id, external_id, number, customer_id, order_id, rep_id, team_id, business_unit_id,"
            " issued_on, due_on, currency, net_amount, base_amount, tax_amount, gross_amount, base_gross_amount)"
            f" SELECT {key('invoice', 'i')}, 'INV-' || i, 'F-' || i, customer_id, order_id, rep_id, team_id,"
            " business_unit_id, on_day + 15, on_day + 45, 'EUR', net, net, round(net * 0.2, 2), round(net * 1.2, 2),"
            f" round(net * 1.2, 2) FROM (SELECT {number}, o.id AS order_id, o.confirmed_on AS on_day,"
            " o.base_amount AS net, o.customer_id, o.rep_id, o.team_id, o.business_unit_id FROM orders o"
            f" WHERE o.status IN ('confirmed', 'closed') AND o.confirmed_on <= {day} - 15) x"
        ),
    )
    source = f"(SELECT {number} FROM invoices o) x"
    yield (
        "invoice_lines",
        _insert_lines(
            "invoice_lines", "invoice", "invoice_id", ", order_line_id", f", {key('order_line', 'i * 4 + p')}", source
        ),
    )
    yield (
        "payments",
        (
            "INSERT INTO payments (id, external_id, invoice_id, paid_on, amount, base_amount)"
            f" SELECT {key('payment', 'i')}, 'PAY-' || i, {key('invoice', 'i')}, due_on, gross, gross FROM (SELECT"
            f" {number}, o.due_on, o.gross_amount AS gross FROM invoices o WHERE o.due_on <= {day}) x"
            " WHERE i % 200 <> 7"
        ),
    )


def _plans(customers: int, today: date) -> Iterator[tuple[str, str]]:
    year = f"date '{today.year}-01-01'"
    yield (
        "action_plans",
        (
            "INSERT INTO action_plans (id, name, owner_id, starts_on, ends_on, revenue_target)"
            f" SELECT {key('plan', 'n')}, 'Plan ' || n, {key('user', 'n')}, {year}, {year} + 364, 100000"
            f" FROM generate_series(1, {REPS}) n"
        ),
    )
    yield (
        "plan_customers",
        (
            f"INSERT INTO plan_customers (id, action_plan_id, customer_id) SELECT {key('plan_customer', 'n')},"
            f" {key('plan', 'n')}, {key('customer', f'1 + n % {customers}')} FROM generate_series(1, {REPS}) n"
        ),
    )
    yield (
        "targets",
        (
            "INSERT INTO targets (id, kpi, scope_kind, scope_id, starts_on, ends_on, value)"
            f" SELECT {key('target', 'n * 20 + m')}, 'ordered_amount', 'rep', {key('user', 'n')},"
            f" ({year} + make_interval(months => m))::date, ({year} + make_interval(months => m + 1))::date, 50000"
            f" FROM generate_series(1, {REPS}) n, generate_series(0, 11) m"
        ),
    )
