"""every night → the CLV model of each chain is fitted again, and stored if it differs"""

from functions.members.recalculation.clv_models import fit_models
from shared.spine import entry

handler = entry.timer(fit_models)
