"""The arms of an experiment of tools/reproduce: what is done to its cells, and when. Doses, separated by commas, each with a window or
without one:

  myr_akt: 6                                                            as long as the experiment lasts
  myr_akt: 6, akt_inhibitor: 0.9 @ 48 h ..                              the inhibitor from 48 h on
  akt_inhibitor: 0.9 @ 0 h .. 24 h, val_knockdown: 0.9 @ 24 h .. 72 h   one after the other, both withdrawn
"""
import re
from dataclasses import dataclass

DOSE = re.compile(r"(?P<knob>\w+: [^\s,@]+)(?: *@ *(?P<begin>[\d.]+) h *\.\.(?: *(?P<end>[\d.]+) h)?)?")
ALLOWED = "allowed KNOB: DOSE, KNOB: DOSE @ 48 h .., KNOB: DOSE @ 0 h .. 24 h, separated by commas"


@dataclass(frozen=True)
class Treatment:
    """A perturbation of a scenario."""
    knobs: str
    begin_h: float | None = None   # None: as long as the experiment lasts
    end_h: float | None = None     # None: not withdrawn

    def name(self):
        window = "" if self.begin_h is None else f" from {self.begin_h:g} h" + ("" if self.end_h is None else f" to {self.end_h:g} h")
        return re.sub(r"\W+", "_", self.knobs + window)

    def when(self, genotype):
        """Keys of the perturbation. `genotype`: what has no window is part of the starting state; else it begins at 0 h."""
        if self.begin_h is None:
            return "" if genotype else ", from: 0 h"
        return f", from: {self.begin_h:g} h" + ("" if self.end_h is None else f", until: {self.end_h:g} h")


def name_of(arm):
    """A name for what is done to cells: "myr_akt: 6" -> myr_akt_6."""
    return "_".join(treatment.name() for treatment in treatments_of(arm)) or "untreated"


def doses_of(arm):
    return [part.strip() for part in arm.split(",")] if arm else []


def treatments_of(arm):
    """What an arm has done: doses without a window together, of the others each by itself."""
    lasting, timed = [], []
    for dose in doses_of(arm):
        found = DOSE.fullmatch(dose)
        if found["begin"] is None:
            lasting.append(found["knob"])
        else:
            timed.append(Treatment(found["knob"], float(found["begin"]), float(found["end"]) if found["end"] else None))
    return ([Treatment(", ".join(lasting))] if lasting else []) + timed


def treatments_in(arms):
    """Of several arms, each once."""
    return list(dict.fromkeys(treatment for arm in arms for treatment in treatments_of(arm)))


def wrong_in(arm, hours):
    """`hours`: of the experiment."""
    for dose in doses_of(arm):
        found = DOSE.fullmatch(dose)
        if not found:
            yield f"'{dose}' is no dose ({ALLOWED})"
            continue
        begin, end = (None if found[which] is None else float(found[which]) for which in ("begin", "end"))
        if begin is not None and begin >= hours:
            yield f"'{dose}' begins when the experiment, of {hours} h, is over"
        if end is not None and end <= begin:
            yield f"'{dose}' ends before it begins"
