"""An invented web shop, to show what the ledger makes of its facts."""

from adapters.demo.breaches import PLANTED, Planted
from adapters.demo.life import SHOWN, shop_life

__all__ = ["PLANTED", "SHOWN", "Planted", "shop_life"]
