"""A stretch of a web shop's life, invented, to show what the ledger does with one."""

from adapters.demo.breaches import PLANTED, Planted
from adapters.demo.life import SHOWN, shop_life

__all__ = ["PLANTED", "SHOWN", "Planted", "shop_life"]
