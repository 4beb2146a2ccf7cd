"""The rules as CEL expressions over whole fen; what one expression needs of another is written into it.

CEL has no names for intermediate results, so that a program binds each result before it asks for the next.
"""

from __future__ import annotations

CEILING = 1000_0000_00
EXPRESSIONS = {
    "base": f"upstream < {CEILING} ? upstream : {CEILING}",
    "whole": ("location == 'qidong' ? 0 : level == 'national' ? base : level == 'provincial' ? (base + 1) / 2 : 0"),
    "city": (
        "location in ['donghai', 'guanyun', 'guannan', 'qidong'] ? 0 "
        ": level == 'national' ? (base + 1) / 2 : level == 'provincial' ? (base + 2) / 4 : 0"
    ),
    "subsidy": (
        "location == 'ganyu' && performance == 'excellent' && level != 'none' "
        f"? (turnover < {CEILING} ? turnover : {CEILING}) / 10 : 0"
    ),
    "support_max": "whole + subsidy",
    "host_min": "whole - city",
    "host_max": "whole - city + subsidy",
}
WANTED = ("whole", "support_max", "city", "host_min", "host_max")
FACTS = ("location", "level", "upstream", "turnover", "performance")
